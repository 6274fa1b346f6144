package helm

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"

	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// values are those that the user gives for all charts.
type values struct {
	merged   map[string]any
	paths    []string
	problems []problem
	layers   []layer // the strongest first
}

type problem struct {
	at      *source.Origin
	message string
}

// readValues merges the values files, the last one wins, and then what is set
// by itself.
func readValues(tree *source.Tree, o Options) values {
	v := values{merged: map[string]any{}}
	fail := func(at *source.Origin, format string, args ...any) {
		v.problems = append(v.problems, problem{at, fmt.Sprintf(format, args...)})
	}
	for _, name := range o.Values {
		f, err := tree.Read(name)
		if err != nil {
			fail(parsers.Missing(name), "cannot read the values file: %v", reason(err))
			continue
		}
		v.paths = append(v.paths, f.Path)
		var m map[string]any
		if err := yaml.Unmarshal(bytes.TrimPrefix(f.Data, byteOrderMark), &m); err != nil {
			fail(parsers.Whole(f), "cannot read the values file: %v", err)
			continue
		}
		v.merged = overlay(v.merged, m)
		v.layers = append(v.layers, layer{root: sync.OnceValue(func() *graph.Node { return firstDocument(f, nil) })})
	}
	for _, s := range o.Set {
		if err := strvals.ParseInto(s, v.merged); err != nil {
			fail(parsers.Missing("."), "cannot set the value %q: %v", s, err)
		}
	}
	slices.Reverse(v.layers)
	v.layers = append(setLayers(o.Set), v.layers...)
	return v
}

// overlay is a with the values of b over it; tables are merged.
func overlay(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	maps.Copy(out, a)
	for k, v := range b {
		if over, ok := v.(map[string]any); ok {
			if under, ok := out[k].(map[string]any); ok {
				out[k] = overlay(under, over)
				continue
			}
		}
		out[k] = v
	}
	return out
}
