// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

var context = makeContext()

func makeContext() *hcl.EvalContext {
	ty, err := ctyjson.ImpliedType([]byte(variables))
	if err != nil {
		panic(err)
	}
	value, err := ctyjson.Unmarshal([]byte(variables), ty)
	if err != nil {
		panic(err)
	}
	return &hcl.EvalContext{Variables: value.AsValueMap(), Functions: functions()}
}

// evaluate answers as nook's program does: one line of JSON.
func evaluate(kind, text string) (answer string) {
	defer func() {
		if r := recover(); r != nil {
			answer = encode(map[string]interface{}{"panic": fmt.Sprint(r)})
		}
	}()
	start := hcl.Pos{Line: 1, Column: 1}
	switch kind {
	case "expr":
		expr, diags := hclsyntax.ParseExpression([]byte(text), "case", start)
		return valueAnswer(expr, diags)
	case "template":
		expr, diags := hclsyntax.ParseTemplate([]byte(text), "case", start)
		return valueAnswer(expr, diags)
	case "body":
		file, diags := hclsyntax.ParseConfig([]byte(text), "case", start)
		if diags.HasErrors() {
			return errorAnswer(diags)
		}
		result, diags := nativeBody(file.Body.(*hclsyntax.Body))
		return bodyAnswer(result, diags)
	case "dynamic":
		file, diags := hclsyntax.ParseConfig([]byte(text), "case", start)
		if diags.HasErrors() {
			return errorAnswer(diags)
		}
		result, diags := schemaBody(dynblock.Expand(file.Body, context))
		return bodyAnswer(result, diags)
	case "json":
		file, diags := hcljson.Parse([]byte(text), "case")
		if diags.HasErrors() {
			return errorAnswer(diags)
		}
		result, diags := schemaBody(file.Body)
		return bodyAnswer(result, diags)
	case "format":
		_, diags := hclsyntax.ParseConfig([]byte(text), "case", start)
		if diags.HasErrors() {
			return errorAnswer(diags)
		}
		return encode(map[string]interface{}{"text": string(hclwrite.Format([]byte(text)))})
	}
	panic("unknown kind")
}

func encode(v interface{}) string {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return string(bytes.TrimRight(buf.Bytes(), "\n"))
}

func errorAnswer(diags hcl.Diagnostics) string {
	for _, diag := range diags {
		if diag.Severity == hcl.DiagError {
			return encode(struct {
				Summary string `json:"error"`
				Detail  string `json:"detail"`
			}{diag.Summary, diag.Detail})
		}
	}
	panic("no error")
}

// valueMember is {"value","type"}; a value that JSON cannot hold, such as an infinity, is left out.
func valueMember(v cty.Value) map[string]interface{} {
	result := map[string]interface{}{}
	if !v.IsWhollyKnown() {
		return map[string]interface{}{"unknown": true}
	}
	if text, err := ctyjson.Marshal(v, v.Type()); err == nil {
		result["value"] = json.RawMessage(text)
	}
	text, err := ctyjson.MarshalType(v.Type())
	if err != nil {
		panic(err)
	}
	result["type"] = json.RawMessage(text)
	return result
}

func valueAnswer(expr hcl.Expression, diags hcl.Diagnostics) string {
	if diags.HasErrors() {
		return errorAnswer(diags)
	}
	v, diags := expr.Value(context)
	if diags.HasErrors() {
		return errorAnswer(diags)
	}
	return encode(valueMember(v))
}

func bodyAnswer(result map[string]interface{}, diags hcl.Diagnostics) string {
	if diags.HasErrors() {
		return errorAnswer(diags)
	}
	return encode(result)
}

type blockAnswer struct {
	Type   string                 `json:"type"`
	Labels []string               `json:"labels"`
	Body   map[string]interface{} `json:"body"`
}

// attributeAnswers evaluates in the order of the places, so that the first error is the same each time.
func attributeAnswers(attributes map[string]*hcl.Attribute) (map[string]interface{}, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	var ordered []*hcl.Attribute
	for _, attribute := range attributes {
		ordered = append(ordered, attribute)
	}
	sort.Slice(ordered, func(i, j int) bool {
		return ordered[i].NameRange.Start.Byte < ordered[j].NameRange.Start.Byte
	})
	result := map[string]interface{}{}
	for _, attribute := range ordered {
		v, moreDiags := attribute.Expr.Value(context)
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() {
			result[attribute.Name] = valueMember(v)
		}
	}
	return result, diags
}

// nativeBody evaluates everything in a body of the native syntax, without a schema.
func nativeBody(body *hclsyntax.Body) (map[string]interface{}, hcl.Diagnostics) {
	attributes := map[string]*hcl.Attribute{}
	for name, attribute := range body.Attributes {
		attributes[name] = attribute.AsHCLAttribute()
	}
	values, diags := attributeAnswers(attributes)
	blocks := []blockAnswer{}
	for _, block := range body.Blocks {
		content, moreDiags := nativeBody(block.Body)
		diags = append(diags, moreDiags...)
		labels := block.Labels
		if labels == nil {
			labels = []string{}
		}
		blocks = append(blocks, blockAnswer{block.Type, labels, content})
	}
	return map[string]interface{}{"attributes": values, "blocks": blocks}, diags
}

// schema is the shape that both programs read JSON documents and dynamic blocks with.
var schema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "x"}},
	Blocks: []hcl.BlockHeaderSchema{
		{Type: "blk"},
		{Type: "one", LabelNames: []string{"name"}},
		{Type: "two", LabelNames: []string{"kind", "name"}},
	},
}

func schemaBody(body hcl.Body) (map[string]interface{}, hcl.Diagnostics) {
	content, diags := body.Content(schema)
	values, moreDiags := attributeAnswers(content.Attributes)
	diags = append(diags, moreDiags...)
	blocks := []blockAnswer{}
	for _, block := range content.Blocks {
		inner, moreDiags := schemaBody(block.Body)
		diags = append(diags, moreDiags...)
		labels := block.Labels
		if labels == nil {
			labels = []string{}
		}
		blocks = append(blocks, blockAnswer{block.Type, labels, inner})
	}
	return map[string]interface{}{"attributes": values, "blocks": blocks}, diags
}

// same compares two answers as JSON values; of two errors the texts may differ.
func same(theirs, ours string) bool {
	a, aErr := decode(theirs)
	b, bErr := decode(ours)
	if aErr != nil || bErr != nil {
		return false
	}
	_, aFailed := a["error"]
	_, bFailed := b["error"]
	if aFailed || bFailed {
		return aFailed && bFailed
	}
	return encode(a) == encode(b)
}

func decode(text string) (map[string]interface{}, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var result map[string]interface{}
	err := decoder.Decode(&result)
	return result, err
}
