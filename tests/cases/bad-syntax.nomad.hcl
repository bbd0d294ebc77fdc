# Not HCL at all, in the middle of it.
task "syntax" {
  driver = "exec"

  config {
    ## error 25 Invalid multi-line string: Quoted strings may not be split over several lines. Write \n for a newline, or use the heredoc syntax for a text of several lines.
    command = "/bin/true
  }
}

## exit 125
