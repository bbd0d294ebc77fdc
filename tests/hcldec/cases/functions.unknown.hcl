a = nosuch(1)
x = "hi"
y = 5
