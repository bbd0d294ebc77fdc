// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
		"an expression that fails where it does not count (an arm not chosen, a side that does not decide) still has a type in HCL; here it has none",
		func(d difference) bool { return mentions(d, "?", "&&", "||", "try(", "if") && failsInside(d) },
	},
	{
		"pow() of a fraction: Go's exp() and the C library's differ in the last digits; and Go prints a power of two with a digit less than reads back",
		func(d difference) bool { return mentions(d, "pow(") && (nearlySame(d) || nearlySameText(d)) },
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
		"go-cty before 1.13: element() refuses a negative index, range() a step of 0 only where it counts, and times of RFC 3339 are read less strictly",
		func(d difference) bool {
			return mentions(d, "element(", "range(") && (strings.Contains(d.theirs, "with a negative index") ||
				strings.Contains(d.ours, "step must not be zero") || mentions(d, "try(", "can(")) ||
				mentions(d, "formatdate(", "timeadd(") && looseTime.MatchString(d.text)
		},
	},
	{
		"white space behind a lone $ or % in a template: HCL's scanner takes the two for a piece of their own, which `~` does not reach",
		func(d difference) bool { return loneMark.MatchString(d.text) && mentions(d, "~") },
	},
	{
		"HCL before 2.15: the type of an `if` clause is checked even where nothing is iterated",
		func(d difference) bool {
			return strings.Contains(d.theirs, "Invalid 'for' condition") && !failed(d.ours)
		},
	},
	{
		"a NUL character in the name of an attribute: our types end the name there, the values do not",
		func(d difference) bool { return mentions(d, "\\u0000") && strings.Contains(d.theirs, "\\u0000") },
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
		"an empty list converts to a list of any other element type here",
		func(d difference) bool { return strings.Contains(d.theirs, "element type") && !failed(d.ours) },
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

var loneMark = regexp.MustCompile(`[$%](\\?[rnt]|\s)`)

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

// failsInside tells whether an operand or arm somewhere in the case fails by itself.
func failsInside(d difference) bool {
	var root hclsyntax.Node
	var diags hcl.Diagnostics
	start := hcl.Pos{Line: 1, Column: 1}
	switch d.kind {
	case "expr":
		root, diags = hclsyntax.ParseExpression([]byte(d.text), "case", start)
	case "template":
		root, diags = hclsyntax.ParseTemplate([]byte(d.text), "case", start)
	case "body", "dynamic":
		var file *hcl.File
		file, diags = hclsyntax.ParseConfig([]byte(d.text), "case", start)
		root = file.Body.(*hclsyntax.Body)
	default:
		return true // JSON: the expressions stand in strings
	}
	if diags.HasErrors() {
		return false
	}
	found := false
	hclsyntax.VisitAll(root, func(node hclsyntax.Node) hcl.Diagnostics {
		var parts []hclsyntax.Expression
		switch e := node.(type) {
		case *hclsyntax.ConditionalExpr:
			parts = []hclsyntax.Expression{e.Condition, e.TrueResult, e.FalseResult}
		case *hclsyntax.BinaryOpExpr:
			parts = []hclsyntax.Expression{e.LHS, e.RHS}
		}
		for _, part := range parts {
			if _, diags := part.Value(context); diags.HasErrors() {
				found = true
			}
		}
		return nil
	})
	return found
}

// nearlySame compares answers with numbers rounded to 12 digits.
func nearlySame(d difference) bool {
	a, aErr := decode(d.theirs)
	b, bErr := decode(d.ours)
	return aErr == nil && bErr == nil && encode(rounded(a)) == encode(rounded(b))
}

// nearlySameText compares answers without their digits.
func nearlySameText(d difference) bool {
	return digits.ReplaceAllString(d.theirs, "") == digits.ReplaceAllString(d.ours, "")
}

var digits = regexp.MustCompile(`[0-9]+`)

func rounded(v interface{}) interface{} {
	switch v := v.(type) {
	case json.Number:
		f, _, err := big.ParseFloat(string(v), 10, 512, big.ToNearestEven)
		if err != nil {
			return v
		}
		return f.Text('e', 12)
	case []interface{}:
		result := []interface{}{}
		for _, element := range v {
			result = append(result, rounded(element))
		}
		return result
	case map[string]interface{}:
		result := map[string]interface{}{}
		for key, element := range v {
			result[key] = rounded(element)
		}
		return result
	}
	return v
}
