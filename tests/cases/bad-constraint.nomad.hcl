# A constraint that does not hold on this host.
task "elsewhere" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  ## error 3 Constraint not satisfied: This host does not satisfy ${attr.kernel.name} = windows: ${attr.kernel.name} is "linux".
  constraint {
    attribute = "${attr.kernel.name}"
    value     = "windows"
  }
}

## exit 125
