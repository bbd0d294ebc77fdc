# A whole job with two instances, in the background: found again, listed, stopped.
job "web" {
  type = "service"

  group "front" {
    count = 2

    task "server" {
      driver = "exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo instance ${NOMAD_ALLOC_INDEX}; exec sleep 1000"]
      }

      resources {
        memory = 64
      }
    }
  }
}

## run nook$CONFIG run --detach $FILE
## check test "$(systemctl list-units --plain --no-legend 'nook-web:front:server:*' | grep -c running)" = 2
## check nook ps --no-legend | grep -c server | grep -qx 2
## check test "$(systemctl show -P MemoryMax nook-web:front:server:0.service)" = 67108864
## check test -z "$(pgrep -x nook)"
## check nook logs web | grep -q 'instance 1$'
## check nook status web
## check nook stop web
## check test -z "$(systemctl list-units --plain --no-legend 'nook-web:*')"
## check nook gc
## cleanup nook stop web; nook gc
