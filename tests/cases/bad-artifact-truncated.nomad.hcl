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
## err nook: artifact 'http://127.0.0.1:8000/truncated/consumer.zip': 4 attempts: the body is truncated after 292 bytes (transfer closed with 292 bytes remaining to read)
