package driver

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

func rule(id string, check func(*analyzers.Pass)) *analyzers.Rule {
	return &analyzers.Rule{ID: id, Title: "T", Why: "W", Remedy: "R", Check: check}
}

func TestExcluder(t *testing.T) {
	exclude, err := excluder([]string{"vendor/", "/top.yaml", "*.gen.yaml", "!keep.gen.yaml", "a/**/b.tf"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		dir  bool
		out  bool
	}{
		{"vendor", true, true},
		{"x/vendor", true, true},
		{"vendor", false, false}, // a file of that name is none of its business
		{"top.yaml", false, true},
		{"x/top.yaml", false, false},
		{"x/y.gen.yaml", false, true},
		{"x/keep.gen.yaml", false, false}, // the last pattern that matches decides
		{"a/b.tf", false, true},
		{"a/x/y/b.tf", false, true},
		{"c/a/b.tf", false, false},
	} {
		if got := exclude(c.name, c.dir) != ""; got != c.out {
			t.Errorf("exclude(%q, dir %v) = %v", c.name, c.dir, got)
		}
	}
	if _, err := excluder([]string{"a[", "b"}); err == nil {
		t.Error("a malformed pattern was taken")
	}
}

func TestSelect(t *testing.T) {
	none := func(*analyzers.Pass) {}
	a, b, c := rule("k8s-a", none), rule("k8s-b", none), rule("aws-c", none)
	b.Profile = analyzers.Strict
	c.Same = []string{"checkov:CKV_AWS_1"}
	all := []*analyzers.Rule{a, b, c}
	for _, test := range []struct {
		take, leave string
		want        []*analyzers.Rule
	}{
		{"", "", []*analyzers.Rule{a, c}},
		{"strict", "", all},
		{"all", "aws", []*analyzers.Rule{a, b}},
		{"aws,k8s-a", "", []*analyzers.Rule{a, c}},
		{"k8s-*", "k8s-a", []*analyzers.Rule{b}},
		{"ckv_aws_1", "", []*analyzers.Rule{c}},
		{"checkov:CKV_AWS_1", "", []*analyzers.Rule{c}},
	} {
		got, err := Select(all, nil, fields(test.take), fields(test.leave))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("Select(%q, %q) = %v, %v", test.take, test.leave, got, err)
		}
	}
	if _, err := Select(all, nil, []string{"k8s-aa"}, nil); err == nil || !strings.Contains(err.Error(), `"k8s-a"`) {
		t.Errorf("a misspelt rule: %v", err)
	}
	if _, err := Select(all, nil, nil, []string{"nothing-like-it"}); err == nil {
		t.Error("an unknown name was taken")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"Pod/web", "a", "Deployment/shop/website", "Deployment/wbe", "a", "Service/web"}
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"web", 2, []string{"Pod/web", "Service/web"}}, // what holds it before what is like it
		{"deployment/shop", 1, []string{"Deployment/shop/website"}},
		{"Deployment/web", 1, []string{"Deployment/wbe"}},
		{"a", 1, []string{"a"}},
		{"", 9, []string{"Deployment/shop/website", "Deployment/wbe", "Pod/web", "Service/web", "a"}},
	} {
		if got := Nearest(c.text, names, c.n); !slices.Equal(got, c.want) {
			t.Errorf("Nearest(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
	if got := Nearest("x", nil, 3); len(got) != 0 {
		t.Errorf("of none %q", got)
	}
}

func fields(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }

// three resources: two instances written at the same place, one elsewhere.
func instances(exact source.Exactness) Loaded {
	f := source.NewFile("f.tf", []byte("0123456789"))
	b := &graph.Builder{}
	add := func(id string, start int) {
		at := &source.Origin{Span: source.Span{File: f, Start: start, End: start + 1}, Exact: exact}
		b.Add(graph.NewResource(id, "t", id, graph.NewMap([]graph.Field{{Key: "v", Node: graph.NewBool(true, at)}}, at), at))
	}
	add("x[1]", 5)
	add("x[0]", 5)
	add("a", 2)
	return Loaded{Graph: graph.Freeze(b)}
}

func TestOneFindingForOneWrittenPlace(t *testing.T) {
	fire := rule("k8s-fire", analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		p.Report(r.At("v"), "bad %s", r.ID)
		p.Report(r.At("one"), "no one")
		p.Report(r.At("two"), "no two")
	}, "t"))
	report, err := Run(instances(source.AtToken), []*analyzers.Rule{fire}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		var ids []string
		for _, r := range f.Instances {
			ids = append(ids, r.ID)
		}
		got = append(got, f.Message+": "+strings.Join(ids, " "))
	}
	want := []string{
		"bad a: a", "no one: a", "no two: a",
		"bad x[1]: x[1] x[0]", "no one: x[1] x[0]", "no two: x[1] x[0]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("findings:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestUncertainPlacesAreNotMerged(t *testing.T) {
	fire := rule("k8s-fire", analyzers.On(func(p *analyzers.Pass, r *graph.Resource) { p.Report(r.At("v"), "bad") }, "t"))
	report, err := Run(instances(source.InBlock), []*analyzers.Rule{fire}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Findings) != 3 {
		t.Errorf("%d findings, want 3: two things somewhere in a block are two", len(report.Findings))
	}
}

func TestARuleThatPanicsIsNamedAndCostsNoOther(t *testing.T) {
	bad := rule("k8s-bad", func(*analyzers.Pass) { panic("oops") })
	good := rule("k8s-good", analyzers.On(func(p *analyzers.Pass, r *graph.Resource) { p.Report(r.At("v"), "bad") }, "t"))
	report, err := Run(instances(source.AtToken), []*analyzers.Rule{bad, good}, nil)
	if err == nil || !strings.Contains(err.Error(), "k8s-bad") || !strings.Contains(err.Error(), "oops") {
		t.Errorf("err = %v", err)
	}
	if len(report.Findings) != 2 {
		t.Errorf("%d findings of the other rule, want 2", len(report.Findings))
	}
}

func TestTouching(t *testing.T) {
	fire := rule("k8s-fire", analyzers.On(func(p *analyzers.Pass, r *graph.Resource) { p.Report(r.At("v"), "bad") }, "t"))
	loaded := instances(source.AtToken)
	loaded.Roots = []parsers.Root{wordsRoot{file: "values.yaml"}}
	for _, r := range loaded.Graph.Resources()[:2] {
		r.Root = loaded.Roots[0].ID()
	}
	report, err := Run(loaded, []*analyzers.Rule{fire}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]int{
		"f.tf":        2, // both findings stand there
		"g.tf":        0,
		"values.yaml": 1, // it may have changed anything in its root
	} {
		if got := NewChange([]string{file}, loaded).Touching(report.Findings); len(got) != want {
			t.Errorf("%d findings touch %s, want %d", len(got), file, want)
		}
	}
}

// words is a source that makes a root of every file and a resource of every
// word; the word "panic" panics.
type words struct{}

func (words) Name() string { return "words" }
func (words) Roots(p *parsers.Project, _ *graph.Builder) (roots []parsers.Root) {
	for f := range p.Glob("**/*.txt") {
		p.Claim(f, "words")
		roots = append(roots, wordsRoot{p, f})
	}
	return roots
}

type wordsRoot struct {
	p    *parsers.Project
	file string
}

func (r wordsRoot) ID() string             { return "words:" + r.file }
func (r wordsRoot) Dir() string            { return "." }
func (r wordsRoot) Reads(path string) bool { return path == r.file }
func (r wordsRoot) Load(_ context.Context, b *graph.Builder) error {
	f, err := r.p.Tree.Read(r.file)
	if err != nil {
		return err
	}
	for w := range strings.FieldsSeq(string(f.Data)) {
		if w == "panic" {
			panic("as told")
		}
		b.Add(graph.NewResource(w, "word", w, graph.NewMap(nil, nil), parsers.Whole(f)))
	}
	return nil
}

func TestLoad(t *testing.T) {
	tree := source.NewTree(fstest.MapFS{
		"b.txt": {Data: []byte("b1 b2")}, "a.txt": {Data: []byte("a1")}, "c.txt": {Data: []byte("panic")},
		".terraform/x.txt": {Data: []byte("hidden")},
	})
	var linked atomic.Int64
	load := Load{Tree: tree, Under: []string{"."}, Sources: []parsers.Source{words{}}, Link: func(*graph.Builder) { linked.Add(1) }}
	for range 20 { // whoever is first, the order is the same
		loaded, err := load.Graph(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range loaded.Graph.Resources() {
			ids = append(ids, r.Root+" "+r.ID)
		}
		if want := []string{"words:a.txt a1", "words:b.txt b1", "words:b.txt b2"}; !slices.Equal(ids, want) {
			t.Fatalf("resources %q, want %q", ids, want)
		}
		problems := loaded.Graph.Problems()
		if len(problems) != 1 || problems[0].At.Span.File.Path != "c.txt" || !strings.Contains(problems[0].Message, "as told") {
			t.Fatalf("problems %v", problems)
		}
		if skipped := loaded.Graph.Skipped(); len(skipped) != 1 || skipped[0].Path != ".terraform" {
			t.Fatalf("skipped %v", skipped)
		}
	}
	if linked.Load() != 40 {
		t.Errorf("%d roots were linked, want the two that loaded, 20 times", linked.Load())
	}
	load.Wants = func(r parsers.Root) bool { return r.Reads("a.txt") }
	loaded, err := load.Graph(context.Background())
	if err != nil || len(loaded.Roots) != 1 || loaded.Roots[0].ID() != "words:a.txt" {
		t.Errorf("roots %v, %v", loaded.Roots, err)
	}
}
