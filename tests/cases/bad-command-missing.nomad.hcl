# A command that is not in the task's root.
task "missing" {
  driver = "exec"

  config {
    ## error 15 Command not found: command 'no-such-program' is not in the task's root (looked for /local/no-such-program, /no-such-program, /usr/local/bin/no-such-program, /usr/bin/no-such-program, /bin/no-such-program).
    command = "no-such-program"
  }
}

## exit 127
