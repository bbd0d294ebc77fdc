a = [twice(n), total(1, 2, 3), i]
x = "hi"
y = 5

blk {
  s = "p"
}

blk {
  s = "q"
}
