// SPDX-License-Identifier: LGPL-2.1-or-later

// Command differential compares nook's HCL with HashiCorp's. It makes up expressions, templates,
// bodies and JSON documents from a seed, evaluates each with HashiCorp's library in this process
// and with nook's in a child process, and reports every case where value, type, or acceptance
// differ and where no entry of known.go gives the reason.
//
//	differential -eval build/tests/differential/evaluate -n 4000 -seed 1
//	differential -eval ... -one expr '1 + 2'
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"time"
)

// variables is what every expression can refer to, in both programs.
const variables = `{
  "n": 7, "f": 2.5, "neg": -3, "zero": 0, "big": 123456789012345678901234567890,
  "s": "hello", "e": "", "u": "straße é", "ns": "12", "ts": "true", "t": true, "fl": false, "nul": null,
  "l": ["a", "b", "c"], "nums": [3, 1, 2], "mix": [1, "a", true, null], "empty": [], "eo": {},
  "m": {"a": 1, "b": 2, "c-d": 3}, "ms": {"x": "one", "y": "two"},
  "o": {"name": "web", "list": [1, 2, 3], "in": {"k": "v", "deep": {"z": 9}}},
  "objs": [{"id": 1, "tags": ["p", "q"], "o": {"v": 1}}, {"id": 2, "tags": [], "o": {"v": 2}}],
  "multi": "line one\n  line two\nthree\n"
}`

// child is nook's side: a program that answers each request with one line of JSON.
type child struct {
	command *exec.Cmd
	in      *bufio.Writer
	out     *bufio.Reader
}

func start(path string) (*child, error) {
	command := exec.Command(path)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	c := &child{command, bufio.NewWriter(in), bufio.NewReaderSize(out, 1<<20)}
	_, err = c.ask("vars", variables)
	return c, err
}

// ask sends one case and waits for its answer; a child that takes longer than 20 seconds is killed.
func (c *child) ask(kind, text string) (string, error) {
	timer := time.AfterFunc(20*time.Second, func() { c.command.Process.Kill() })
	defer timer.Stop()
	fmt.Fprintf(c.in, "%s %d\n", kind, len(text))
	c.in.WriteString(text)
	if err := c.in.Flush(); err != nil {
		return "", err
	}
	line, err := c.out.ReadString('\n')
	if err == io.EOF {
		return "", fmt.Errorf("nook's program ended: %v", c.command.Wait())
	}
	return strings.TrimSuffix(line, "\n"), err
}

// difference is a case on which the two disagree.
type difference struct {
	kind, text, theirs, ours string
}

func (d difference) String() string {
	return fmt.Sprintf("--- %s\n%s\n  hashicorp: %s\n  nook:      %s", d.kind, d.text, d.theirs, d.ours)
}

func main() {
	eval := flag.String("eval", "", "nook's program (tests/differential/evaluate.c)")
	count := flag.Int("n", 4000, "number of cases")
	seed := flag.Int64("seed", 1, "seed of the generator")
	kinds := flag.String("kinds", "expr,template,body,dynamic,json,format", "kinds of cases")
	most := flag.Int("most", 20, "stop after so many differences")
	one := flag.String("one", "", "evaluate the one text given as argument as this kind")
	list := flag.Bool("list", false, "print the cases and evaluate nothing")
	answer := flag.String("answer", "", "read texts of this kind, one a line, and print HashiCorp's answer behind each")
	quiet := flag.Bool("quiet", false, "print the summary alone")
	flag.Parse()

	if *answer != "" {
		answerLines(*answer)
		return
	}
	if *list {
		g := newGenerator(rand.New(rand.NewSource(*seed)))
		for i := 0; i < *count; i++ {
			kind, text := g.next(strings.Split(*kinds, ","))
			fmt.Printf("--- %s\n%s\n  hashicorp: %s\n", kind, text, evaluate(kind, text))
		}
		return
	}
	c, err := start(*eval)
	if err != nil {
		fmt.Fprintln(os.Stderr, "differential:", err)
		os.Exit(2)
	}
	if *one != "" {
		ours, err := c.ask(*one, flag.Arg(0))
		fmt.Println(difference{*one, flag.Arg(0), evaluate(*one, flag.Arg(0)), ours}, err)
		return
	}
	os.Exit(run(c, *count, *seed, strings.Split(*kinds, ","), *most, *quiet))
}

// answerLines serves for tables of cases such as tests/unit/function-cases.tsv: the text, a tab, and
// the answer or the word "error".
func answerLines(kind string) {
	for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
		theirs := evaluate(kind, scanner.Text())
		if strings.HasPrefix(theirs, `{"error"`) {
			theirs = "error"
		}
		fmt.Printf("%s\t%s\n", scanner.Text(), theirs)
	}
}

// run goes through the cases and returns the exit status: 0 when nothing unlisted differs.
func run(c *child, count int, seed int64, kinds []string, most int, quiet bool) int {
	g := newGenerator(rand.New(rand.NewSource(seed)))
	accepted, refused, unlisted := 0, 0, 0
	listed := map[string]int{}

	for i := 0; i < count; i++ {
		kind, text := g.next(kinds)
		theirs := evaluate(kind, text)
		ours, err := c.ask(kind, text)
		if err != nil {
			fmt.Println(difference{kind, text, theirs, err.Error()})
			return 2
		}
		if strings.HasPrefix(theirs, `{"error"`) {
			refused++
		} else {
			accepted++
		}
		if same(theirs, ours) {
			continue
		}
		d := difference{kind, text, theirs, ours}
		if rule := knownRule(d); rule != "" {
			listed[rule]++
			continue
		}
		unlisted++
		if !quiet {
			fmt.Println(d)
		}
		if unlisted >= most {
			break
		}
	}
	for rule, n := range listed {
		fmt.Printf("listed difference, %d times: %s\n", n, rule)
	}
	fmt.Printf("seed %d: %d cases, %d accepted and %d refused by HashiCorp's, %d unlisted differences\n",
		seed, accepted+refused, accepted, refused, unlisted)
	if unlisted > 0 {
		return 1
	}
	return 0
}
