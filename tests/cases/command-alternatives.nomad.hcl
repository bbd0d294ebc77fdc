# A command behind a link through /etc/alternatives works as on the host.
task "alternatives" {
  driver = "exec"

  config {
    command = "/usr/local/bin/java"
    args    = ["-c", "echo through $0"]
  }
}

## setup ln -s /bin/sh /etc/alternatives/java-test && ln -s /etc/alternatives/java-test /usr/local/bin/java
## out through /usr/local/bin/java
## cleanup rm /etc/alternatives/java-test /usr/local/bin/java
