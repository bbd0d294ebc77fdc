# A server that is not there.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    ## error 14 /^Download failed: artifact 'http:..127.0.0.1:9.file': 4 attempts: .*connect/
    source = "http://127.0.0.1:9/file"
  }
}

## exit 125
