// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// generator makes cases up. What it makes is mostly well-formed and mostly of fitting types; a
// part is then broken on purpose, so that acceptance is compared as well as value.
type generator struct {
	r      *rand.Rand
	locals []string // names bound by the for expressions around
}

func newGenerator(r *rand.Rand) *generator {
	return &generator{r: r}
}

func (g *generator) pick(choices ...string) string {
	return choices[g.r.Intn(len(choices))]
}

func (g *generator) chance(percent int) bool {
	return g.r.Intn(100) < percent
}

// next returns one case of one of the kinds.
func (g *generator) next(kinds []string) (kind, text string) {
	g.locals = nil
	kind = g.pick(kinds...)
	switch kind {
	case "expr":
		text = g.expr(g.pick("any", "any", "n", "s", "b", "l", "m"), 1+g.r.Intn(4))
		if g.chance(8) {
			text = g.pick(" ", "\n", "/* c */", "# c\n", "\t", "\r\n") + text + g.pick("", " ", " # end", " // end", "\n")
		}
	case "template":
		text = g.template(3, "bare")
	case "body":
		text = g.body(3)
	case "format":
		text = g.loosen(g.body(3))
	case "dynamic":
		text = g.schemaBody(3)
	case "json":
		text = g.jsonBody(3)
	}
	if g.chance(12) {
		text = g.mutate(text)
	}
	return kind, text
}

// mutate breaks a text in one to three places.
func (g *generator) mutate(text string) string {
	for n := 1 + g.r.Intn(3); n > 0 && len(text) > 0; n-- {
		runes := []rune(text)
		at := g.r.Intn(len(runes))
		switch g.r.Intn(5) {
		case 0: // leave one out
			text = string(runes[:at]) + string(runes[at+1:])
		case 1: // put something in
			text = string(runes[:at]) + g.token() + string(runes[at:])
		case 2: // say a piece twice
			end := at + g.r.Intn(len(runes)-at+1)
			if end > at+12 {
				end = at + 12
			}
			text = string(runes[:end]) + string(runes[at:])
		case 3: // cut the end off
			text = string(runes[:at])
		default: // replace one
			text = string(runes[:at]) + g.token() + string(runes[at+1:])
		}
	}
	return text
}

func (g *generator) token() string {
	return g.pick("{", "}", "(", ")", "[", "]", "${", "%{", "\"", "\n", " ", ",", ".", "*", ":", "=", "==", "=>",
		"!", "!=", "<", "<=", ">", "&&", "||", "?", "-", "+", "/", "%", "...", "~", "#", "//", "/*", "*/", "<<EOT\n", "EOT\n",
		"\\", "\\n", "$", "$$", "%%{", "$${", "if", "for", "in", "else", "endif", "endfor", "null", "true", "1", "0", ".0",
		"[*]", ".*", "'", ";", "@", "`", "^", "|", "&", "::", "é", "\u0301", "\t", "\r\n", "a", "_", "1e", "0x1", "\u00a0", "\u2028")
}

func (g *generator) number() string {
	if g.chance(70) {
		return g.pick("0", "1", "2", "3", "4", "5", "7", "10", "12", "100")
	}
	return g.pick("1.5", "0.1", "0.25", "1.50", "3.14159", "1e3", "1E2", "2.5e-3", "1e+2", "00", "007", "1.0", "10.10",
		"123456789012345678901234567890", "0.000001", "1e21", "1e-7", "9007199254740993", "18446744073709551616", "0.1e1",
		"1.00000000000000000001", "1e-300", "1e400", "63", "1024", "4294967296")
}

// text is a piece of a quoted literal as it is written, without quotes that would end it.
func (g *generator) text() string {
	return g.pick("a", "b", "abc", "hello", "Hello World", "x y", " ", "  pad  ", "", "1", "12", "3.5", "true", "é", "ß", "日本",
		"e\u0301", "👨‍👩‍👧", "🇩🇪", "-", "_", "a-b", "a.b", "a,b,c", "%", "$", "#", "/", "{", "}", "(", "'", "foo bar", "ABC", "0", "10",
		"a=b", "x:y", "Ǆ", "İ", "ﬁ", "\u00a0", "null", "2020-01-02T03:04:05Z", "%s", "%d", "v1.2.3")
}

func (g *generator) escape() string {
	return g.pick(`\n`, `\t`, `\"`, `\\`, `\r`, `\u00e9`, `\U0001F600`, `$${x}`, `%%{x}`, `$$`, `%%`, `\u0301`, `\u0065\u0301`, `\u0000`)
}

func (g *generator) quoted(depth int) string {
	var b strings.Builder
	b.WriteString(`"`)
	for n := g.r.Intn(4); n > 0; n-- {
		switch k := g.r.Intn(10); {
		case k < 5 || depth <= 0:
			b.WriteString(g.text())
		case k < 6:
			b.WriteString(g.escape())
		case k < 9:
			b.WriteString(g.interpolation(depth - 1))
		default:
			b.WriteString(g.directive(depth-1, "quoted"))
		}
	}
	b.WriteString(`"`)
	return b.String()
}

func (g *generator) interpolation(depth int) string {
	open, end := "${", "}"
	if g.chance(15) {
		open = "${~"
	}
	if g.chance(15) {
		end = "~}"
	}
	return open + g.blank() + g.expr(g.pick("s", "n", "s", "any"), depth) + g.blank() + end
}

func (g *generator) blank() string {
	if g.chance(70) {
		return ""
	}
	return g.pick(" ", "  ")
}

func (g *generator) mark() (string, string) {
	open, end := "%{ ", " }"
	if g.chance(20) {
		open = "%{~ "
	}
	if g.chance(20) {
		end = " ~}"
	}
	return open, end
}

func (g *generator) directive(depth int, where string) string {
	o1, e1 := g.mark()
	o2, e2 := g.mark()
	o3, e3 := g.mark()
	if g.chance(50) {
		text := o1 + "if " + g.expr("b", depth) + e1 + g.template(depth, where)
		if g.chance(50) {
			text += o2 + "else" + e2 + g.template(depth, where)
		}
		return text + o3 + "endif" + e3
	}
	names := g.forNames()
	text := o1 + "for " + strings.Join(names, ", ") + " in " + g.expr("c", depth) + e1
	g.locals = append(g.locals, names...)
	text += g.template(depth, where)
	g.locals = g.locals[:len(g.locals)-len(names)]
	return text + o2 + "endfor" + e2
}

// template makes the inside of a template; where is "quoted", "heredoc" or "bare".
func (g *generator) template(depth int, where string) string {
	var b strings.Builder
	for n := g.r.Intn(5); n > 0; n-- {
		switch k := g.r.Intn(12); {
		case k < 4 || depth <= 0:
			b.WriteString(g.text())
		case k < 5 && where == "quoted":
			b.WriteString(g.escape())
		case k < 6 && where != "quoted":
			b.WriteString(g.pick("\n", "\n\n", " \n ", "\n    ", "\\n", "\"", "$${x}", "%%{x}", "\t\n", "$", "%", "\r\n"))
		case k < 10:
			b.WriteString(g.interpolation(depth - 1))
		default:
			b.WriteString(g.directive(depth-1, where))
		}
	}
	return b.String()
}

func (g *generator) forNames() []string {
	if g.chance(50) {
		return []string{g.pick("k", "i", "x"), g.pick("v", "e", "y")}
	}
	return []string{g.pick("v", "e", "x", "s")}
}

// expr makes an expression of a kind: n number, s string, b bool, l list, m map or object, c
// collection, any. Now and then it makes one of another kind.
func (g *generator) expr(kind string, depth int) string {
	if g.chance(6) {
		kind = "any"
	}
	if kind == "any" {
		kind = g.pick("n", "s", "b", "l", "m", "nul")
	}
	if kind == "c" {
		kind = g.pick("l", "l", "m")
	}
	if depth <= 0 {
		return g.leaf(kind)
	}
	d := depth - 1
	switch g.r.Intn(24) {
	case 0, 1:
		return "(" + g.expr(kind, d) + ")"
	case 2, 3:
		return g.expr("b", d) + " ? " + g.expr(kind, d) + " : " + g.expr(kind, d)
	case 4:
		return "try(" + g.expr(kind, d) + ", " + g.expr(kind, d) + ")"
	case 5, 6, 7, 8:
		return g.call(kind, d)
	case 9:
		return g.path(kind)
	}
	switch kind {
	case "n":
		switch g.r.Intn(5) {
		case 0:
			return "-" + g.expr("n", d)
		case 1:
			return g.leaf("n")
		}
		return g.expr("n", d) + g.space(g.pick("+", "-", "*", "/", "%")) + g.expr("n", d)
	case "s":
		return g.quoted(d)
	case "b":
		switch g.r.Intn(6) {
		case 0:
			return "!" + g.expr("b", d)
		case 1:
			k := g.pick("n", "s", "l", "m", "any", "b")
			return g.expr(k, d) + g.space(g.pick("==", "!=")) + g.expr(k, d)
		case 2, 3:
			return g.expr("n", d) + g.space(g.pick("<", "<=", ">", ">=")) + g.expr("n", d)
		case 4:
			return "can(" + g.expr("any", d) + ")"
		}
		return g.expr("b", d) + g.space(g.pick("&&", "||")) + g.expr("b", d)
	case "l":
		switch g.r.Intn(8) {
		case 0, 1:
			return g.forTuple(d)
		case 2:
			return g.expr("l", d) + g.pick("[*]", ".*", "[*]")
		case 3:
			return "objs" + g.pick("[*].id", ".*.id", "[*].tags", "[*].tags[0]", ".*.tags[0]", "[*].o.v", ".*.o", "[*][\"id\"]", "[0].tags", "[*].nope")
		}
		return g.tuple(d)
	case "m":
		if g.chance(30) {
			return g.forObject(d)
		}
		return g.object(d)
	}
	return g.leaf(kind)
}

func (g *generator) space(op string) string {
	if g.chance(80) {
		return " " + op + " "
	}
	return g.pick(op, op+" ", " "+op, "\n"+op+" ")
}

func (g *generator) leaf(kind string) string {
	if len(g.locals) > 0 && g.chance(45) {
		return g.pick(g.locals...)
	}
	switch kind {
	case "n":
		if g.chance(65) {
			return g.number()
		}
		return g.pick("n", "f", "neg", "zero", "big", "ns", "m.a", "o.list[0]", "nums[1]", "objs[0].id", `m["b"]`, `"5"`, `"1.5"`)
	case "s":
		if g.chance(60) {
			return `"` + g.text() + `"`
		}
		return g.pick("s", "e", "u", "ns", "ts", "multi", "l[0]", "l.1", "ms.x", "o.name", "o.in.k", `ms["y"]`)
	case "b":
		return g.pick("true", "false", "t", "fl", "true", "false", "ts", `"true"`, `"0"`)
	case "l":
		return g.pick("l", "nums", "mix", "empty", "[]", "objs", "o.list", `["a", "b"]`, "[1, 2, 3]", `[1, "a"]`, "objs[0].tags")
	case "m":
		return g.pick("m", "ms", "o", "eo", "{}", "o.in", "{a = 1}", `{"x" = "y"}`, "objs[0]")
	case "nul":
		return g.pick("null", "nul", "mix[3]", "null")
	}
	return g.pick("undefined", "null", "var.x", "l[9]", "m.nope", "s.x")
}

// path makes a traversal, often of what is not there.
func (g *generator) path(kind string) string {
	text := g.pick("l", "nums", "mix", "m", "ms", "o", "objs", "empty", "eo", "nul", "s", "n", "u")
	for n := 1 + g.r.Intn(3); n > 0; n-- {
		text += g.pick(".a", ".x", ".in", ".list", ".id", ".tags", "[0]", "[1]", ".0", ".1", `["a"]`, `["k"]`, "[n]", "[zero]", "[*]", ".*",
			`["0"]`, "[-1]", "[1.5]", "[s]", ".name", ".c-d", "[null]", "[true]")
	}
	return text
}

func (g *generator) tuple(depth int) string {
	var items []string
	kind := g.pick("n", "s", "any", "l", "m")
	for n := g.r.Intn(4); n > 0; n-- {
		items = append(items, g.expr(kind, depth))
	}
	if len(items) > 0 && g.chance(10) {
		items[len(items)-1] += ","
	}
	return "[" + strings.Join(items, g.pick(", ", ",", ",\n  ")) + "]"
}

func (g *generator) key(depth int) string {
	switch g.r.Intn(12) {
	case 0:
		return "(" + g.expr("s", depth) + ")"
	case 1:
		return g.quoted(depth)
	case 2:
		return g.pick("1", "1.5", "true", "-1", "null", "(n)", "o.name", `"a b"`, "1.50", "(1+1)", "if", "in", "a-b")
	}
	return g.pick("a", "b", "c", "k", "name", "x", "y", "id")
}

func (g *generator) object(depth int) string {
	var items []string
	for n := g.r.Intn(4); n > 0; n-- {
		items = append(items, g.key(depth)+g.pick(" = ", "=", ": ", " : ")+g.expr("any", depth))
	}
	switch g.r.Intn(4) {
	case 0:
		return "{\n  " + strings.Join(items, "\n  ") + "\n}"
	case 1:
		return "{" + strings.Join(items, ", ") + g.pick("", ",") + "}"
	}
	return "{ " + strings.Join(items, g.pick(", ", ",\n", "\n")) + " }"
}

func (g *generator) forTuple(depth int) string {
	names := g.forNames()
	text := "[for " + strings.Join(names, ", ") + " in " + g.expr("c", depth) + " : "
	g.locals = append(g.locals, names...)
	text += g.expr(g.pick("n", "s", "any"), depth)
	if g.chance(30) {
		text += " if " + g.expr("b", depth)
	}
	g.locals = g.locals[:len(g.locals)-len(names)]
	return text + "]"
}

func (g *generator) forObject(depth int) string {
	names := g.forNames()
	text := "{for " + strings.Join(names, ", ") + " in " + g.expr("c", depth) + " : "
	g.locals = append(g.locals, names...)
	text += g.expr(g.pick("s", "s", "n"), depth) + " => " + g.expr("any", depth)
	if g.chance(30) {
		text += "..."
	}
	if g.chance(30) {
		text += " if " + g.expr("b", depth)
	}
	g.locals = g.locals[:len(g.locals)-len(names)]
	return text + "}"
}

// body makes a body of the native syntax.
func (g *generator) body(depth int) string {
	var b strings.Builder
	for n := 1 + g.r.Intn(4); n > 0; n-- {
		switch k := g.r.Intn(12); {
		case k < 6:
			b.WriteString(g.pick("a", "b", "c", "d", "name", "count", "a-b", "é", "for", "null", "in", "if", "_x") +
				g.pick(" = ", "=", "  =  ") + g.value(depth) + "\n")
		case k < 7:
			b.WriteString(g.pick("# comment\n", "// comment\n", "/* one\n two */\n", "\n", "\n\n", "/**/ ", "#\n"))
		case k < 8:
			b.WriteString(g.header() + "{ " + g.pick("", "a = "+g.expr("any", depth-1)+" ", "x = 1 ") + "}\n")
		default:
			if depth > 0 {
				b.WriteString(g.header() + "{" + g.pick("\n", " # c\n") + g.body(depth-1) + "}\n")
			}
		}
	}
	return b.String()
}

func (g *generator) header() string {
	text := g.pick("job", "task", "blk", "one", "b-c", "é", "for") + " "
	for n := g.r.Intn(3); n > 0; n-- {
		text += g.pick(`"web" `, `"a b" `, "bare ", `"" `, `"x\ty" `, `"é" `, `"a""b" `, `"$${x}" `)
	}
	return text
}

// value makes an expression that ends where an attribute ends, heredocs among them.
func (g *generator) value(depth int) string {
	if g.chance(75) {
		return g.expr("any", depth)
	}
	indent := g.pick("", "  ", "    ", "\t")
	var b strings.Builder
	b.WriteString(g.pick("<<EOT\n", "<<-EOT\n", "<<-EOT\n"))
	for n := g.r.Intn(5); n > 0; n-- {
		line := g.template(depth-1, "heredoc")
		b.WriteString(g.pick(indent, indent+"  ", "", indent) + line + "\n")
	}
	b.WriteString(g.pick(indent, "", " ") + "EOT")
	return b.String()
}

// schemaBody makes a body that fits the schema of schemaBody() in evaluate.go, with dynamic blocks.
func (g *generator) schemaBody(depth int) string {
	var b strings.Builder
	for _, name := range []string{"a", "b", "c", "x"} {
		if g.chance(25) {
			b.WriteString(name + " = " + g.expr("any", depth-1) + "\n")
		}
	}
	if g.chance(4) {
		b.WriteString(g.pick("nope = 1\n", "nope {\n}\n", "blk = 1\n", "a {\n}\n", "one {\n}\n", "dynamic {\n}\n", "dynamic \"zzz\" {\n}\n"))
	}
	for n := 1 + g.r.Intn(2); n > 0 && depth > 0; n-- {
		kind := g.pick("blk", "one", "two")
		if g.chance(50) {
			labels := map[string]string{"blk": "", "one": ` "n"`, "two": ` "k" n`}[kind]
			b.WriteString(kind + labels + " {\n" + g.schemaBody(depth-1) + "}\n")
			continue
		}
		iterator, setting := kind, ""
		if g.chance(40) {
			iterator = g.pick("it", "e", "x")
			setting = "iterator = " + iterator + "\n"
		}
		b.WriteString("dynamic " + g.pick(`"`+kind+`"`, kind) + " {\nfor_each = " + g.expr("c", depth-1) + "\n" + setting)
		g.locals = append(g.locals, iterator+".key", iterator+".value")
		switch kind {
		case "one":
			b.WriteString("labels = [" + g.pick(iterator+".key", `"x"`, g.expr("s", 1)) + "]\n")
		case "two":
			b.WriteString("labels = [" + g.pick(`"p"`, g.expr("s", 1)) + ", " + iterator + ".key]\n")
		}
		b.WriteString("content {\n" + g.schemaBody(depth-1) + "}\n}\n")
		g.locals = g.locals[:len(g.locals)-2]
	}
	return b.String()
}

// loosen changes the blanks of a text, for the formatter.
func (g *generator) loosen(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if g.chance(30) {
			line = g.pick(" ", "   ", "\t", "      ") + line
		}
		if g.chance(10) {
			line += g.pick(" ", "  # trailing", " // trailing", "\t")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func (g *generator) jsonString(s string) string {
	s = strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "\n", "\\n", "\r", "\\r", "\t", "\\t").Replace(s)
	return "\"" + s + "\""
}

func (g *generator) jsonValue(depth int) string {
	switch k := g.r.Intn(12); {
	case k < 2:
		if g.chance(8) {
			return g.pick("01", "1.", ".5", "+1", "1e", "0x1", "--1", "1_0")
		}
		return g.pick("0", "1", "-1", "1.5", "1e3", "-0", "1E+2", "123456789012345678901234567890", "0.10", "1e-5")
	case k < 3:
		if g.chance(8) {
			return g.pick("nul", "TRUE", "nil", "truee")
		}
		return g.pick("true", "false", "null")
	case k < 6:
		return g.jsonString(g.template(depth-1, "bare"))
	case k < 7:
		return g.jsonString(g.text())
	case k < 8:
		return "\"" + g.pick(`\u00e9`, `\/`, `\ud83d\ude00`, `\b\f`, `\x`, `\ud83d`, `${`, `$${a}`, `%{if true}a%{endif}`, `\u0000`, `${1}`, "${l}") + "\""
	case k < 10 && depth > 0:
		var items []string
		for n := g.r.Intn(4); n > 0; n-- {
			items = append(items, g.jsonValue(depth-1))
		}
		return "[" + strings.Join(items, g.pick(",", ", ", ",\n")) + "]"
	case depth > 0:
		var items []string
		for n := g.r.Intn(4); n > 0; n-- {
			items = append(items, g.jsonString(g.pick("a", "b", "k", "${s}", "//", "é", "a b", "${n}", ""))+g.pick(":", " : ")+g.jsonValue(depth-1))
		}
		return "{" + strings.Join(items, ",") + "}"
	}
	return "1"
}

// jsonBody makes a JSON document for the schema of schemaBody().
func (g *generator) jsonBody(depth int) string {
	var items []string
	add := func(name, value string) {
		items = append(items, g.jsonString(name)+g.pick(":", ": ")+value)
	}
	for n := 1 + g.r.Intn(4); n > 0; n-- {
		switch k := g.r.Intn(14); {
		case k < 6:
			add(g.pick("a", "b", "c", "x"), g.jsonValue(depth))
		case k < 7:
			add(g.pick("//", "//", "nope"), g.jsonValue(1))
		case depth > 0 && k < 9:
			add("blk", g.jsonBlocks(depth-1, 0))
		case depth > 0 && k < 11:
			add("one", g.jsonBlocks(depth-1, 1))
		case depth > 0:
			add("two", g.jsonBlocks(depth-1, 2))
		}
	}
	text := "{" + strings.Join(items, g.pick(",", ", ", ",\n")) + "}"
	if g.chance(6) {
		return fmt.Sprintf("[%s, %s]", text, g.pick("{}", `{"a": 1}`, "1", "[]"))
	}
	return text
}

// jsonBlocks makes the value of a property that stands for blocks with so many labels.
func (g *generator) jsonBlocks(depth, labels int) string {
	if g.chance(5) {
		return g.jsonValue(1)
	}
	if g.chance(20) {
		var items []string
		for n := g.r.Intn(3); n > 0; n-- {
			items = append(items, g.jsonBlocks(depth, labels))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	if labels == 0 {
		return g.jsonBody(depth)
	}
	var items []string
	for n := 1 + g.r.Intn(2); n > 0 && !g.chance(4); n-- {
		items = append(items, g.jsonString(g.pick("n", "m", "a b", "${s}", "//", "é"))+":"+g.jsonBlocks(depth, labels-1))
	}
	return "{" + strings.Join(items, ",") + "}"
}
