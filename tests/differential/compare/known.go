// SPDX-License-Identifier: LGPL-2.1-or-later

package main

// A rule names a difference that is meant to be there, and tells its cases.
type rule struct {
	reason string
	holds  func(d difference) bool
}

// rules is the whole list; a difference that no rule explains fails the run.
var rules = []rule{}

// knownRule returns the reason of the first rule that holds for the difference, or "".
func knownRule(d difference) string {
	for _, r := range rules {
		if r.holds(d) {
			return r.reason
		}
	}
	return ""
}
