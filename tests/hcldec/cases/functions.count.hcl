a = [twice(), total()]
x = "hi"
y = 5
