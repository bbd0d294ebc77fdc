# A body that ends before its length.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    ## error 14 /^Download failed: artifact '.*': 4 attempts: the body is truncated after 292 bytes /
    source = "http://127.0.0.1:8000/truncated/consumer.zip"
  }
}

## exit 125
