package ruletest

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
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

// Metamorphic serves the manifests of every fixture below dir again in every
// other format that says Kubernetes objects, and holds what the fixture's rule
// finds there against what it finds in the manifests: the same in the same
// objects, at the same path and at the line that says the same. exempt has
// what is rightly different; an exemption without a difference fails. Short
// tests take a sample of the fixtures.
func Metamorphic(t *testing.T, rules []*analyzers.Rule, formats Formats, dir string, exempt []Exemption) {
	eachFixture(t, rules, formats, dir, exempt, bench.metamorphic)
}

// eachFixture tries the fixture of every rule, in short tests of a sample, and
// then whether there was a use for every exemption.
func eachFixture(t *testing.T, rules []*analyzers.Rule, formats Formats, dir string, exempt []Exemption, try func(bench, string, []Exemption, []atomic.Bool)) {
	paths := fixtures(t, dir)
	used := make([]atomic.Bool, len(exempt))
	t.Run("fixtures", func(t *testing.T) {
		for i, rule := range rules {
			file, ok := paths[rule.ID]
			if !ok || testing.Short() && i%5 != 0 {
				continue
			}
			t.Run(rule.ID, func(t *testing.T) {
				t.Parallel()
				try(bench{t: t, rule: rule, all: rules, formats: formats}, file, exempt, used)
			})
		}
	})
	for i, e := range exempt {
		if !testing.Short() && !t.Failed() && !used[i].Load() {
			t.Errorf("there is no difference for %s in %s: the exemption has to go", e.Rule, e.Forms)
		}
	}
}

// metamorphic holds all forms of one fixture against its manifests.
func (b bench) metamorphic(file string, exempt []Exemption, used []atomic.Bool) {
	f := b.read(file)
	if len(f.recorded) > 0 { // it is about what runs, in whatever form that is written
		return
	}
	b.params = f.params
	m := b.manifests(f.files)
	if len(m) == 0 {
		return
	}
	whole := b.findings(m.files())
	for _, form := range forms {
		differences := b.compare(form, m, whole)
		i := slices.IndexFunc(exempt, func(e Exemption) bool { return e.covers(b.rule, form.name) })
		switch {
		case len(differences) == 0:
		case i >= 0:
			used[i].Store(true)
		default:
			b.t.Errorf("as %s:\n%s", form.name, strings.Join(differences, "\n"))
		}
	}
}

// An Exemption says that a form is rightly judged in another way.
type Exemption struct {
	Rule   string // a rule or a glob
	Forms  string // names of forms, separated by blanks
	Reason string
}

func (e Exemption) covers(r *analyzers.Rule, form string) bool {
	ok, _ := path.Match(e.Rule, r.ID)
	return ok && slices.Contains(strings.Fields(e.Forms), form)
}

// manifests are the files of a fixture that hold nothing but objects and that
// no other format has a use for.
func (b bench) manifests(files fstest.MapFS) manifests {
	var plain parsers.Root
	load := b.load(files)
	load.Wants = func(r parsers.Root) bool {
		if r.ID() == "kubernetes:." {
			plain = r
		}
		return false
	}
	if _, err := load.Graph(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	m := manifests{}
	for name, f := range files {
		if plain == nil || !plain.Reads(name) || path.Ext(name) != ".yaml" {
			continue
		}
		one := manifests{name: f.Data}
		docs := one.documents()
		if len(docs) > 0 && !slices.ContainsFunc(docs, func(d document) bool {
			v := graph.ValueOf(d.root)
			return v.At("apiVersion").Str() == "" || v.At("kind").Str() == ""
		}) {
			m[name] = f.Data
		}
	}
	return m
}

// files are the manifests as a project.
func (m manifests) files() fstest.MapFS {
	files := fstest.MapFS{}
	for name, data := range m {
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// compare says what differs between one form and the manifests.
func (b bench) compare(form form, m manifests, want []*found) (differences []string) {
	if form.cannot != nil {
		if kept, some := m.without(form.cannot()); some {
			m, want = kept, b.findings(kept.files())
		}
	}
	if len(m.documents()) == 0 {
		return nil
	}
	s := form.serve(m)
	got := b.findings(s.files)
	differences = s.faults
	for _, w := range want {
		lines := s.lines(w.at.Span)
		i := slices.IndexFunc(got, func(g *found) bool {
			return g.key(s.names) == w.key(s.names) && slices.Contains(lines, where(g.at)) && (!form.verbatim || g.at.Span.Text() == w.at.Span.Text())
		})
		if i < 0 {
			differences = append(differences, fmt.Sprintf("lost at %s: %s", strings.Join(lines, " or "), w.key(s.names)))
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	for _, g := range got {
		differences = append(differences, fmt.Sprintf("new at %s: %s", where(g.at), g.key(s.names)))
	}
	return differences
}

// found is what does not change with the form.
type found struct {
	message string
	what    []string // the objects
	path    string
	unsure  bool
	at      *source.Origin
}

// key tells findings apart, with keys as the manifests have them.
func (f *found) key(names map[string]string) string {
	message := f.message
	if len(names) > 0 {
		message = word.ReplaceAllStringFunc(message, func(w string) string { return cmp.Or(names[w], w) })
	}
	unsure := ""
	if f.unsure {
		unsure = "unsure: "
	}
	return fmt.Sprintf("%s%s: %s (%s)", unsure, strings.Join(f.what, ", "), message, f.path)
}

// findings are what the rule finds in a project.
func (b bench) findings(files fstest.MapFS) (all []*found) {
	report, g := b.run(files)
	names := addresses(g)
	for _, p := range report.Problems {
		b.t.Errorf("%s: problem: %s", where(p.At), p.Message)
	}
	for i, list := range [][]*analyzers.Finding{report.Findings, report.Unsure} {
		for _, f := range list {
			if f.Rule != b.rule {
				continue
			}
			one := &found{message: names.Replace(f.Message), path: f.Path, unsure: i == 1, at: f.At}
			for _, r := range f.Instances {
				one.what = append(one.what, identity(r))
			}
			slices.Sort(one.what)
			all = append(all, one)
		}
	}
	return all
}

// addresses replaces what objects are called in a form by what they are called
// in all.
func addresses(g *graph.Graph) *strings.Replacer {
	resources := slices.Clone(g.Resources())
	slices.SortStableFunc(resources, func(a, b *graph.Resource) int { return len(b.ID) - len(a.ID) })
	var pairs []string
	for _, r := range resources {
		if r.ID != "" && strings.Contains(r.Type, "/") {
			pairs = append(pairs, r.ID, identity(r))
		}
	}
	return strings.NewReplacer(pairs...)
}

// identity is what an object is called in every form.
func identity(r *graph.Resource) string {
	if r == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %s/%s", r.Type, r.At("metadata.namespace").Str(), r.Name)
}

var word = regexp.MustCompile(`[A-Za-z_]+`)
