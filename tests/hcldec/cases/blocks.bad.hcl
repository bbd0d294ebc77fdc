l = []

one {
}
one {
  a = "x"
}
item {}
item {}
item {}
item {}
named "k" "a" {}
named "k" "a" {}
named "k" {
}
