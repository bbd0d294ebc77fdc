# A user that this host does not have; and root, whom the operator has not allowed.
group "users" {
  task "nobody-here" {
    driver = "exec"
    user   = "no-such-user"

    config {
      command = "/bin/true"
    }
  }

  task "root" {
    driver = "exec"
    user   = "root"

    config {
      command = "/bin/true"
    }
  }
}

## exit 125
