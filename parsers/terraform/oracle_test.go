package terraform_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// TestOracle changes what is written, one literal after the other, and looks
// which values change. A chain that ends at a literal has to have a value that
// changes with it (precision), and a value that changes has to have the literal
// in its chain (recall).
func TestOracle(t *testing.T) {
	names, err := filepath.Glob("testdata/trace/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	var sum score
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fsys := fstest.MapFS{}
		for _, f := range a.Files {
			if f.Name != "want" && f.Name != "options" {
				fsys[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		sum.project(t, fsys, 1000)
	}
	sum.check(t)
}

// TestOracleCorpus is TestOracle over configurations that somebody else wrote,
// in the directory SEAWORTHY_CORPUS.
func TestOracleCorpus(t *testing.T) {
	corpus := os.Getenv("SEAWORTHY_CORPUS")
	if corpus == "" {
		t.Skip("SEAWORTHY_CORPUS is not set")
	}
	dirs, err := filepath.Glob(filepath.Join(corpus, "terra*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no configurations", err)
	}
	var sum score
	for _, dir := range dirs {
		fsys := fstest.MapFS{}
		err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(name)
			if err == nil && len(data) < 1<<20 {
				rel, _ := filepath.Rel(dir, name)
				fsys[filepath.ToSlash(rel)] = &fstest.MapFile{Data: data}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sum.project(t, fsys, 60)
	}
	sum.check(t)
}

type score struct{ claims, confirmed, changes, found int }

func (s *score) check(t *testing.T) {
	t.Logf("precision %d of %d, recall %d of %d", s.confirmed, s.claims, s.found, s.changes)
	if s.claims == 0 || s.changes == 0 || s.confirmed*100 < s.claims*99 || s.found*100 < s.changes*97 {
		t.Error("less than 99 % precision or 97 % recall")
	}
}

// project looks at every root, and at no more than so many literals of each.
func (s *score) project(t *testing.T, fsys fstest.MapFS, limit int) {
	names := slices.Sorted(maps.Keys(fsys))
	roots := terraform.New(terraform.Options{}).Roots(parsers.NewProject(source.NewTree(fsys), names), &graph.Builder{})
	for _, r := range roots {
		own := fstest.MapFS{}
		for name, f := range fsys {
			if r.Reads(name) {
				own[name] = f
			}
		}
		s.root(t, r.ID(), own, limit)
	}
}

func (s *score) root(t *testing.T, id string, fsys fstest.MapFS, limit int) {
	before := attributes(t, id, fsys, true)
	var all []literal
	for _, name := range slices.Sorted(maps.Keys(fsys)) {
		if ext := filepath.Ext(name); ext == ".tf" || ext == ".tfvars" {
			all = append(all, literals(name, fsys[name].Data)...)
		}
	}
	step := max(len(all)/limit, 1)
	for i := 0; i < len(all); i += step {
		l := all[i]
		changed := fstest.MapFS{}
		maps.Copy(changed, fsys)
		changed[l.file] = &fstest.MapFile{Data: l.changed(fsys[l.file].Data)}
		after := attributes(t, id, changed, false)
		if len(after) == 0 {
			continue
		}
		for _, at := range slices.Sorted(maps.Keys(before)) {
			a := before[at]
			b, there := after[at]
			differs := !there || a.text != b.text
			claimed, covered := a.claims(l)
			if claimed {
				s.claims++
				if differs {
					s.confirmed++
				} else {
					t.Logf("%s: %s = %s does not hang on %s:%d %s", id, at, a.text, l.file, l.line, l.text)
				}
			}
			if there && differs {
				s.changes++
				if covered {
					s.found++
				} else {
					t.Logf("%s: %s = %s hangs on %s:%d %s, too", id, at, a.text, l.file, l.line, l.text)
				}
			}
		}
	}
}

// An attribute is a value and the links of its chain.
type attribute struct {
	text  string
	links []*source.Origin
}

// claims tells whether a literal is a link of the chain, and whether it lies
// within one. Through a condition or an operator that is one, no change need
// show: false && false stays false with either changed.
func (a attribute) claims(l literal) (claimed, covered bool) {
	decided := slices.ContainsFunc(a.links, func(o *source.Origin) bool {
		text := o.Span.FirstLine().Text()
		return slices.ContainsFunc([]string{"&&", "||", "==", "!=", "<", ">"}, func(op string) bool { return strings.Contains(text, op) })
	})
	for _, o := range a.links {
		s := o.Span
		if s.File != nil && s.File.Path == l.file && s.Start <= l.start && l.end <= s.End {
			covered = true
			claimed = claimed || o.Role != source.Condition && !decided && s.Start == l.start && s.End == l.end
		}
	}
	return claimed, covered
}

func attributes(t *testing.T, id string, fsys fstest.MapFS, chains bool) map[string]attribute {
	t.Helper()
	all := map[string]attribute{}
	names := slices.Sorted(maps.Keys(fsys))
	for _, r := range terraform.New(terraform.Options{}).Roots(parsers.NewProject(source.NewTree(fsys), names), &graph.Builder{}) {
		if r.ID() != id {
			continue
		}
		b := &graph.Builder{}
		if err := r.Load(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.Resources {
			if r.Type == "variable" || r.Type == "terraform" {
				continue
			}
			scalars(r.Config, func(v graph.Value) {
				path := v.Path()
				text, known := v.Text("null")
				if strings.HasPrefix(path, "for_each") || strings.HasPrefix(path, "source") || !known {
					return
				}
				a := attribute{text: text}
				var walk func(o *source.Origin)
				walk = func(o *source.Origin) {
					a.links = append(a.links, o)
					for _, from := range o.From {
						walk(from)
					}
				}
				if chains {
					walk(v.Origin())
				}
				all[r.ID+" "+path] = a
			})
		}
	}
	return all
}

// A literal is one that is written somewhere.
type literal struct {
	file       string
	start, end int // with the quotes
	line       int
	text       string
	kind       cty.Type
}

func literals(name string, data []byte) []literal {
	var all []literal
	add := func(r hcl.Range, kind cty.Type) {
		all = append(all, literal{name, r.Start.Byte, r.End.Byte, r.Start.Line, string(data[r.Start.Byte:r.End.Byte]), kind})
	}
	var body func(b *hcltext.Body)
	body = func(b *hcltext.Body) {
		for _, a := range b.Attributes {
			if a.Name == "type" || a.Name == "source" || a.Name == "nullable" || a.Name == "count" {
				continue
			}
			hclsyntax.VisitAll(a.Expr, func(n hclsyntax.Node) hcl.Diagnostics {
				switch e := n.(type) {
				case *hclsyntax.TemplateExpr:
					if e.IsStringLiteral() && data[e.SrcRange.Start.Byte] == '"' {
						add(e.SrcRange, cty.String)
					}
				case *hclsyntax.LiteralValueExpr:
					if k := e.Val.Type(); !e.Val.IsNull() && (k == cty.Bool || k == cty.Number) {
						add(e.SrcRange, k)
					}
				}
				return nil
			})
		}
		for _, k := range b.Blocks {
			if k.Type != "validation" && k.Type != "terraform" && k.Type != "provider" {
				body(k.Body)
			}
		}
	}
	body(hcltext.Parse(source.NewFile(name, data)).Body)
	return all
}

// changed is the file with another literal in its place.
func (l literal) changed(data []byte) []byte {
	other := strings.TrimSuffix(l.text, `"`) + `q"`
	switch l.kind {
	case cty.Bool:
		other = strconv.FormatBool(l.text != "true")
	case cty.Number:
		other = l.text + " + 1"
		if n, err := strconv.Atoi(l.text); err == nil {
			other = fmt.Sprint(n + 1)
		}
	}
	return slices.Concat(bytes.Clone(data[:l.start]), []byte(other), data[l.end:])
}
