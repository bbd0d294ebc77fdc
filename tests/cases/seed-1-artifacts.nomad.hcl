# A python program and its data come as two artifacts: a zip, and a tar.gz with links inside. The server
# answers in chunks and says no length.
task "consumer" {
  driver = "exec"

  config {
    command = "/usr/bin/python3"
    args    = ["local/consumer.py"]
  }

  artifact {
    source      = "http://127.0.0.1:8000/consumer.zip"
    destination = "local"
  }

  artifact {
    source      = "http://127.0.0.1:8000/data.tar.gz"
    destination = "local/"
  }
}

## out hello True /
## out link numbers.txt True
## out sum 42
## no-out to stderr
## err to stderr
## check journalctl -q -o cat --since "$SINCE" NOOK_TASK=consumer | grep -qx 'sum 42'
## check journalctl -q -o cat --since "$SINCE" -u nook-consumer.service | grep -qx 'to stderr'
