# Several mistakes are all told in one run.
job "several" {
  ## error 3 Unsupported argument: An argument named "typo" is not expected here. Did you mean "type"?
  typo = 1

  group "g" {
    ## error 13 Unsuitable value: "count" must be a whole number, but this is the string "many".
    count = "many"

    task "t" {
      ## error 16 Unsupported by nook: nook has no driver "exek"; its drivers are exec and raw_exec.
      driver = "exek"

      config {
        command = "/bin/true"
      }

      env {
        ## error 19 Call to unknown function: There is no function named "unknown_function".
        HOST = "${unknown_function()}"
      }

      ## error 7 Unsupported by nook: nook cannot honour "vault", and without it the task would be another one.
      vault {
        policies = ["x"]
      }
    }
  }
}

## exit 125
