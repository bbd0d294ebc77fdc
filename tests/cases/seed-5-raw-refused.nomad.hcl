# raw_exec has no walls, so the operator has to allow it; the refusal says how.
task "raw" {
  ## error 12 Driver not enabled: raw_exec runs without any wall; the operator allows it by adding to /etc/nook:
  driver = "raw_exec"

  config {
    command = "/bin/sh"
    args    = ["-c", "id -u"]
  }
}

## exit 125
## no-out /./
## err /plugin "raw_exec"/
## err /enabled = true/
