# A body in chunks that ends in the middle of them.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    ## error 14 /^Download failed: artifact '.*': 4 attempts: the body is truncated after 292 bytes /
    source = "http://127.0.0.1:8000/broken/consumer.zip"
  }
}

## exit 125
