# The same command where the operator has not listed its folder: the refusal names path and entry.
task "dashboard" {
  driver = "exec"

  config {
    ## error 15 Command not found: command '/vagrant/apps/bin/dashboard': '/vagrant' is not in the task's root; the host has it: add "/vagrant" = "/vagrant" to chroot_env.
    command = "/vagrant/apps/bin/dashboard"
  }
}

## setup mkdir -p /vagrant/apps/bin && printf '#!/bin/sh\necho dashboard\n' >/vagrant/apps/bin/dashboard && chmod 755 /vagrant/apps/bin/dashboard
## exit 127
## cleanup rm -rf /vagrant
