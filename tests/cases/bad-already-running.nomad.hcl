# The same job twice: refused, unless it is to be replaced.
task "twice" {
  driver = "exec"

  config {
    command = "/bin/sleep"
    args    = ["1000"]
  }
}

## run nook$CONFIG run --detach $FILE
## run nook$CONFIG run --detach $FILE
## exit 125
## err nook: Job 'twice' is already running (nook-twice.service): stop it with 'nook stop twice', or use --replace
## check test "$(systemctl is-active nook-twice.service)" = active
## check a=$(systemctl show -P InvocationID nook-twice.service); nook run --detach --replace $FILE && test "$(systemctl show -P InvocationID nook-twice.service)" != "$a"
## check nook stop twice
## cleanup nook stop twice; nook gc
