# Directives that would open the walls, each with the line by which an operator could allow it.
task "opens" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  unit {
    ExecStartPre   = "+/bin/touch /root/here"
    LoadCredential = "k:/etc/shadow"
    StandardOutput = "file:/etc/passwd"
    ProtectSystem  = false
    Nice           = 5
    Nicee          = 5
  }
}

## exit 125
