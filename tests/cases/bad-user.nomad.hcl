# A user that this host does not have; and root, whom the operator has not allowed.
group "users" {
  task "nobody-here" {
    driver = "exec"
    ## error 14 Unknown user: There is no user "no-such-user" on this host.
    user   = "no-such-user"

    config {
      command = "/bin/true"
    }
  }

  task "root" {
    driver = "exec"
    ## error 14 User not allowed: User "root" is in user.denylist; the operator may set client { options = { "user.denylist" = "" } } in /etc/nook.
    user   = "root"

    config {
      command = "/bin/true"
    }
  }
}

## exit 125
