package kustomize

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// render writes the kustomizations and their files anew.
func (bd *build) render(ctx context.Context) {
	bd.own, bd.built, bd.merging = map[*layer][]writer{}, map[*entry][]*graph.Node{}, map[*layer][]*generator{}
	bd.files, bd.written, bd.schemas, bd.tokens, bd.copying = newMemory(), nil, nil, nil, 0
	for _, l := range bd.layers {
		for _, e := range slices.Concat(l.generators, l.transformer) {
			bd.buildConfigs(ctx, l, e)
		}
		k := l.spec
		k.MetaData = &types.ObjectMeta{Name: "-"} // kustomize refuses to build an empty one
		if n, at := l.find("namespace"); n != nil {
			t := token{key: entryKey(l, "namespace", 0), text: "namespace transformation produces ID conflict", at: at}
			if bd.tokens = append(bd.tokens, t); bd.without[t.key] {
				k.Namespace = ""
			}
		}
		k.Replicas = keep(bd, l, "replicas", k.Replicas, replicaTexts)
		k.Vars = keep(bd, l, "vars", k.Vars, varTexts)
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
		k.Replacements = bd.replacementsOf(l)
		k.PatchesJson6902 = bd.patchesOf(l, l.late)
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
				t.key = t.text
				if bd.without[t.key] {
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
		if fault := patchFault(p, docs); fault != "" {
			bd.fail(l, p.at, "%s", fault)
			continue
		}
		tokens := patchTokens(docs, p.at)
		if slices.ContainsFunc(tokens, func(t token) bool { return bd.without[t.key] }) {
			continue
		}
		if bd.tooMuch(copyOps(docs)) {
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

func (bd *build) replacementsOf(l *layer) []types.ReplacementField {
	var all []types.ReplacementField
	for i, r := range l.spec.Replacements {
		e := l.replacements[i]
		if !bd.kept(l, "replacements", i, replacementTexts(r)...) || e.dead || r.Path != "" && !bd.copy(l, e) {
			continue
		}
		if bd.copiesTooMuch(l, e.at, bd.replacementsAt(l, i)) {
			continue
		}
		if r.Path != "" {
			r.Path = relative(l.dir, e.path)
		}
		all = append(all, r)
	}
	return all
}

// named adds the tokens of a generator, and tells whether it is part of the
// build.
func (bd *build) named(l *layer, g *generator) bool {
	tokens := generatorTokens(l, g)
	bd.tokens = append(bd.tokens, tokens...)
	return !bd.without[tokens[0].key]
}

// generatorsOf are the generators of one kind.
func (bd *build) generatorsOf(l *layer, kind string, add func(types.GeneratorArgs, string)) {
	for _, g := range l.generated {
		if g.kind == kind && bd.named(l, g) && bd.readable(l, g) {
			add(bd.marked(l, g), g.secretType)
		}
	}
}
