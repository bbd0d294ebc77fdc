# A key that nobody knows, with what was probably meant.
task "typo" {
  driver = "exec"

  config {
    ## error 5 Unsupported argument: The driver "exec" has no option "comand". Did you mean "command"?
    comand = "/bin/true"
    command = "/bin/true"
  }

  ## error 3 Unsupported block type: Blocks of type "recources" are not expected here. Did you mean "resources"?
  recources {
    memory = 64
  }
}

## exit 125
