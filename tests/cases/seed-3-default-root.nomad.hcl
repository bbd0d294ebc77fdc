# Without a chroot_env the default list makes the root: read-only, and nothing else of the host in it.
task "look" {
  driver = "exec"

  config {
    command = "/bin/sh"
    args    = ["-c", <<-EOT
      ls -A /
      ls -A /home /root /var 2>&1
      echo "lib: $(ls -A /var/lib 2>&1)"
      for path in /etc/new /usr/bin/new /new /home/new /root/new /var/new /run/new /etc/hostname; do
        (echo x >"$path") 2>/dev/null && echo "could write $path"
      done
      rm -f /etc/hostname 2>/dev/null && echo "could remove /etc/hostname"
      id -u
      touch /local/mine /alloc/data/ours /tmp/temporary && echo "could write its own"
    EOT
    ]
  }
}

## setup mkdir -p /root/secret /home/alice && echo private >/root/secret/file && sha256sum /etc/hostname /etc/passwd >$DIR/sums
## no-out /could write \//
## no-out /could remove/
## no-out /alice|private|systemd/
## no-out 0
## out could write its own
## out alloc
## out local
## out secrets
## out usr
## no-out /^(srv|boot|opt|mnt|media|lost.found)$/
## check sha256sum --quiet -c $DIR/sums
## check ! ls /etc/new /usr/bin/new /new 2>/dev/null
## cleanup rm -rf /root/secret
