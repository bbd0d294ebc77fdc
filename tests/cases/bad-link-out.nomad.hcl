# A command behind a link that leads out of what the task sees.
task "link" {
  driver = "exec"

  config {
    ## error 15 Command not found: command '/usr/local/bin/out': '/srv/outside/true' is not in the task's root ('/usr/local/bin/out' leads there by a link); the host has it: add "/srv/outside" = "/srv/outside" to chroot_env.
    command = "/usr/local/bin/out"
  }
}

## setup mkdir -p /srv/outside && cp /bin/true /srv/outside/true && ln -s /srv/outside/true /usr/local/bin/out
## exit 127
## cleanup rm -r /usr/local/bin/out /srv/outside
