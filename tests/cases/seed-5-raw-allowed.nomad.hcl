# With the operator's word raw_exec runs as it does in Nomad: as root, on the host itself.
task "raw" {
  driver = "raw_exec"

  config {
    command = "/bin/sh"
    args    = ["-c", "id -u; test -d /root && ls -d /srv/nook; grep NoNewPrivs /proc/self/status; exit 4"]
  }
}

## exit 4
## out 0
## out /srv/nook
## out /NoNewPrivs:\s0/
