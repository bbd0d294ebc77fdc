x = "hi"
