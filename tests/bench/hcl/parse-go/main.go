// SPDX-License-Identifier: LGPL-2.1-or-later

// Command parse-go is parse.c over HashiCorp's library: it parses a file and prints "SECONDS PEAK_KB".
package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// usage returns the CPU seconds of the process and the most memory that it had, in KB.
func usage() (float64, int64) {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime), u.Maxrss
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	start, _ := usage()
	_, diags := hclsyntax.ParseConfig(text, os.Args[1], hcl.Pos{Line: 1, Column: 1})
	end, peak := usage()
	fmt.Printf("%f %d\n", end-start, peak)
	if diags.HasErrors() {
		panic(diags.Error())
	}
}
