# The task's environment: its own, Nomad's names, nothing of who started it.
task "env" {
  driver = "exec"

  config {
    command = "/usr/bin/env"
  }

  env {
    GREETING = "two  blanks, \"quotes\", $dollar, 100%"
    ODD      = "a\tb\\c"
    TASK     = "${NOMAD_TASK_NAME}"
  }
}

## run OF_THE_CALLER=leaked nook$CONFIG run $FILE
## out GREETING=two  blanks, "quotes", $dollar, 100%
## out ODD=a	b\c
## out TASK=env
## out NOMAD_TASK_NAME=env
## out NOMAD_GROUP_NAME=env
## out NOMAD_JOB_NAME=env
## out NOMAD_ALLOC_DIR=/alloc
## out NOMAD_TASK_DIR=/local
## out NOMAD_SECRETS_DIR=/secrets
## out /^NOMAD_ALLOC_ID=[0-9a-f]{8}-/
## no-out /OF_THE_CALLER/
