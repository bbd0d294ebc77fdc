# Directives that would open the walls, each with the line by which an operator could allow it.
task "opens" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  unit {
    ## error 5 Directive not allowed: ExecStartPre= can open the task's walls; the operator allows it by adding to /etc/nook:
    ExecStartPre   = "+/bin/touch /root/here"
    ## error 5 Directive not allowed: LoadCredential= can open the task's walls; the operator allows it by adding to /etc/nook:
    LoadCredential = "k:/etc/shadow"
    ## error 5 Directive not allowed: StandardOutput= with this value opens a wall; the operator allows it by adding to /etc/nook:
    StandardOutput = "file:/etc/passwd"
    ## error 5 Directive not allowed: ProtectSystem= with this value opens a wall; the operator allows it by adding to /etc/nook:
    ProtectSystem  = false
    Nice           = 5
    ## error 5 Unknown directive: systemd has no directive "Nicee" that nook knows. Did you mean "Nice"?
    Nicee          = 5
  }
}

## exit 125
