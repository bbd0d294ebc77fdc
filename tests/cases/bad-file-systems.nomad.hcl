# A wall that the manager would leave out without a word: this kernel has no BPF security module.
task "walled" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  unit {
    RestrictFileSystems = ["ext4", "tmpfs"]
  }
}

## exit 125
## err nook: a wall of this job needs what is not there: the BPF security module
