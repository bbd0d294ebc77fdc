plugin "raw_exec" {
  config {
    enabled = true
  }
}
