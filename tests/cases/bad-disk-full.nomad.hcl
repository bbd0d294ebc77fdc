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
## err nook: artifact 'http://127.0.0.1:8000/big.bin': store it: No space left on device
## check test -z "$(find /srv/small -mindepth 3)"
## cleanup umount /srv/small && rmdir /srv/small
