# A script whose interpreter is not in the root.
task "script" {
  driver = "exec"

  config {
    ## error 15 Command not executable: command '/usr/local/bin/script': '/usr/local/bin/script' needs '/opt/perl/bin/perl': '/opt' is not in the task's root.
    command = "/usr/local/bin/script"
  }
}

## setup printf '#!/opt/perl/bin/perl -w\nprint 1;\n' >/usr/local/bin/script && chmod 755 /usr/local/bin/script
## exit 126
## cleanup rm /usr/local/bin/script
