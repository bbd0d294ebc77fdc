// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"regexp"
	"strings"
)

// A rule names a difference that is meant to be there, and tells its cases.
type rule struct {
	reason string
	holds  func(d difference) bool
}

// rules is the whole list; a difference that no rule explains fails the run.
var rules = []rule{
	{
		"`&&` and `||`: in newer versions of HCL than the one compared with, either side may decide alone",
		func(d difference) bool {
			return mentions(d, "&&", "||") && (failed(d.theirs) && !failed(d.ours) || mentions(d, "try(", "can("))
		},
	},
	{
		"contains() of an untyped null: an unknown value or an error by the version of go-cty; here an error",
		func(d difference) bool {
			return mentions(d, "contains(") && (strings.Contains(d.theirs, `"unknown":true`) ||
				strings.Contains(d.theirs, "argument must not be null") || strings.Contains(d.ours, "argument must not be null"))
		},
	},
	{
		"cidrsubnet() by a negative number of bits, and cidrhost() in an IPv4 network mapped into IPv6: go-cidr yields an address outside of the network",
		func(d difference) bool { return mentions(d, "cidrsubnet(", "cidrhost(") && !failed(d.theirs) },
	},
	{
		"go-cty before 1.13: element() refuses a negative index, and times of RFC 3339 are read less strictly",
		func(d difference) bool {
			return mentions(d, "element(") && (strings.Contains(d.theirs, "with a negative index") ||
				mentions(d, "try(", "can(")) ||
				mentions(d, "formatdate(", "timeadd(") && looseTime.MatchString(d.text)
		},
	},
	{
		"a function of something unknown has the function's type in HCL, none here: as an `if` clause, a number is refused even where nothing is iterated",
		func(d difference) bool {
			return strings.Contains(d.theirs, "Invalid 'for' condition") && !failed(d.ours)
		},
	},
	{
		"calls of functions in namespaces are newer than the HCL compared with",
		func(d difference) bool { return mentions(d, "::") && failed(d.theirs) },
	},
	{
		"a function of go-cty that ends in a panic",
		func(d difference) bool { return strings.Contains(d.theirs, "panic in function implementation") },
	},
	{
		"the layout of `1 . 2`, an index of 1: hclfmt makes a number of it",
		func(d difference) bool { return d.kind == "format" && numberDotNumber.MatchString(d.text) },
	},
	{
		"jsondecode() of a text with a further ] or } behind the value: Go's reader does not see it",
		func(d difference) bool { return mentions(d, "jsondecode(") && !failed(d.theirs) && failed(d.ours) },
	},
}

// looseTime are times with a short hour, a comma or an offset of 24 hours.
var looseTime = regexp.MustCompile(`T\d:|:\d\d,|[+-]24:`)

var numberDotNumber = regexp.MustCompile(`\d\s+\.\s*\d|\d\s*\.\s+\d`)

// knownRule returns the reason of the first rule that holds for the difference, or "".
func knownRule(d difference) string {
	for _, r := range rules {
		if r.holds(d) {
			return r.reason
		}
	}
	return ""
}

func mentions(d difference, words ...string) bool {
	for _, word := range words {
		if strings.Contains(d.text, word) {
			return true
		}
	}
	return false
}

func failed(answer string) bool {
	return strings.HasPrefix(answer, `{"error"`)
}
