package sarif

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "write golden files")

// schema is the published schema of SARIF 2.1.0.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write writes a report, holds it against the schema and returns it.
func write(t testing.TB, s *jsonschema.Schema, r *analyzers.Report, opt Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r, opt); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	if err := s.Validate(doc); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	return out.Bytes()
}

// at is the place of the first occurrence of text in a file.
func at(f *source.File, text string, exact source.Exactness) *source.Origin {
	i := strings.Index(string(f.Data), text)
	if i < 0 {
		panic(fmt.Sprintf("%q is not in %s", text, f.Path))
	}
	return &source.Origin{Span: source.Span{File: f, Start: i, End: i + len(text)}, Exact: exact}
}

func resourceIn(root, id string, place *source.Origin) *graph.Resource {
	r := graph.NewResource(id, "apps/Deployment", "web", nil, place)
	r.Root = root
	return r
}

// everything is a report with all that can be in one.
func everything() *analyzers.Report {
	rules := []*analyzers.Rule{
		{ID: "k8s-privileged-container", Title: "Container runs privileged", Why: "It owns the node.", Remedy: "Remove `privileged: true`.", Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision, Same: []string{"checkov:CKV_K8S_16", "trivy:KSV-0017"}},
		{ID: "aws-open-ingress", Title: "Open to the world", Why: strings.Repeat("Long. ", 300), Remedy: "Narrow it.", Severity: analyzers.Medium},
		{ID: "k8s-no-limits", Title: "No limits", Why: "It eats the node.", Remedy: "Set them.", Severity: analyzers.Low, Profile: analyzers.Strict},
		{ID: "meta-odd", Title: "Odd", Why: "Worth a look.", Remedy: "Look.", Severity: analyzers.Info, Precision: analyzers.LowPrecision},
	}
	values := source.NewFile("charts/web app/values.yaml", []byte("image: \"🚀\"\r\nprivileged: {a: \"é🚀\", b: true}\r\n"))
	template := source.NewFile("charts/web app/templates/deploy.yaml", []byte("kind: Deployment\nspec:\n  privileged: {{ .Values.b }}\n\n"))
	helper := source.NewFile("charts/web app/templates/_h.tpl", []byte("{{ define \"x\" }}{{ end }}\n"))
	tf := source.NewFile("a:b#100%/main[1].tf", []byte("resource \"aws_security_group\" \"s\" {\n  cidr = \"0.0.0.0/0\"\n}\n\n"))
	outside := source.NewFile("../base/x.yaml", []byte("a: 1\n"))

	value := at(values, "true", source.AtToken)
	value.Step, value.Role = source.Values, source.DrivenBy
	value.From = []*source.Origin{{Span: outside.Whole(), Exact: source.AtToken}}
	include := at(helper, `define "x"`, source.AtLine)
	include.Step, include.Role = source.Include, source.Via
	chain := at(template, "{{ .Values.b }}", source.AtToken)
	chain.Step, chain.From = source.Template, []*source.Origin{value, include, value}

	web := resourceIn("helm:charts/web app", "Deployment/web", at(template, "kind: Deployment", source.AtLine))
	group := resourceIn("terraform:a:b", `module.m.aws_security_group.s["k"]`, at(tf, `resource "aws_security_group" "s"`, source.AtToken))
	var instances []*graph.Resource
	for i := range 130 {
		instances = append(instances, resourceIn(web.Root, fmt.Sprintf("Deployment/web%d", i), nil))
	}
	return &analyzers.Report{
		Rules: rules,
		Findings: []*analyzers.Finding{
			{Rule: rules[1], Message: "open to the world", Resource: group, At: at(tf, `"0.0.0.0/0"`, source.AtToken), Path: "cidr", Instances: []*graph.Resource{group},
				Related: []analyzers.Note{{At: at(tf, "resource", source.AtLine), Text: "used by [it]"}, {Text: "nowhere"}}},
			{Rule: rules[1], Message: "says [click](http://x.example) and <b>\u202e", Resource: group, At: at(tf, "resource \"aws_security_group\" \"s\" {\n  cidr = \"0.0.0.0/0\"\n}\n\n", source.InBlock), Path: "cidr"},
			{Rule: rules[2], Message: "has no limits", Resource: web, At: at(template, "spec:", source.InFile), Path: "spec", Absent: true},
			{Rule: rules[2], Message: "has no limits", Resource: web, At: at(template, "spec:\n", source.AtLine), Path: "spec", Absent: true},
			{Rule: rules[0], Message: `container "app" runs privileged`, Resource: web, At: value, Chain: chain, Path: "spec.privileged", Instances: []*graph.Resource{web, instances[0]}},
			{Rule: rules[0], Message: "many", Resource: web, At: chain, Chain: chain, Path: "spec.privileged", Instances: append([]*graph.Resource{web}, instances...)},
			{Rule: rules[3], Message: "has no place of its own", Resource: web, Path: "x"},
			{Rule: rules[3], Message: "has no place at all"},
			{Rule: rules[3], Message: "is outside", At: at(outside, "1", source.AtToken)},
		},
		Unsure: []*analyzers.Finding{{Rule: rules[0], Message: "may run privileged", Resource: web, At: chain, Chain: chain, Path: "spec.privileged"}},
		Problems: []graph.Problem{
			{Level: graph.Error, Message: "does not parse: [a](1)", At: at(template, "{{ .Values.b }}", source.AtToken)},
			{Level: graph.Error, Message: "cannot be read", At: &source.Origin{Span: source.NewFile("charts/gone", nil).Whole()}},
			{Level: graph.Warning, Message: "remote module", At: at(tf, "resource", source.AtLine)},
			{Level: graph.Warning, Message: "the tree", At: &source.Origin{Span: source.NewFile(".", nil).Whole()}},
		},
		Skipped:   []source.Skip{{Path: ".terraform", Why: "excluded by .terraform/"}},
		Roots:     []string{"helm:charts/web app", "terraform:a:b"},
		Resources: 132,
	}
}

func TestWriteGolden(t *testing.T) {
	s := schema(t)
	for name, opt := range map[string]Options{
		"report": {Version: "1.2.3"},
		"unsure": {Version: "1.2.3", Base: "sub dir", Category: "seaworthy/charts", Unsure: true},
	} {
		t.Run(name, func(t *testing.T) {
			out := write(t, s, everything(), opt)
			if again := write(t, s, everything(), opt); !bytes.Equal(out, again) {
				t.Error("the same report gave other bytes")
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, out, "", "  "); err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + name + ".golden.sarif"
			if *update {
				if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriteNothing(t *testing.T) {
	out := string(write(t, schema(t), &analyzers.Report{}, Options{}))
	for _, want := range []string{`"results":[]`, `"rules":[]`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
	if strings.Contains(out, "null") {
		t.Errorf("null in %s", out)
	}
}

// GitHub takes so many results and shows fewer: the worst must come first.
func TestWriteWorstFirst(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("a: 1\n"))
	low := &analyzers.Rule{ID: "k8s-low", Severity: analyzers.Low}
	high := &analyzers.Rule{ID: "k8s-high", Severity: analyzers.High}
	r := &analyzers.Report{Rules: []*analyzers.Rule{low, high}}
	for i := range maxResults + 1 {
		r.Findings = append(r.Findings, &analyzers.Finding{Rule: low, Message: fmt.Sprint("low ", i), At: at(f, "a", source.AtToken)})
	}
	for i := range 2 {
		r.Findings = append(r.Findings, &analyzers.Finding{Rule: high, Message: fmt.Sprint("high ", i), At: at(f, "a", source.AtToken)})
	}
	r.Unsure = append(r.Unsure, &analyzers.Finding{Rule: high, Message: "unsure", At: at(f, "a", source.AtToken)})
	var out bytes.Buffer
	if err := Write(&out, r, Options{Unsure: true}); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleIndex *int
				Message   struct{ Text string }
			}
			Invocations []struct {
				ToolExecutionNotifications []struct{ Message struct{ Text string } }
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	results := log.Runs[0].Results
	if len(results) != maxResults {
		t.Fatalf("%d results", len(results))
	}
	var first []string
	for _, r := range results[:3] {
		first = append(first, r.Message.Text)
	}
	if diff := cmp.Diff([]string{"high 0", "high 1", "low 0"}, first); diff != "" {
		t.Error(diff)
	}
	if i := results[0].RuleIndex; i == nil || *i != 1 {
		t.Errorf("rule index of a high finding: %v", i)
	}
	notes := log.Runs[0].Invocations[0].ToolExecutionNotifications
	if len(notes) != 1 || notes[0].Message.Text != "4 results are left out: only the 25000 worst are listed" {
		t.Errorf("notes: %v", notes)
	}
}

// FuzzWrite holds that whatever stands in a project, the file is one that
// GitHub takes and its links lead to related locations.
func FuzzWrite(f *testing.F) {
	f.Add("message [a](1)", "dir/a.yaml", `aws_x.y["k"]`, []byte("a: é\r\nb: 🚀\n"), 2, 8, uint8(3))
	f.Add("](9)", "a:b", "](7)", []byte{0xff, 0xfe, '\r'}, 0, 3, uint8(1))
	f.Add(`\](3)`, "../x", "", []byte(nil), 0, 0, uint8(0))
	s := schema(f)
	f.Fuzz(func(t *testing.T, message, path, id string, data []byte, start, end int, exact uint8) {
		if start < 0 || end < start || end > len(data) || exact > uint8(source.AtToken) {
			t.Skip()
		}
		file := source.NewFile(path, data)
		cause := &source.Origin{Span: file.Whole(), Step: source.Values, Role: source.DrivenBy}
		o := &source.Origin{Span: source.Span{File: file, Start: start, End: end}, Exact: source.Exactness(exact), From: []*source.Origin{cause}}
		rule := &analyzers.Rule{ID: "k8s-a", Title: message, Why: message, Remedy: message}
		r := resourceIn("kubernetes:.", id, cause)
		report := &analyzers.Report{
			Rules:    []*analyzers.Rule{rule},
			Findings: []*analyzers.Finding{{Rule: rule, Message: message, Resource: r, At: o, Chain: o, Path: id, Instances: []*graph.Resource{r, resourceIn(message, id, nil)}, Related: []analyzers.Note{{At: cause, Text: message}}}},
			Problems: []graph.Problem{{Message: message, At: o}},
			Skipped:  []source.Skip{{Path: path, Why: message}},
		}
		out := write(t, s, report, Options{})
		var log struct {
			Runs []struct {
				Results []struct {
					Message   struct{ Text string }
					Locations []struct {
						PhysicalLocation struct {
							Region struct{ StartLine, StartColumn, EndLine, EndColumn int }
						}
					}
					RelatedLocations []struct{ ID int }
				}
			}
		}
		if err := json.Unmarshal(out, &log); err != nil {
			t.Fatal(err)
		}
		for _, result := range log.Runs[0].Results {
			for _, l := range linkForm.FindAllStringSubmatch(result.Message.Text, -1) {
				if n := len(result.RelatedLocations); l[1] == "0" || len(l[1]) > 1 || int(l[1][0]-'0') > n {
					t.Errorf("link to %s of %d in %q", l[1], n, result.Message.Text)
				}
			}
			r := result.Locations[0].PhysicalLocation.Region
			if r.EndLine < r.StartLine || r.StartLine < 1 || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
				t.Errorf("region %v", r)
			}
		}
	})
}

var linkForm = regexp.MustCompile(`\]\(([^)]*)\)`)
