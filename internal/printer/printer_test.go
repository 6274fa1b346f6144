package printer

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "write golden files")

// golden holds what print writes against a file.
func golden(t *testing.T, name string, print func(io.Writer) error) {
	t.Helper()
	var out bytes.Buffer
	if err := print(&out); err != nil {
		t.Fatal(err)
	}
	file := "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}

// at is the place of the first occurrence of text in a file.
func at(f *source.File, text string, exact source.Exactness) *source.Origin {
	i := strings.Index(string(f.Data), text)
	if i < 0 {
		panic(fmt.Sprintf("%q is not in %s", text, f.Path))
	}
	return &source.Origin{Span: source.Span{File: f, Start: i, End: i + len(text)}, Exact: exact}
}

func resource(root, id string) *graph.Resource {
	r := graph.NewResource(id, "apps/Deployment", "web", nil, nil)
	r.Root = root
	return r
}

var catalogue = []*analyzers.Rule{
	{ID: "k8s-privileged-container", Title: "Container runs privileged", Why: "Whoever gets into it owns the node.", Remedy: "Remove `privileged: true` from the `securityContext`.", Severity: analyzers.Critical, Precision: analyzers.VeryHighPrecision, Same: []string{"checkov:CKV_K8S_16", "trivy:KSV-0017"}},
	{ID: "aws-open-ingress", Title: "Security group is open | to the world", Why: "Everybody can knock.", Remedy: "Narrow it.", Severity: analyzers.High},
	{ID: "k8s-latest", Title: "Image has no fixed version", Why: "It changes under you.", Remedy: "Name one.", Severity: analyzers.Medium},
	{ID: "k8s-no-limits", Title: "No limits", Why: "It eats the node.", Remedy: "Set them.", Severity: analyzers.Low, Profile: analyzers.Strict},
	{ID: "meta-odd", Title: "Odd", Why: "Worth a look.", Remedy: "Look.", Severity: analyzers.Info, Precision: analyzers.LowPrecision},
}

// everything is a report with all that can be in one.
func everything() *analyzers.Report {
	values := source.NewFile("web/values.yaml", []byte("image: web\nprivileged: true\n"))
	template := source.NewFile("web/templates/deploy.yaml", []byte("kind: Deployment\nspec:\n\t\tprivileged: {{ .Values.privileged }}\n  x: 1\n"))
	wide := source.NewFile("wide.yaml", []byte("漢字: \"東京🚀é\" # e\u0301\u202e\x1b[31m\ndata: "+strings.Repeat("0123456789", 30)+"needle"+strings.Repeat("abcdefghij", 30)+"\nempty:\n"))
	tf := source.NewFile("main.tf", []byte("resource \"aws_security_group\" \"s\" {\n  cidr = <<E\n0.0.0.0/0\nE\n}\n\n"))

	value := at(values, "true", source.AtToken)
	value.Step, value.Role = source.Values, source.DrivenBy
	chain := at(template, "{{ .Values.privileged }}", source.AtToken)
	chain.Step, chain.From = source.Template, []*source.Origin{value}
	web := resource("helm:web", "Deployment/web")
	instances := []*graph.Resource{web}
	for i := range 7 {
		instances = append(instances, resource("helm:web", fmt.Sprintf("Deployment/web-%d", i)))
	}
	instances[2].Root = "helm:parent"
	group := resource("terraform:.", `module.m.aws_security_group.s["k"]`)
	policy := at(tf, "cidr", source.AtLine)
	r := &analyzers.Report{
		Rules: catalogue,
		Findings: []*analyzers.Finding{
			{Rule: catalogue[1], Message: "is open to \"0.0.0.0/0\"\nand more", Resource: group, At: at(tf, "<<E\n0.0.0.0/0\nE", source.AtToken), Path: "cidr",
				Related: []analyzers.Note{{At: policy, Text: "used here"}, {Text: "nowhere"}}},
			{Rule: catalogue[1], Message: "somewhere in the block", Resource: group, At: at(tf, string(tf.Data), source.InBlock)},
			{Rule: catalogue[3], Message: "has no limits", Resource: web, At: at(template, "kind: Deployment", source.AtLine), Path: "spec.limits", Absent: true},
			{Rule: catalogue[4], Message: "is odd", Resource: web, At: at(template, "kind: Deployment", source.AtLine), Related: []analyzers.Note{{At: at(template, "x", source.AtToken), Text: "used here"}}},
			{Rule: catalogue[3], Message: "is somewhere in the file", Resource: web, At: at(template, "spec", source.InFile)},
			{Rule: catalogue[0], Message: "container \"app\" runs privileged", Resource: web, At: chain, Chain: chain, Path: "spec.privileged", Instances: instances},
			{Rule: catalogue[2], Message: "wide characters", At: at(wide, "京🚀", source.AtToken)},
			{Rule: catalogue[2], Message: "hidden \u202e and \x1b[31m ##vso[task.complete]", At: at(wide, "e\u0301\u202e", source.AtToken)},
			{Rule: catalogue[2], Message: "far to the right", At: at(wide, "needle", source.AtToken)},
			{Rule: catalogue[2], Message: "a long line", At: at(wide, "data", source.AtLine)},
			{Rule: catalogue[4], Message: "empty token at the end", At: &source.Origin{Span: source.Span{File: wide, Start: len(wide.Data) - 1, End: len(wide.Data) - 1}, Exact: source.AtToken}},
			{Rule: catalogue[4], Message: "has no place"},
		},
		Unsure: []*analyzers.Finding{{Rule: catalogue[0], Message: "container \"app\" may run privileged", Resource: web, At: value, Chain: value}},
		Problems: []graph.Problem{
			{Level: graph.Error, Message: "does not parse: found\n::error::x \t\x1b", At: at(wide, "needle", source.AtToken)},
			{Level: graph.Error, Message: "cannot be read", At: &source.Origin{Span: source.NewFile(":odd::dir", nil).Whole()}},
			{Level: graph.Warning, Message: "module \"x\" is remote", At: at(tf, "resource", source.AtLine)},
		},
		Skipped:   []source.Skip{{Path: ".terraform", Why: "excluded by .terraform/"}, {Path: "a\nb", Why: "binary"}},
		Roots:     []string{"helm:web", "terraform:."},
		Resources: 9,
	}
	return r
}

// clean reports have few words.
func nothing() *analyzers.Report {
	return &analyzers.Report{Rules: catalogue, Roots: []string{"kubernetes:."}, Resources: 3}
}

func TestGolden(t *testing.T) {
	display := func(p string) string { return "../" + p }
	few := everything()
	few.Findings, few.Problems, few.Skipped = few.Findings[:1], nil, nil
	for name, print := range map[string]func(io.Writer) error{
		"text":        func(w io.Writer) error { return Text(w, everything(), Options{}) },
		"text-color":  func(w io.Writer) error { return Text(w, everything(), Options{Color: true, Width: 120}) },
		"text-narrow": func(w io.Writer) error { return Text(w, everything(), Options{Width: 10, Quiet: true}) },
		"text-verbose": func(w io.Writer) error {
			return Text(w, everything(), Options{Verbose: true, ShowUnsure: true, Display: display})
		},
		"text-few":       func(w io.Writer) error { return Text(w, few, Options{}) },
		"text-nothing":   func(w io.Writer) error { return Text(w, nothing(), Options{}) },
		"line":           func(w io.Writer) error { return Line(w, everything(), Options{}) },
		"line-unsure":    func(w io.Writer) error { return Line(w, few, Options{ShowUnsure: true, Display: display, Color: true}) },
		"json":           func(w io.Writer) error { return JSON(w, everything(), Options{Version: "1.2.3"}) },
		"json-verbose":   func(w io.Writer) error { return JSON(w, everything(), Options{Verbose: true, ShowUnsure: true}) },
		"text-framework": func(w io.Writer) error { return Text(w, assessed(), Options{}) },
		"text-framework-verbose": func(w io.Writer) error {
			return Text(w, assessed(), Options{Verbose: true, Color: true, Width: 100})
		},
		"json-framework": func(w io.Writer) error { return JSON(w, assessed(), Options{}) },
		"frameworks":     func(w io.Writer) error { return Frameworks(w, []*analyzers.Framework{framework()}) },
		"html":           func(w io.Writer) error { return HTML(w, assessed(), Options{Version: "1.2.3", Display: display}) },
		"html-nothing":   func(w io.Writer) error { return HTML(w, nothing(), Options{}) },
		"junit":          func(w io.Writer) error { return JUnit(w, assessed(), Options{}) },
		"github":         func(w io.Writer) error { return GitHub(w, everything(), Options{ShowUnsure: true, Display: display}) },
		"gitlab":         func(w io.Writer) error { return GitLab(w, everything()) },
		"markdown":       func(w io.Writer) error { return Markdown(w, assessed(), Options{}) },
		"markdown-clean": func(w io.Writer) error { return Markdown(w, nothing(), Options{}) },
		"json-nothing":   func(w io.Writer) error { return JSON(w, &analyzers.Report{}, Options{}) },
		"rules":          func(w io.Writer) error { return Rules(w, Catalogue{Rules: catalogue}, "table") },
		"rules-json":     func(w io.Writer) error { return Rules(w, Catalogue{Rules: catalogue}, "json") },
		"rules-md":       func(w io.Writer) error { return Rules(w, Catalogue{Rules: catalogue}, "markdown") },
		"explain": func(w io.Writer) error {
			return Explain(w, long, nil, Example{Bad: "a:\n  b: 1\n", Good: "a: {}\n"}, Options{Width: 60})
		},
		"explain-color": func(w io.Writer) error { return Explain(w, long, nil, Example{}, Options{Width: 200, Color: true}) },
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, print) })
	}
}

var long = &analyzers.Rule{
	ID: "k8s-example", Title: "Something is `wrong` here", Severity: analyzers.High,
	Why:    strings.Repeat("A sentence that says why, with `code: in it` and 漢字. ", 5),
	Remedy: "Do this:\n\n```yaml\na:   1 # kept as it is, however long the line may be, because it is code\n```\n\n- first `a b`\n- second, unbalanced `",
	Same:   []string{"checkov:CKV_K8S_1", "kube-linter:x"}, Profile: analyzers.Strict,
}

func TestRulesUnknownFormat(t *testing.T) {
	if err := Rules(io.Discard, Catalogue{Rules: catalogue}, "xml"); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("error is %v", err)
	}
}

var lineForm = regexp.MustCompile(`^(.+?):(\d+):(\d+): (error|warning|note): (.+) \[([A-Za-z0-9_.-]+)\]$`)

// Every line must match, or an editor shows nothing.
func TestLineMatches(t *testing.T) {
	var out bytes.Buffer
	if err := Line(&out, everything(), Options{ShowUnsure: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if r := everything(); len(lines) != len(r.Findings)+len(r.Unsure)+len(r.Problems) {
		t.Errorf("%d lines", len(lines))
	}
	for _, l := range lines {
		if !lineForm.MatchString(l) || strings.HasPrefix(l, "::") {
			t.Errorf("%q", l)
		}
	}
}

// command is what build agents take for one.
var command = regexp.MustCompile(`(?m)##[A-Za-z-]*\[|^\s*::`)

// FuzzHostile holds that nothing in a project gets a control character to a
// terminal or a command to a build agent, and that marks stay under the line.
func FuzzHostile(f *testing.F) {
	f.Add("message\n::error::x", "dir/a.yaml", "Deployment/web", []byte("a: é\tb\r\n##vso[task.complete]: 🚀\n"), 2, 8, uint8(3), uint8(80))
	f.Add("##[stop-commands]x", " ::stop-commands::x", "\u202e", []byte("\ufeffa\x1b]0;x\x07\xff"), 0, 6, uint8(1), uint8(0))
	f.Add("\r\u2028::", "\t::", "#\x00", []byte(nil), 0, 0, uint8(0), uint8(200))
	f.Fuzz(func(t *testing.T, message, path, id string, data []byte, start, end int, exact, width uint8) {
		if start < 0 || end < start || end > len(data) || exact > uint8(source.AtToken) {
			t.Skip()
		}
		file := source.NewFile(path, data)
		o := &source.Origin{Span: source.Span{File: file, Start: start, End: end}, Exact: source.Exactness(exact)}
		r := resource("kubernetes:"+id, id)
		finding := &analyzers.Finding{Rule: catalogue[0], Message: message, Resource: r, At: o, Instances: []*graph.Resource{r, resource(message, id)}, Related: []analyzers.Note{{At: o, Text: message}}}
		report := &analyzers.Report{
			Findings: []*analyzers.Finding{finding}, Unsure: []*analyzers.Finding{finding},
			Problems: []graph.Problem{{Message: message, At: o}},
			Skipped:  []source.Skip{{Path: path, Why: message}}, Roots: []string{r.Root},
		}
		opt := Options{Verbose: true, ShowUnsure: true, Width: int(width)}
		var text, line bytes.Buffer
		if err := Text(&text, report, opt); err != nil {
			t.Fatal(err)
		}
		if err := Line(&line, report, opt); err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{text.String(), line.String()} {
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("not printable at %d in %q", i, out)
			}
			if m := command.FindString(out); m != "" {
				t.Errorf("%q in %q", m, out)
			}
		}
		lines := strings.Split(strings.TrimSuffix(line.String(), "\n"), "\n")
		for _, l := range lines {
			if !lineForm.MatchString(l) {
				t.Errorf("%q does not match", l)
			}
		}
		if len(lines) != 3 {
			t.Errorf("%d lines in %q", len(lines), line.String())
		}
		var snippet strings.Builder
		opt.snippet(&snippet, o, "")
		for l := range strings.SplitSeq(snippet.String(), "\n") {
			if columns(l) > opt.width() {
				t.Errorf("%d columns of %d in %q", columns(l), opt.width(), l)
			}
		}
	})
}
