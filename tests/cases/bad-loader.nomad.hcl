# A program whose loader is not in the root: the kernel would only say "No such file or directory".
task "loader" {
  driver = "exec"

  config {
    ## error 15 Command not executable: command '/usr/local/bin/strange': '/usr/local/bin/strange' needs '/lib64/ld-linux-x86-64.so.9': '/usr/lib64/ld-linux-x86-64.so.9' is not in the task's root.
    command = "/usr/local/bin/strange"
  }
}

## setup sed 's|/lib64/ld-linux-x86-64.so.2|/lib64/ld-linux-x86-64.so.9|' /bin/true >/usr/local/bin/strange && chmod 755 /usr/local/bin/strange
## exit 126
## cleanup rm /usr/local/bin/strange
