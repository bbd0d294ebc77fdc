# A body that ends before its length.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:8000/truncated/consumer.zip"
  }
}

## exit 125
