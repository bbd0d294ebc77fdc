# A constraint that does not hold on this host.
task "elsewhere" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "windows"
  }
}

## exit 125
