package kustomize

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// render writes the kustomizations and their files anew.
func (bd *build) render(ctx context.Context) {
	bd.own, bd.built = map[*layer][]writer{}, map[*entry][]*graph.Node{}
	bd.files, bd.written, bd.schemas, bd.tokens, bd.copying = newMemory(), nil, nil, nil, 0
	for _, l := range bd.layers {
		for _, e := range slices.Concat(l.generators, l.transformer) {
			bd.buildConfigs(ctx, l, e)
		}
		k := l.spec
		k.MetaData = &types.ObjectMeta{Name: "-"} // kustomize refuses to build an empty one
		if len(k.CommonLabels) > 0 {
			// The same, and kustomize's library does not complain on stderr.
			k.Labels = append(slices.Clone(k.Labels), types.Label{Pairs: k.CommonLabels, IncludeSelectors: true})
			k.CommonLabels = nil
		}
		k.Resources = append(bd.resources(l), bd.chartResources(ctx, l)...)
		for _, e := range l.components {
			if !e.dead {
				k.Components = append(k.Components, relative(l.dir, e.dir.dir))
			}
		}
		k.Crds, k.Configurations = bd.copies(l, l.crds), bd.copies(l, l.configurations)
		if l.openapi != nil {
			k.OpenAPI = map[string]string{}
			if copied := bd.copies(l, []*entry{l.openapi}); len(copied) > 0 {
				k.OpenAPI["path"] = copied[0]
			}
		}
		k.Patches = bd.patchesOf(l, l.patches)
		k.Transformers = bd.rendered(l, l.transformer)
		if late := bd.patchesOf(l, l.late); len(k.Images)+len(k.Replicas)+len(k.Replacements) > 0 {
			k.PatchesJson6902 = late
		} else {
			k.Transformers = append(latePatches(late), k.Transformers...)
		}
		k.Replacements = bd.replacementsOf(l)
		bd.generatorsOf(l, "ConfigMap", func(args types.GeneratorArgs, _ string) {
			k.ConfigMapGenerator = append(k.ConfigMapGenerator, types.ConfigMapArgs{GeneratorArgs: args})
		})
		bd.generatorsOf(l, "Secret", func(args types.GeneratorArgs, typ string) {
			k.SecretGenerator = append(k.SecretGenerator, types.SecretArgs{GeneratorArgs: args, Type: typ})
		})
		k.Generators = bd.rendered(l, l.generators)
		bd.copies(l, l.extra)
		bd.put(path.Join(l.dir, fileNames[0]), k)
	}
}

// put writes a value as JSON, which is YAML.
func (bd *build) put(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(err.Error()) // kustomize refuses it
	}
	bd.files.put(name, data)
}

// copies puts the files of entries where they are and returns what to call
// them. Text in place is returned as it is.
func (bd *build) copies(l *layer, entries []*entry) []string {
	var names []string
	for _, e := range entries {
		switch {
		case e.dead:
		case e.path == "":
			names = append(names, e.text)
		default:
			if bd.copy(l, e) {
				names = append(names, relative(l.dir, e.path))
			}
		}
	}
	return names
}

func (bd *build) copy(l *layer, e *entry) bool {
	f, err := bd.tree.Read(e.path)
	if err != nil {
		bd.fail(l, e.at, "%q %s", e.path, reason(err))
		return false
	}
	bd.files.put(e.path, f.Data)
	if e.text != "" && inside(".", e.text) {
		bd.files.put(e.text, f.Data) // a plugin's name for it, links and all
	}
	return true
}

// fail reports something about a file. Other roots see the same file: the
// first one speaks.
func (bd *build) fail(l *layer, at *source.Origin, format string, args ...any) {
	if message := fmt.Sprintf(format, args...); l.owner == bd.root && !bd.said[message] {
		bd.said[message] = true
		bd.b.Fail(at, "%s", message)
	}
}

// resources puts every document of every resource into a file of its own.
func (bd *build) resources(l *layer) []string {
	var names []string
	for _, e := range l.resources {
		switch {
		case e.dead:
		case e.dir != nil:
			names = append(names, relative(l.dir, e.dir.dir))
		default:
			for _, d := range bd.parse(l, e) {
				if d.Root.Kind() == graph.Null {
					continue
				}
				name := fmt.Sprintf("%s#%d", e.path, len(bd.written))
				data := bd.mark(l, e.at, d)
				t := token{text: relative(l.dir, name), at: e.at, doc: d.Root}
				if bd.without[t.text] {
					continue
				}
				bd.tokens = append(bd.tokens, t)
				bd.files.put(name, data)
				names = append(names, t.text)
			}
		}
	}
	return names
}

// parse is the documents of a file that can be used. Kustomize's library never
// sees the others: aliases without end would take it down.
func (bd *build) parse(l *layer, e *entry) []yamltext.Document {
	docs, err := bd.parsed.parse(bd.tree, e.path)
	if err != nil {
		bd.fail(l, e.at, "%q %s", e.path, reason(err))
		return nil
	}
	var good []yamltext.Document
	for _, d := range docs {
		if d.Problem != nil {
			bd.fail(l, d.Problem.At, "%s", d.Problem.Message)
			continue
		}
		good = append(good, d)
	}
	return good
}

// docs is the documents of a patch, and whether all of it parses.
func (bd *build) docs(l *layer, p *patch) ([]*graph.Node, bool) {
	if known, ok := bd.parts[p]; ok {
		return known, true
	}
	var docs []yamltext.Document
	if p.path != "" {
		all, err := bd.parsed.parse(bd.tree, p.path)
		docs = bd.parse(l, &p.entry)
		if err != nil || len(docs) < len(all) {
			return nil, false
		}
	} else {
		docs = yamltext.Parse(source.NewFile("", []byte(p.text)), placeIn(p.node))
	}
	var roots []*graph.Node
	for _, d := range docs {
		if d.Problem != nil {
			bd.fail(l, p.at, "the patch does not parse: %s", d.Problem.Message)
			return nil, false
		}
		roots = append(roots, d.Root)
	}
	bd.parts[p] = roots
	return roots, true
}

// part is bytes of a string that hold text of their own.
type part struct {
	of         source.Handle
	start, end int
}

func (p part) Origin() *source.Origin { return p.of.Part(p.start, p.end) }

func (p part) Part(start, end int) *source.Origin {
	if start < 0 || start > end || p.start+end > p.end {
		return p.Origin()
	}
	return p.of.Part(p.start+start, p.start+end)
}

func (bd *build) patchesOf(l *layer, patches []*patch) []types.Patch {
	var specs []types.Patch
	for _, p := range patches {
		if p.dead {
			continue
		}
		docs, ok := bd.docs(l, p)
		if !ok {
			continue
		}
		tokens := patchTokens(docs, p.at)
		if slices.ContainsFunc(tokens, func(t token) bool { return bd.without[t.text] }) {
			continue
		}
		if bd.copying += copyOps(docs); bd.files.size<<min(bd.copying, 40) > maxCopied {
			bd.fail(l, p.at, "the patches copy values into values too often; this one is left out")
			continue
		}
		bd.tokens = append(bd.tokens, tokens...)
		spec := p.spec
		if p.path != "" {
			if !bd.copy(l, &p.entry) {
				continue
			}
			spec.Path = relative(l.dir, p.path)
		}
		specs = append(specs, spec)
	}
	return specs
}

// copyOps counts operations that can double an object each.
func copyOps(docs []*graph.Node) int {
	n := 0
	for _, d := range docs {
		for _, op := range items(d) {
			if graph.ValueOf(op).At("op").Str() == "copy" {
				n++
			}
		}
	}
	return n
}

// patchTokens are what errors about a patch say: the id of its target, or the
// pointer of an operation.
func patchTokens(docs []*graph.Node, at *source.Origin) []token {
	var tokens []token
	add := func(text string) { tokens = append(tokens, token{text: text, at: at, patch: true}) }
	for _, d := range docs {
		v := graph.ValueOf(d)
		if d.Kind() == graph.Map {
			group, version, ok := strings.Cut(v.At("apiVersion").Str(), "/")
			if !ok {
				group, version = "", group
			}
			gvk := resid.Gvk{Group: group, Version: version, Kind: v.At("kind").Str()}
			add(resid.NewResIdWithNamespace(gvk, v.At("metadata.name").Str(), v.At("metadata.namespace").Str()).String())
		}
		for op := range v.Each() {
			if pointer := op.At("path").Str(); d.Kind() == graph.List && len(pointer) > 1 {
				add(pointer)
			}
		}
	}
	return tokens
}

// latePatches are patchesJson6902 as transformers. They run after the labels
// in both forms, but of this one kustomize's library does not complain.
func latePatches(patches []types.Patch) []string {
	var all []string
	for i, p := range patches {
		data, err := json.Marshal(struct {
			APIVersion string            `json:"apiVersion"`
			Kind       string            `json:"kind"`
			Metadata   map[string]string `json:"metadata"`
			Target     *types.Selector   `json:"target,omitempty"`
			Path       string            `json:"path,omitempty"`
			JSONOp     string            `json:"jsonOp,omitempty"`
		}{"builtin", "PatchJson6902Transformer", map[string]string{"name": fmt.Sprintf("late-%d", i)}, p.Target, p.Path, p.Patch})
		if err == nil {
			all = append(all, string(data))
		}
	}
	return all
}

func (bd *build) replacementsOf(l *layer) []types.ReplacementField {
	var all []types.ReplacementField
	for i, r := range l.spec.Replacements {
		e := l.replacements[i]
		if e.dead || r.Path != "" && !bd.copy(l, e) {
			continue
		}
		if r.Path != "" {
			r.Path = relative(l.dir, e.path)
		}
		all = append(all, r)
	}
	return all
}

// generatorsOf are the generators of one kind.
func (bd *build) generatorsOf(l *layer, kind string, add func(types.GeneratorArgs, string)) {
	for _, g := range l.generated {
		if g.kind == kind && bd.readable(l, g) {
			add(bd.marked(l, g), g.secretType)
		}
	}
}
