package kustomize

import (
	"context"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Generators and transformers may be configured in files of their own, or in
// what another kustomization builds. Only those that are built into kustomize
// are run.

const (
	configMapGenerator = "ConfigMapGenerator"
	secretGenerator    = "SecretGenerator"
	chartGenerator     = "HelmChartInflationGenerator"
)

// builtinPlugins are the kinds that kustomize knows.
var builtinPlugins = [...]string{
	configMapGenerator, secretGenerator, chartGenerator, "IAMPolicyGenerator",
	"AnnotationsTransformer", "HashTransformer", "ImageTagTransformer", "LabelTransformer", "NamespaceTransformer",
	"PatchJson6902Transformer", "PatchStrategicMergeTransformer", "PatchTransformer", "PrefixSuffixTransformer",
	"PrefixTransformer", "SuffixTransformer", "ReplacementTransformer", "ReplicaCountTransformer", "ValueAddTransformer",
}

// plugins reads the entries of generators, transformers or validators: names
// of files with configurations, configurations in place, or kustomizations
// that build some.
func (r *reader) plugins(l *layer, field string, texts []string) []*entry {
	var all []*entry
	for i, text := range texts {
		e := r.entry(l, field+"."+strconv.Itoa(i), text)
		all = append(all, e)
		var docs []yamltext.Document
		if inPlace(text) {
			docs = yamltext.Parse(source.NewFile("", []byte(text)), placeIn(e.node))
		} else {
			name, isDir := r.locate(l, e, text)
			switch {
			case e.dead:
				continue
			case isDir:
				if r.directory(l, e, name, false); !e.dead {
					r.builtConfigs(l, e, e.dir, map[*layer]bool{})
				}
				continue
			}
			if e.path = r.fileOf(l, e, text); e.dead {
				continue
			}
			docs, _ = r.parsed.parse(r.tree, e.path)
		}
		for _, d := range docs {
			if d.Problem != nil {
				at := e.at
				if e.path != "" {
					at = d.Problem.At
				}
				r.b.Fail(at, "%s", d.Problem.Message)
				continue
			}
			for _, config := range objects(d.Root) {
				if !r.plugin(e, config) {
					continue
				}
				if graph.ValueOf(config).At("kind").Str() == chartGenerator {
					r.chartConfig(l, e, config)
				} else {
					r.pluginFiles(l, e, config)
					e.configs = append(e.configs, config)
				}
			}
		}
	}
	return all
}

// builtConfigs looks up the files that are named in what a kustomization with
// configurations is made of.
func (r *reader) builtConfigs(l *layer, e *entry, from *layer, seen map[*layer]bool) {
	if seen[from] {
		return
	}
	seen[from] = true
	for _, of := range slices.Concat(from.resources, from.components) {
		switch {
		case of.dead:
		case of.dir != nil:
			r.builtConfigs(l, e, of.dir, seen)
		default:
			docs, _ := r.parsed.parse(r.tree, of.path)
			for _, d := range docs {
				if d.Problem == nil {
					r.pluginFiles(l, e, d.Root)
				}
			}
		}
	}
}

// placeIn is how text that is the value of a node has its places there.
func placeIn(n *graph.Node) func(start, end int) source.Handle {
	if n == nil || n.Handle() == nil {
		return nil
	}
	return func(start, end int) source.Handle { return source.Within(n.Handle(), start, end) }
}

// plugin tells whether a configuration is one that can be run.
func (r *reader) plugin(e *entry, config *graph.Node) bool {
	v := graph.ValueOf(config)
	kind := v.At("kind").Str()
	switch {
	case config.Kind() == graph.Null:
		return false
	case v.At("apiVersion").Str() != "builtin":
		r.b.Warn(e.at, "%s needs a plugin of kustomize, which is not run; what it changes is not analysed", kind)
		return false
	case !slices.Contains(builtinPlugins[:], kind):
		r.b.Fail(e.at, "kustomize has no %q built in", kind)
		return false
	}
	return true
}

// fileKeys are the keys under which built-in plugins name files.
var fileKeys = []string{"path", "paths", "files", "env", "envs", "targetfilepath"}

// pluginFiles looks up the files that a configuration names. Kustomize would
// fetch such a file if its name were a URL.
func (r *reader) pluginFiles(l *layer, e *entry, n *graph.Node) {
	if n.Kind() == graph.Map {
		r.pluginMap(l, e, n)
	}
	for _, item := range items(n) {
		r.pluginFiles(l, e, item)
	}
}

func (r *reader) pluginMap(l *layer, e *entry, n *graph.Node) {
	for _, f := range n.Fields() {
		if !slices.Contains(fileKeys, strings.ToLower(f.Key)) {
			r.pluginFiles(l, e, f.Node)
			continue
		}
		for _, s := range append([]*graph.Node{f.Node}, items(f.Node)...) {
			if s.Kind() != graph.String || e.dead || inPlace(s.Text()) {
				continue
			}
			name := s.Text()
			if _, file, ok := strings.Cut(name, "="); ok && strings.EqualFold(f.Key, "files") {
				name = file
			}
			if looksLikeFieldPath(f.Key, name, l, r) {
				continue
			}
			named := &entry{at: e.at}
			if s.Handle() != nil {
				named.at = s.Handle().Origin().Header()
			}
			if file := r.fileOf(l, named, name); named.dead {
				e.dead = true
			} else {
				l.extra = append(l.extra, &entry{text: path.Join(l.dir, name), path: file, at: named.at})
			}
		}
	}
}

// looksLikeFieldPath tells the field specs of a transformer ("path:
// spec/template/metadata/labels") from names of files: no file is there.
func looksLikeFieldPath(key, text string, l *layer, r *reader) bool {
	return strings.EqualFold(key, "path") && !remote(text) && !r.tree.Exists(path.Join(l.dir, text))
}

// configs are the configurations of an entry, with places.
func (bd *build) configs(e *entry) []*graph.Node {
	switch {
	case e.dead:
		return nil
	case e.dir == nil:
		return e.configs
	}
	return bd.built[e]
}

// buildConfigs builds the kustomization that an entry names, whose objects are
// configurations.
func (bd *build) buildConfigs(ctx context.Context, l *layer, e *entry) {
	if e.dead || e.dir == nil || bd.built[e] != nil {
		return
	}
	bd.built[e] = []*graph.Node{}
	m, err := bd.run(ctx, e.dir)
	if err != nil {
		bd.fail(l, e.at, "%s", oneLine(err))
		return
	}
	checked := &reader{b: &graph.Builder{}}
	for _, n := range bd.join(e.dir, m) {
		if checked.plugin(e, n) {
			bd.built[e] = append(bd.built[e], n)
		}
	}
	for _, p := range checked.b.Problems {
		bd.fail(l, p.At, "%s", p.Message)
	}
}

// rendered are the configurations of entries as they are handed to kustomize.
func (bd *build) rendered(l *layer, entries []*entry) []string {
	var all []string
	for _, e := range entries {
		for _, config := range bd.configs(e) {
			var text string
			var ok bool
			switch kind := graph.ValueOf(config).At("kind").Str(); kind {
			case configMapGenerator, secretGenerator:
				text, ok = bd.generatorConfig(l, e, kind, config)
			case chartGenerator:
				continue // see charts
			default:
				text, ok = string(appendJSON(nil, config, nil)), !bd.copiesMuch(l, e, config)
			}
			if ok {
				all = append(all, text)
			}
		}
	}
	return all
}

// copiesMuch tells whether a transformer that patches or replaces copies too
// often to be part of the build.
func (bd *build) copiesMuch(l *layer, e *entry, config *graph.Node) bool {
	for _, p := range patchesIn(l, e, config) {
		if docs, ok := bd.docs(l, p); ok && bd.tooMuch(copyOps(docs)) {
			bd.fail(l, e.at, "the patches copy values into values too often; this one is left out")
			return true
		}
	}
	for _, n := range items(child(config, "replacements")) {
		if bd.copiesTooMuch(l, e.at, bd.replacementsIn(l, n)) {
			return true
		}
	}
	return false
}

// generatorConfig is the configuration of a generator with a marker in what it
// makes.
func (bd *build) generatorConfig(l *layer, e *entry, kind string, config *graph.Node) (string, bool) {
	var args struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata,omitempty"`
		types.SecretArgs
	}
	if err := yaml.Unmarshal(appendJSON(nil, config, nil), &args); err != nil {
		bd.fail(l, e.at, "%s", oneLine(err))
		return "", false
	}
	if args.Name == "" {
		args.Name = args.Metadata["name"]
	}
	if args.Namespace == "" {
		args.Namespace = args.Metadata["namespace"]
	}
	at := parsers.Whole(l.file)
	if config.Handle() != nil {
		at = config.Handle().Origin().Header()
	}
	scratch := *l // what it reads was looked up before
	scratch.reads, scratch.inputs = nil, nil
	found := &reader{tree: bd.tree, b: &graph.Builder{}, parsed: bd.parsed}
	g := found.generator(&scratch, config, at, strings.TrimSuffix(kind, "Generator"), args.GeneratorArgs, args.Type)
	for _, p := range found.b.Problems {
		bd.fail(l, p.At, "%s", p.Message)
	}
	if !bd.named(l, g) || !bd.readable(l, g) {
		return "", false
	}
	bd.merging[l] = append(bd.merging[l], g)
	args.GeneratorArgs = bd.marked(l, g)
	return string(asJSON(args)), true
}

// marked are the arguments of a generator with a marker for what it makes. One
// that merges into an object of another layer leaves that one's.
func (bd *build) marked(l *layer, g *generator) types.GeneratorArgs {
	args := g.args
	if g.merges() {
		return args
	}
	options := types.GeneratorOptions{}
	if args.Options != nil {
		options = *args.Options
	}
	options.Annotations = maps.Clone(options.Annotations)
	if options.Annotations == nil {
		options.Annotations = map[string]string{}
	}
	options.Annotations[marker] = strconv.Itoa(len(bd.written))
	args.Options = &options
	bd.written = append(bd.written, written{layer: l, gen: g, at: g.at})
	return args
}

// readable puts the files of a generator into the build.
func (bd *build) readable(l *layer, g *generator) bool {
	for _, e := range g.files {
		if !bd.copy(l, e) {
			return false
		}
	}
	return true
}

// patchesIn are the patches of a configuration of one of the transformers that
// patch.
func patchesIn(l *layer, e *entry, config *graph.Node) []*patch {
	var all []*patch
	add := func(n *graph.Node, isPath bool) {
		if textOf(n) == "" {
			return
		}
		p := &patch{entry: entry{text: n.Text(), node: n, at: e.at}}
		if isPath && !inPlace(n.Text()) {
			p.path = path.Join(l.dir, n.Text())
		}
		if target := child(config, "target"); target != nil {
			s := types.Selector{
				LabelSelector: textOf(child(target, "labelSelector")), AnnotationSelector: textOf(child(target, "annotationSelector")),
			}
			s.Group, s.Version, s.Kind = textOf(child(target, "group")), textOf(child(target, "version")), textOf(child(target, "kind"))
			s.Name, s.Namespace = textOf(child(target, "name")), textOf(child(target, "namespace"))
			p.spec.Target = &s
		}
		if options := child(config, "options"); options != nil {
			p.spec.Options = &types.PatchArgs{
				AllowNameChange: textOf(child(options, "allowNameChange")) == "true",
				AllowKindChange: textOf(child(options, "allowKindChange")) == "true",
			}
		}
		all = append(all, p)
	}
	add(child(config, "path"), true)
	add(child(config, "patch"), false)
	add(child(config, "jsonOp"), false)
	for _, n := range items(child(config, "paths")) {
		add(n, true)
	}
	add(child(config, "patches"), false)
	return all
}
