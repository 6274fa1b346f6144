package ruletest

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A document is one object of a fixture's manifests.
type document struct {
	root *graph.Node
	span source.Span
}

// manifests are files of nothing but objects, by name.
type manifests map[string][]byte

// documents are the objects in the order in which they are read.
func (m manifests) documents() (all []document) {
	for _, name := range m.names() {
		for _, d := range yamltext.Parse(source.NewFile(name, m[name]), nil) {
			if d.Root.Kind() == graph.Map {
				all = append(all, document{d.Root, d.Span})
			}
		}
	}
	return all
}

func (m manifests) names() []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// without are the manifests with some of the objects blanked, so that what is
// left stays where it is, and whether any was.
func (m manifests) without(left func(document) bool) (kept manifests, some bool) {
	kept = manifests{}
	for name, data := range m {
		kept[name] = bytes.Clone(data)
	}
	for _, d := range m.documents() {
		if left(d) {
			some = true
			text := kept[d.span.File.Path][d.span.Start:d.span.End]
			for i, c := range text {
				if c != '\n' {
					text[i] = ' '
				}
			}
		}
	}
	return kept, some
}

// A served project says the same as manifests in another way.
type served struct {
	files fstest.MapFS
	// lines are the places, as file:line, at which one of the two says what the
	// manifests say at a span.
	lines func(source.Span) []string
	// names are the keys of the manifests by how they are written.
	names map[string]string
	// faults are what could not be said.
	faults []string
}

// A form is a way to serve manifests.
type form struct {
	name string
	// cannot makes a function that tells, of one object after the other, of
	// what this form has no way to say; nil when there is none.
	cannot func() func(document) bool
	// verbatim says that the text at a place is the same as in the manifests.
	verbatim bool
	serve    func(manifests) served
}

var forms = []form{
	{name: "helm", verbatim: true, serve: chart},
	{name: "patch", verbatim: true, cannot: func() func(document) bool { return either(nameless, null, twice()) }, serve: patched},
	{name: "annotations", verbatim: true, cannot: func() func(document) bool { return either(nameless, null, twice()) }, serve: annotated},
	{name: "yamldecode", verbatim: true, cannot: func() func(document) bool { return either(nameless, isList) }, serve: decoded},
	{name: "manifest", cannot: func() func(document) bool { return either(nameless, isList, notHCL) }, serve: literal},
	{name: "typed", cannot: func() func(document) bool { return either(nameless, isList, notHCL, untyped) }, serve: typed},
}

// verbatim are the places of text that stands in another directory.
func verbatim(dir string) func(source.Span) []string {
	return func(s source.Span) []string { return []string{fmt.Sprintf("%s%s:%d", dir, s.File.Path, s.From().Line)} }
}

// chart serves manifests as the templates of a chart.
func chart(m manifests) served {
	files := fstest.MapFS{"Chart.yaml": text("apiVersion: v2\nname: chart\nversion: 1.0.0\n")}
	for name, data := range m {
		files["templates/"+name] = text(strings.ReplaceAll(string(data), "{{", `{{ "{{" }}`))
	}
	return served{files: files, lines: verbatim("templates/")}
}

// patched serves manifests as a base with an overlay that patches all of it.
func patched(m manifests) served {
	return overlay(m, `
patches:
  - target: {name: .*}
    patch: |
      apiVersion: any/v1
      kind: Any
      metadata:
        name: any
        annotations:
          example.com/served: as-overlay
`)
}

// annotated serves manifests as a base with an overlay that transforms all of it.
func annotated(m manifests) served {
	return overlay(m, `
commonAnnotations:
  example.com/served: as-overlay
`)
}

func overlay(m manifests, changes string) served {
	files := fstest.MapFS{"overlay/kustomization.yaml": text("resources: [../base]" + changes)}
	var base strings.Builder
	base.WriteString("resources:\n")
	for _, name := range m.names() {
		files["base/"+name] = text(string(m[name]))
		fmt.Fprintf(&base, "  - %s\n", name)
	}
	files["base/kustomization.yaml"] = text(base.String())
	return served{files: files, lines: verbatim("base/")}
}

// decoded serves each manifest as a file that a kubernetes_manifest reads, with
// empty lines in front so that its lines are those of the manifests.
func decoded(m manifests) served {
	files := fstest.MapFS{}
	var main strings.Builder
	at := map[source.Span]string{}
	for i, d := range m.documents() {
		name := fmt.Sprintf("%d.txt", i)
		before := d.span.File.Data[:d.span.Start]
		files[name] = text(strings.Repeat("\n", bytes.Count(before, []byte("\n"))) + string(d.span.File.Data[d.span.Start:d.span.End]))
		fmt.Fprintf(&main, "resource \"kubernetes_manifest\" \"m%d\" {\n  manifest = yamldecode(file(\"${path.module}/%s\"))\n}\n", i, name)
		at[d.span] = name
	}
	files["main.tf"] = text(main.String())
	return served{files: files, lines: func(s source.Span) (lines []string) {
		for d, name := range at {
			if d.File.Path == s.File.Path && d.Start <= s.Start && s.End <= d.End {
				lines = append(lines, fmt.Sprintf("%s:%d", name, s.From().Line))
			}
		}
		return lines
	}}
}

// literal serves manifests as objects of HCL.
func literal(m manifests) served {
	return inHCL(m, func(h *hcl, id string, n *graph.Node) { h.manifest(id, n) })
}

// typed serves manifests as resources of the Kubernetes provider.
func typed(m manifests) served {
	return inHCL(m, func(h *hcl, id string, n *graph.Node) { h.typed(id, n) })
}

func inHCL(m manifests, write func(h *hcl, id string, n *graph.Node)) served {
	h := newHCL()
	for i, d := range m.documents() {
		write(h, fmt.Sprintf("m%d", i), d.root)
	}
	return served{
		files: fstest.MapFS{"main.tf": text(h.text.String())},
		names: h.names, faults: h.faults,
		lines: func(s source.Span) (lines []string) {
			for _, line := range h.at(s) {
				lines = append(lines, fmt.Sprintf("main.tf:%d", line))
			}
			return lines
		},
	}
}

// at are the lines of what stands at a span: what was written as just that,
// else the smallest around it.
func (h *hcl) at(s source.Span) []int {
	around := source.Span{}
	for w := range h.lines {
		if w.File.Path != s.File.Path || w.Start > s.Start || w.End < s.End {
			continue
		}
		if around.File == nil || w.End-w.Start < around.End-around.Start {
			around = w
		}
	}
	return h.lines[around]
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func isList(d document) bool {
	return strings.HasSuffix(graph.ValueOf(d.root).At("kind").Str(), "List")
}

// notHCL tells of what HCL has no way to say: a key twice in a map, one text
// that stands in two places by an alias, a number that is not written in the
// usual way.
func notHCL(d document) bool {
	return somewhere(d.root, func(n *graph.Node) bool {
		for range graph.ValueOf(n).Repeated() {
			return true
		}
		return n.Kind() == graph.Number && !decimal.MatchString(n.Text()) || n.Handle() != nil && len(n.Handle().Origin().From) > 0
	})
}

// null tells of objects with a key that is null, which kustomize leaves out.
func null(d document) bool {
	return somewhere(d.root, func(n *graph.Node) bool { return n.Kind() == graph.Null })
}

// somewhere tells whether something is so of a node or of one below it.
func somewhere(n *graph.Node, is func(*graph.Node) bool) bool {
	return is(n) || slices.ContainsFunc(n.Items(), func(item *graph.Node) bool { return somewhere(item, is) }) ||
		slices.ContainsFunc(n.Fields(), func(f graph.Field) bool { return somewhere(f.Node, is) })
}

func either(some ...func(document) bool) func(document) bool {
	return func(d document) bool {
		return slices.ContainsFunc(some, func(f func(document) bool) bool { return f(d) })
	}
}

// nameless tells of what is no object of a cluster but the configuration of a
// program: no server takes it.
func nameless(d document) bool { return graph.ValueOf(d.root).At("metadata.name").Str() == "" }

// twice tells of objects that one before them has the name of.
func twice() func(document) bool {
	seen := map[string]bool{}
	return func(d document) bool {
		v := graph.ValueOf(d.root)
		id := path.Join(kube.Type(v.At("apiVersion").Str(), v.At("kind").Str()), v.At("metadata.namespace").Str(), v.At("metadata.name").Str())
		before := seen[id]
		seen[id] = true
		return before
	}
}
