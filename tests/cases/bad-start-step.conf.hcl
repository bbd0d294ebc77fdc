plugin "exec" {
  config {
    allow_directives = ["LoadCredential"]
  }
}
