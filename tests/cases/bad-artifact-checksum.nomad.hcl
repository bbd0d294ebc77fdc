# A file with another checksum than the job says.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:8000/plain.txt"

    options {
      checksum = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    }
  }
}

## exit 125
