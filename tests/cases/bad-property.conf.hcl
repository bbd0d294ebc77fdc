plugin "exec" {
  config {
    allow_directives = ["LogNamespace"]
  }
}
