// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import "strings"

// A signature tells the generator what a function makes (a kind of generator.expr) and takes:
// kinds, and the special words below. "..." repeats the one before it, "?" may be left out.
type signature struct {
	name, makes, takes string
}

var signatures = []signature{
	{"abs", "n", "n"}, {"ceil", "n", "n"}, {"floor", "n", "n"}, {"log", "n", "n n"}, {"max", "n", "n ..."},
	{"min", "n", "n ..."}, {"parseint", "n", "digits base"}, {"pow", "n", "n small"}, {"signum", "n", "n"},
	{"chunklist", "l", "list small"}, {"coalesce", "s", "any ..."}, {"coalescelist", "l", "l ..."},
	{"compact", "l", "strings"}, {"concat", "l", "l ..."}, {"contains", "b", "l any"}, {"distinct", "l", "list"},
	{"element", "s", "l small"}, {"flatten", "l", "l"}, {"index", "n", "c n"}, {"keys", "l", "m"}, {"length", "n", "c"},
	{"lookup", "n", "m key any"}, {"merge", "m", "m ..."}, {"range", "l", "small small small"}, {"range", "l", "small"},
	{"setintersection", "l", "strings strings"}, {"setunion", "l", "strings ..."}, {"setproduct", "l", "l l"},
	{"slice", "l", "l small small"}, {"sort", "l", "strings"}, {"values", "l", "m"}, {"zipmap", "m", "strings l"},
	{"chomp", "s", "s"}, {"format", "s", "format any ..."}, {"formatdate", "s", "date time"},
	{"formatlist", "l", "format l any"}, {"indent", "s", "small s"}, {"join", "s", "s strings"}, {"lower", "s", "s"},
	{"regex_replace", "s", "s regex substitute"}, {"replace", "s", "s s s"}, {"reverse", "s", "s"},
	{"split", "l", "separator s"}, {"strlen", "n", "s"}, {"strrev", "s", "s"}, {"substr", "s", "s small small"},
	{"timeadd", "s", "time duration"}, {"title", "s", "s"}, {"trim", "s", "s s"}, {"trimprefix", "s", "s s"},
	{"trimspace", "s", "s"}, {"trimsuffix", "s", "s s"}, {"upper", "s", "s"}, {"csvdecode", "l", "csv"},
	{"jsondecode", "m", "json"}, {"jsonencode", "s", "any"}, {"convert", "l", "any type"}, {"convert", "l", "l ltype"},
	{"convert", "m", "m mtype"}, {"try", "s", "any ..."}, {"can", "b", "any"},
}

// moreSignatures are of the functions in `more`.
var moreSignatures []signature

func (g *generator) call(kind string, depth int) string {
	all := append(signatures[:len(signatures):len(signatures)], moreSignatures...)
	for try := 0; try < 40; try++ {
		s := all[g.r.Intn(len(all))]
		if s.makes == kind || g.chance(3) {
			return s.name + "(" + g.arguments(s.takes, depth) + ")"
		}
	}
	return g.leaf(kind)
}

func (g *generator) arguments(takes string, depth int) string {
	var arguments []string
	previous := ""
	for _, word := range strings.Fields(takes) {
		if word == "..." {
			for n := g.r.Intn(3); n > 0; n-- {
				arguments = append(arguments, g.argument(previous, depth))
			}
			continue
		}
		arguments = append(arguments, g.argument(word, depth))
		previous = word
	}
	if g.chance(3) && len(arguments) > 0 {
		arguments = arguments[:len(arguments)-1]
	}
	if g.chance(2) {
		arguments = append(arguments, g.expr("any", 0))
	}
	text := strings.Join(arguments, ", ")
	if g.chance(4) {
		text += g.pick("...", ",", " ...")
	}
	return text
}

// argument makes one argument; a word that is no kind of expr names a pool of typical texts.
func (g *generator) argument(word string, depth int) string {
	if g.chance(5) {
		return g.expr("any", depth)
	}
	switch word {
	case "small":
		return g.pick("0", "1", "2", "3", "-1", "5", "n", "zero", "neg", "1.5", "10", "-2")
	case "digits":
		return `"` + g.pick("0", "12", "-7", "+5", "ff", "FF", "0x1f", "1_000", "zz", "ZZ", "777", "", " 1", "101", "8", "123456789012345678901234567890") + `"`
	case "base":
		return g.pick("10", "16", "2", "8", "36", "62", "0", "1", "63", "10.5", `"10"`)
	case "key":
		return g.pick(`"a"`, `"b"`, `"k"`, `"name"`, "s", `"nope"`, "1")
	case "list":
		return g.pick("l", "nums", "empty", "[1, 1, 2]", `["a", "b", "a"]`, "mix", "[[1], [1]]", g.expr("l", depth), "objs", "[null, null]")
	case "strings":
		return g.pick("l", "[]", `["b", "a", "c", "a"]`, `["a", "", null]`, "nums", "keys(m)", `["x"]`, `["é", "z", "A"]`, g.expr("l", depth), "[1, true]")
	case "separator":
		return g.pick(`","`, `""`, `" "`, `"a"`, `"l"`, `"ab"`, "e")
	case "format":
		return `"` + g.format() + `"`
	case "date":
		return `"` + g.date() + `"`
	case "time":
		return `"` + g.pick("2018-01-04T23:12:01Z", "2020-02-29T00:00:00+05:30", "1999-12-31T23:59:59-08:00", "2020-02-30T00:00:00Z",
			"2006-01-02T15:04:05.123Z", "2006-01-02 15:04:05Z", "2006-01-02T15:04:05", "2006-1-2T15:04:05Z", "0001-01-01T00:00:00Z",
			"9999-12-31T23:59:59Z", "2020-13-01T00:00:00Z", "2020-01-01t00:00:00z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00+24:00", "",
			"2020-01-01T12:34:56,7Z", "2020-01-01T12:34:60Z", "2020-01-01T1:34:50Z") + `"`
	case "duration":
		return `"` + g.pick("1h", "-1h", "10s", "1h30m", "1.5h", "500ms", "1us", "1µs", "1ns", "0", "", "5", "1d", "+1h", "1h-5m", ".5s", "1.s",
			"2540400h10m10.000000000s", "9223372036854775807ns", "9223372036854775808ns", "1e3s", " 1h", "876000h") + `"`
	case "regex":
		return `"` + g.pick("a", "b+", "[a-z]+", "(l+)o", "^", "$$", "(?i)HELLO", `\\d+`, `\\s`, "(a|b)", ".", "", "x*", "(", "[", "(?P<n>e)", "é",
			`\\bh`, "l{2}", "(?s).", "[[:alpha:]]", `\\pL`, "a**", `\\w+`, "(h)(e)", "[^a]", `\\x41`, "h.*?o", "(?=a)", `\\1`, `(?m)^`, `\\.`, `\\z`) + `"`
	case "substitute":
		return `"` + g.pick("X", "$1", "$${1}", "<$0>", "", "$$", "$1x", "$n", "$${n}", "$2$1", "é", "\\\\1", "$", "$-") + `"`
	case "csv":
		return `"` + g.pick(`a,b\n1,2\n3,4`, `a\n`, `a,b\n1`, ``, `a,a\n1,2`, `a,b\n\"x,y\",z\n`, `a,b\r\n1,2\r\n`, `a\n\n1`, `a\n\"x\"\"y\"`,
			`a\n\"x`, `a\nx\"y`, `a, b\n 1 ,2`, `\"a\",b\n1,2`, `a\n\"l1\nl2\"`, `a\n\"x\"y`) + `"`
	case "json":
		return g.pick("jsonencode("+g.expr("any", depth)+")", `"{\"a\": 1, \"b\": [1, \"x\", null, true]}"`, `"[1, 2"`, `"1"`, `"1.50"`, `"\"x\""`,
			`"null"`, `" {} "`, `"{\"a\": 1, \"a\": 2}"`, `"[1] 2"`, `"01"`, `"1e400"`, `"\"\\u00e9\\/\""`, `""`, `"{\"a\": }"`, `"[1,]"`, `"tru"`, `"-0"`,
			`"\"$${x}\""`, `"\"\\ud83d\\ude00\""`, `"\"\\ud83d\""`, `"{a:1}"`)
	case "type":
		return g.pick("string", "number", "bool", "any", g.argument("ltype", 0), g.argument("mtype", 0), "tuple([string, number])", "nope", "list", "1")
	case "ltype":
		return g.pick("list(string)", "set(string)", "list(number)", "list(any)", "set(any)", "set(number)", "tuple([string])", "list(list(string))", "map(string)")
	case "mtype":
		return g.pick("map(string)", "map(any)", "map(number)", "object({a=number})", "object({a=string, b=number})", "object({})", "object({x=string})",
			"map(list(string))", "object({a=optional(string)})")
	}
	return g.rareArgument(word, depth)
}

// rareArgument makes arguments of the functions that nomad.go adds.
func (g *generator) rareArgument(word string, depth int) string {
	switch word {
	case "base64":
		return `"` + g.pick("aGVsbG8=", "aGVsbG8", "aGVsbG9=", "", "====", "/+8=", "aGVs bG8=", `aGVs\nbG8=`, "aGVsbG8=aGVsbG8=", "w6k=", "gICA", "aA==", "aB==", "a===") + `"`
	case "cidr":
		return `"` + g.pick("10.0.0.0/8", "10.1.2.3/8", "192.168.1.0/24", "10.0.0.0/32", "10.0.0.0/33", "fd00::/8", "fd00:1::5/64", "::/128", "1.2.3.4",
			"010.0.0.0/8", "::ffff:1.2.3.4/120", "1.2.3.0/0024", "10.0.0.0/-1", "1.2.3/8", "fe80::1%eth0/64", "172.16.0.0/12", "2001:db8::/32") + `"`
	case "namespace":
		return `"` + g.pick("dns", "url", "oid", "x500", "DNS", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
			"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b8109dad11d180b400c04fd430c8", "", "6ba7b810", "(6ba7b810-9dad-11d1-80b4-00c04fd430c8)") + `"`
	case "yaml":
		if g.chance(30) {
			return "yamlencode(" + g.expr("any", depth) + ")"
		}
		return `"` + g.pick(`a: 1\nb: [x, y]`, `- 1\n- two\n- 3.5\n- yes\n- ~\n- 0x1F\n- 017\n- 0o17\n- 1_000\n- .inf\n- 1e3`, "", "~", "[1, 2", "a: &x 1\\nb: *x",
			`a: &x {k: v}\nb:\n  <<: *x\n  z: 1`, `--- 1\n--- 2`, `|\n  text\n  more`, `>-\n folded\n text`, "!!str 12", "!!int \"0x10\"", "!!float 1", "!!bool yes", "!foo 1",
			"2001-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", `\"12\"`, "'yes'", "1: a", "~: a", "[a]: b", "{a: 1, a: 2}", "null", "n", "On", ".5", "+1", "-0",
			"12e03", "0b11", ".nan", "a: b: c", "# only", "%TAG", "*nope", "&a [*a]", "|-\\n  12", "!!binary aGk=", "!!binary '?'", "!!null x", "!!timestamp 2001-01-01", "{}", "[]",
			"- - 1\\n  - 2", "é: ü", "? a\\n: b") + `"`
	}
	return g.expr(word, depth)
}

func (g *generator) format() string {
	var b strings.Builder
	for n := g.r.Intn(3); n >= 0; n-- {
		b.WriteString(g.pick("", "a", " ", "é", "%%%%", "$", ""))
		if g.chance(80) {
			b.WriteString("%" + g.pick("", "", "", "-", "+", "0", "#", " ", "-0", "+#") + g.pick("", "", "", "5", "12", "1") +
				g.pick("", "", "", ".2", ".0", ".", ".10") + g.pick("", "", "", "", "[1]", "[2]", "[0]") +
				g.pick("s", "d", "v", "v", "q", "f", "g", "e", "E", "G", "x", "X", "o", "b", "t", "z", "s", "d"))
		}
	}
	return strings.ReplaceAll(b.String(), "%%%%", "%%")
}

func (g *generator) date() string {
	var b strings.Builder
	for n := g.r.Intn(5); n >= 0; n-- {
		b.WriteString(g.pick("YYYY", "YY", "MM", "M", "MMM", "MMMM", "DD", "D", "EEE", "EEEE", "hh", "h", "HH", "H", "AA", "aa", "mm", "m", "ss", "s",
			"Z", "ZZZZ", "ZZZZZ", "ZZZ", "'at'", "''", "'it''s'", "Y", "x", "'open"))
		b.WriteString(g.pick("-", " ", ":", "", "T", "/", "é"))
	}
	return b.String()
}
