package live

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Unread tells whether a finding rests on something not being there that may
// only not have been read.
func Unread(g *graph.Graph, f *analyzers.Finding) bool {
	if len(f.Rule.Needs) == 0 || f.Resource == nil || !Is(f.Resource) {
		return false
	}
	in := f.Resource.At("metadata.namespace").Str()
	if f.Resource.Type == "core/Namespace" {
		in = f.Resource.At("metadata.name").Str()
	}
	if reference, _ := f.Value.Parent(); reference.At("namespace").Str() != "" {
		in = reference.At("namespace").Str() // it is about something elsewhere
	}
	for _, typ := range f.Rule.Needs {
		if Complete(g, f.Resource, typ, in) == graph.Unsure {
			return true
		}
	}
	return false
}
