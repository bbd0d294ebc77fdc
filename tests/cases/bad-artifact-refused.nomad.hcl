# A server that is not there.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:9/file"
  }
}

## exit 125
## err nook: artifact 'http://127.0.0.1:9/file': 4 attempts: Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server
