# The operator lists what tasks see: an application's own folder among it.
task "dashboard" {
  driver = "exec"

  config {
    command = "/vagrant/apps/bin/dashboard"
    args    = ["status"]
  }
}

## setup mkdir -p /vagrant/apps/bin && printf '#!/bin/sh\necho dashboard $1 $0; ls /etc\n' >/vagrant/apps/bin/dashboard && chmod 755 /vagrant/apps/bin/dashboard
## run nook$CONFIG run $FILE
## out dashboard status /vagrant/apps/bin/dashboard
## cleanup rm -rf /vagrant
