# A shell with pipes, a subshell, a here-document and background jobs.
task "shell" {
  driver = "exec"

  config {
    command = "/bin/sh"
    args = ["-c", <<-EOT
      sleep 0.1 & wait $! && echo waited
      printf '3\n1\n2\n' | sort | paste -sd' '
      cat <<END
      from $(basename "$(readlink /proc/self/exe)")
      END
      trap 'echo stopped; exit 0' TERM
      kill -TERM $$
    EOT
    ]
  }
}

## out waited
## out 1 2 3
## out from readlink
## out stopped
