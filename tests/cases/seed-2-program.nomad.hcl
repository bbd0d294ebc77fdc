# A compiled program from a zip: executable after staging, run from /local, its exit status passed on.
task "program" {
  driver = "exec"

  config {
    command = "local/consumer"
  }

  artifact {
    source = "http://127.0.0.1:8000/program.zip"
  }
}

## exit 3
## out consumer /local/consumer root=0 words=0
