# The disk is full while an artifact arrives.
task "full" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:8000/big.bin"
  }
}

## setup mkdir -p /srv/small && mount -t tmpfs -o size=2m tmpfs /srv/small
## exit 125
## check test -z "$(find /srv/small -mindepth 2)"
## cleanup umount /srv/small && rmdir /srv/small
