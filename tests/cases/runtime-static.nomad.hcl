# A static program: needs no loader and no library of the root.
task "static" {
  driver = "exec"

  config {
    command = "/usr/libexec/nook-tests/hello-static"
    args    = ["5", "there"]
  }
}

## exit 5
## out hello there
