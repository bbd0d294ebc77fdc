# A file with another checksum than the job says.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    ## error 14 Wrong checksum: artifact 'http://127.0.0.1:8000/plain.txt': its checksum is sha256:dacf36547c7774a0a170806363b5d412991fbc0d6260b2c00b1d3a80a816c23f, but must be sha256:0000000000000000000000000000000000000000000000000000000000000000.
    source = "http://127.0.0.1:8000/plain.txt"

    options {
      checksum = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    }
  }
}

## exit 125
