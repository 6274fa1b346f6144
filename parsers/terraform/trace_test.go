package terraform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// TestTrace holds where the values of the projects in testdata/trace come from.
func TestTrace(t *testing.T) { testProjects(t, "testdata/trace/*.txtar", chains) }

// chains is the chain of every scalar and unknown of the resources.
func chains(all []*graph.Builder) string {
	var w strings.Builder
	for _, b := range all {
		for _, r := range b.Resources {
			if strings.HasPrefix(r.Type, "variable") {
				continue
			}
			fmt.Fprintf(&w, "%s %s\n", r.ID, place(r.Place))
			dumpChain(&w, r.Place, "  ")
			scalars(r.Config, func(v graph.Value) {
				if strings.HasPrefix(v.Path(), "for_each") {
					return
				}
				text, ok := v.Text("null")
				if !ok {
					text = "?"
				}
				fmt.Fprintf(&w, "  %s = %s: %s %s\n", v.Path(), text, v.Origin().Step, place(v.Origin()))
				dumpChain(&w, v.Origin(), "    ")
			})
		}
		for _, p := range b.Problems {
			fmt.Fprintf(&w, "%s: %s\n", place(p.At), p.Message)
		}
	}
	return w.String()
}

func scalars(v graph.Value, fn func(graph.Value)) {
	for w := range v.Each() {
		if n, _ := w.Len(); n == 0 {
			fn(w)
		}
		scalars(w, fn)
	}
}

func dumpChain(w *strings.Builder, o *source.Origin, indent string) {
	for _, from := range o.From {
		at := "nowhere"
		if from.Span.File != nil {
			at = place(from)
		}
		fmt.Fprintf(w, "%s%s %s %s\n", indent, from.Role, from.Step, at)
		dumpChain(w, from, indent+"  ")
	}
}
