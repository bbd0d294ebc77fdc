# A JVM, by its Debian alternatives link: collector and compiler threads, files, and some arithmetic.
task "java" {
  driver = "exec"

  config {
    command = "/usr/bin/java"
    args = ["-Xmx64m", "-m", "java.base/sun.security.tools.keytool.Main", "-genkeypair", "-v",
      "-keystore", "local/store", "-storepass", "changeit", "-keyalg", "RSA", "-dname", "CN=nook", "-alias", "nook"]
  }
}

## variant java
## err /Generating .*RSA key pair/
## err /\[Storing local.store\]/
