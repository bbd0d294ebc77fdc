# A program that root may run and the task's user may not.
task "modes" {
  driver = "exec"

  config {
    command = "/usr/local/bin/for-root"
  }
}

## setup install -m 0700 /bin/true /usr/local/bin/for-root
## exit 126
## cleanup rm /usr/local/bin/for-root
