# A program that root may run and the task's user may not.
task "modes" {
  driver = "exec"

  config {
    ## error 15 Command not executable: command '/usr/local/bin/for-root': '/usr/local/bin/for-root' is not executable for the task's user (a dynamic one) (mode 0700, uid 0, gid 0).
    command = "/usr/local/bin/for-root"
  }
}

## setup install -m 0700 /bin/true /usr/local/bin/for-root
## exit 126
## cleanup rm /usr/local/bin/for-root
