package kustomize

import (
	"context"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// FuzzLoad looks for files that make a build panic or claim a place that is
// none.
func FuzzLoad(f *testing.F) {
	const base = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - {name: c, image: 'nginx:1', env: [{name: A, value: b}]}\n"
	for _, k := range []string{
		"resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: Deployment}}]\n",
		"resources: [../base]\nnamePrefix: x-\nnamespace: y\nimages: [{name: nginx, newTag: '2'}]\nreplicas: [{name: a, count: 2}]\npatchesStrategicMerge: [p.yaml]\n",
		"resources: [../base, a.yaml]\ncomponents: [../part]\nlabels: [{pairs: {a: b}, includeSelectors: true}]\nbuildMetadata: [originAnnotations, managedByLabel]\n",
		"resources: [a.yaml]\nconfigMapGenerator: [{name: m, files: [p.yaml], literals: [a=b]}]\nvars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: m}}]\n",
		"resources: [a.yaml]\ntransformers: [p.yaml]\nreplacements: [{source: {kind: Deployment, fieldPath: spec.replicas}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.x], options: {create: true}}]}]\n",
	} {
		for _, p := range []string{
			"- {op: move, from: /spec/template/spec/containers/0/env, path: /spec/x}\n- {op: add, path: /spec/template/spec/containers/-, value: {name: d}}\n- {op: copy, from: /spec, path: /y}\n",
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: c, $patch: replace, image: x}\n      - $patch: replace\n",
			"apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: v}\nvalue: x\ntargets: [{fieldPath: metadata/annotations/b}]\n",
			"[{\"op\": \"replace\", \"path\": \"\", \"value\": {\"a\": 1}}]",
		} {
			f.Add(k, base, p)
		}
	}
	f.Fuzz(func(t *testing.T, text, object, patch string) {
		files := map[string][]byte{
			"app/kustomization.yaml": []byte(text), "app/a.yaml": []byte(object), "app/p.yaml": []byte(patch),
			"base/kustomization.yaml": []byte("resources: [b.yaml]\n"), "base/b.yaml": []byte(object),
			"part/kustomization.yaml": []byte("kind: Component\nnamePrefix: p-\npatches: [{path: p.yaml, target: {}}]\n"), "part/p.yaml": []byte(patch),
		}
		_, roots, _ := discover(files)
		for _, r := range roots {
			b := &graph.Builder{}
			if err := r.Load(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for _, res := range b.Resources {
				scalars(res.Config, nil, func(path []string, v graph.Value) {
					for o := v.Origin(); o != nil; {
						if s := o.Span; s.File == nil || s.Start < 0 || s.Start > s.End || s.End > len(s.File.Data) {
							t.Errorf("%v has the span %d-%d", path, s.Start, s.End)
						}
						if len(o.From) == 0 {
							break
						}
						o = o.From[0]
					}
					v.Part(0, len(v.Str()))
				})
			}
			for _, p := range b.Problems {
				if p.At == nil || p.At.Span.File == nil {
					t.Errorf("a problem has no place: %s", p.Message)
				}
			}
		}
	})
}
