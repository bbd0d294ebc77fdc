l      = "3"
second = 2

one {
  a = ["x", 1]
}

item {
  v = 1
}
item {
  v = "1"
}
named "k" "a" {
  v = true
}
named "k" "b" {
  v = "false"
}
named "q" "a" {
}
