# A command that is not in the task's root.
task "missing" {
  driver = "exec"

  config {
    command = "no-such-program"
  }
}

## exit 127
## err nook: command 'no-such-program' is not in the task's root (looked for /local/no-such-program, /no-such-program, /usr/local/bin/no-such-program, /usr/bin/no-such-program, /bin/no-such-program)
