package analyzers

import (
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func valid() Rule {
	return Rule{ID: "k8s-a", Title: "T", Why: "W", Remedy: "R", Same: []string{"checkov:CKV_1"}, Check: func(*Pass) {}}
}

func TestValidate(t *testing.T) {
	ok := valid()
	if err := ok.Validate(); err != nil {
		t.Errorf("a valid rule: %v", err)
	}
	for name, spoil := range map[string]func(*Rule){
		"kebab-case": func(r *Rule) { r.ID = "K8S_1" },
		"family":     func(r *Rule) { r.ID = "alone" },
		"Title":      func(r *Rule) { r.Title = " " },
		"full stop":  func(r *Rule) { r.Title = "T." },
		"Why":        func(r *Rule) { r.Why = "" },
		"Remedy":     func(r *Rule) { r.Remedy = "" },
		"tool:check": func(r *Rule) { r.Same = []string{"CKV_1"} },
		"Check":      func(r *Rule) { r.Check = nil },
	} {
		r := valid()
		spoil(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a rule without a proper %s: %v", name, err)
		}
	}
}

func TestReportIfNeverFiresOnUnsure(t *testing.T) {
	rule := valid()
	g := graph.Freeze()
	p := NewPass(&rule, g, nil)
	v := graph.ValueOf(graph.NewUnknown(nil))
	if f := p.ReportIf(graph.Unsure, v, "m").Note(v, "n"); f != nil {
		t.Error("an unsure answer was reported")
	}
	p.ReportIf(graph.False, v, "m")
	if len(p.Findings()) != 0 || len(p.Unsure()) != 1 {
		t.Errorf("%d findings, %d unsure; want 0 and 1", len(p.Findings()), len(p.Unsure()))
	}
	p.ReportIf(graph.True, v, "m %d", 1)
	if len(p.Findings()) != 1 || p.Findings()[0].Message != "m 1" {
		t.Errorf("findings %v", p.Findings())
	}
}

func TestFindingPointsAtTheCureOfAnAlias(t *testing.T) {
	f := source.NewFile("f", []byte("anchor alias"))
	anchor := &source.Origin{Span: source.Span{File: f, End: 6}, Exact: source.AtToken}
	alias := &source.Origin{Span: source.Span{File: f, Start: 7, End: 12}, Step: source.Alias, From: []*source.Origin{anchor}, Exact: source.AtToken}
	rule := valid()
	p := NewPass(&rule, graph.Freeze(), nil)
	got := p.Report(graph.ValueOf(graph.NewBool(true, alias)), "m")
	if got.At.Span != anchor.Span {
		t.Errorf("At = %q, want the anchor", got.At.Span.Text())
	}
	if got.Chain.Step != source.Alias {
		t.Error("the chain lost the alias")
	}
}

func TestFactIsMadeOnceForAGraph(t *testing.T) {
	made := 0
	f := NewFact(func(*graph.Graph) int { made++; return made })
	a, b := graph.Freeze(), graph.Freeze()
	if f.Of(a)+f.Of(a) != 2 || f.Of(b) != 2 {
		t.Errorf("made %d times for two graphs", made)
	}
}

func TestParams(t *testing.T) {
	type params struct{ Max int }
	rule := valid()
	rule.Params = &params{Max: 1}
	if got := ParamsOf[params](NewPass(&rule, graph.Freeze(), nil)).Max; got != 1 {
		t.Errorf("the default is %d", got)
	}
	if got := ParamsOf[params](NewPass(&rule, graph.Freeze(), &params{Max: 2})).Max; got != 2 {
		t.Errorf("the given parameter is %d", got)
	}
}

func TestSeverities(t *testing.T) {
	for i, name := range Severities {
		s, err := ParseSeverity(name)
		if err != nil || s != Severity(i) || s.String() != name {
			t.Errorf("ParseSeverity(%q) = %v, %v", name, s, err)
		}
	}
	if _, err := ParseSeverity("grave"); err == nil {
		t.Error("an unknown severity was taken")
	}
}
