package cluster_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster/clustertest"
)

// TestDefinitionsOnServer makes a custom resource of every definition of the
// corpus, with all that has a default in it, and holds that what a real server
// fills in is no drift and nobody's.
func TestDefinitionsOnServer(t *testing.T) {
	definitions := map[string]object{}
	for _, m := range clustertest.Manifests(t, clustertest.Corpus()) {
		if m.Object["kind"] == "CustomResourceDefinition" {
			definitions[m.Object["metadata"].(object)["name"].(string)] = m.Object
		}
	}
	if len(definitions) == 0 {
		t.Skip("no definitions in the corpus")
	}
	s := clustertest.Start(t)
	w := s.Writer(t, "kubectl")
	var made []object
	filled := 0
	for _, name := range slices.Sorted(maps.Keys(definitions)) {
		if refused := w.Create(t.Context(), []object{definitions[name]}); len(refused) > 0 {
			t.Log("refused:", refused)
			continue
		}
		spec := definitions[name]["spec"].(object)
		for _, v := range spec["versions"].([]any) {
			version := v.(object)
			schema, _ := version["schema"].(object)["openAPIV3Schema"].(object)
			o, n := sample(schema)
			custom, ok := o.(object)
			if !ok || version["served"] != true {
				continue
			}
			meta := object{"name": "sample-" + version["name"].(string)}
			if spec["scope"] == "Namespaced" {
				meta["namespace"] = "default"
			}
			custom["apiVersion"], custom["kind"], custom["metadata"] = fmt.Sprint(spec["group"], "/", version["name"]), spec["names"].(object)["kind"], meta
			if refused := w.Create(t.Context(), []object{custom}); len(refused) > 0 {
				t.Log("refused:", refused)
				continue
			}
			filled += n
			made = append(made, custom)
		}
	}
	files := fstest.MapFS{}
	for i, o := range made {
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%04d.yaml", i)] = &fstest.MapFile{Data: text}
	}
	read := readerOf(t, s)
	drift := &cluster.Drift{}
	all(t, files, &cluster.Live{Drift: drift, More: read, Snapshot: func(ctx context.Context) (*cluster.Snapshot, error) { return read(ctx, cluster.Default) }})
	t.Logf("%d definitions, %d objects with %d defaults, %d compared", len(definitions), len(made), filled, drift.Compared)
	if drift.Compared != len(made) || drift.Others > 0 || len(made) < 5 {
		t.Errorf("%d of %d compared, %d fields are others'", drift.Compared, len(made), drift.Others)
	}
	for _, said := range drift.Said() {
		t.Error(said)
	}
}

// sample is a value that a schema allows, with all objects in which something
// has a default, and how many defaults these are.
func sample(schema object) (v any, presets int) {
	switch schema["type"] {
	case "object":
		out := object{}
		required, _ := schema["required"].([]any)
		properties, _ := schema["properties"].(object)
		for name, p := range properties {
			property := p.(object)
			if _, preset := property["default"]; preset {
				presets++
				continue
			}
			inner, n := sample(property)
			if slices.Contains(required, any(name)) || n > 0 {
				out[name], presets = inner, presets+n
			}
		}
		if item, ok := schema["additionalProperties"].(object); ok {
			if inner, n := sample(item); n > 0 {
				out["one"], presets = inner, n
			}
		}
		return out, presets
	case "array":
		inner, n := sample(schema["items"].(object))
		if least, _ := schema["minItems"].(float64); n > 0 || least > 0 {
			return []any{inner}, n
		}
		return []any{}, 0
	case "integer", "number":
		least, _ := schema["minimum"].(float64)
		return int64(cmp.Or(least, 1)), 0
	case "boolean":
		return true, 0
	}
	if enum, ok := schema["enum"].([]any); ok {
		return enum[0], 0
	}
	if schema["format"] == "byte" {
		return "YQ==", 0
	}
	least, _ := schema["minLength"].(float64)
	return strings.Repeat("a", max(1, int(least))), 0
}
