client {
  chroot_env {
    "/bin"        = "/bin"
    "/lib"        = "/lib"
    "/lib64"      = "/lib64"
    "/usr"        = "/usr"
    "/opt/absent" = "/opt/absent"
  }
}
