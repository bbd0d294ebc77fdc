# Several mistakes are all told in one run.
job "several" {
  typo = 1

  group "g" {
    count = "many"

    task "t" {
      driver = "exek"

      config {
        command = "/bin/true"
      }

      env {
        HOST = "${unknown_function()}"
      }

      vault {
        policies = ["x"]
      }
    }
  }
}

## exit 125
