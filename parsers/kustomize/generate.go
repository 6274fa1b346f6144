package kustomize

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// generator reads an entry of configMapGenerator or secretGenerator and
// remembers what writes which key.
func (r *reader) generator(l *layer, kind, where string, args types.GeneratorArgs, secretType string) {
	g := &generator{kind: kind, secretType: secretType, keys: map[string]*graph.Node{}}
	g.node, g.at = l.find(where)
	args.Options = types.MergeGlobalOptionsIntoLocal(args.Options, l.spec.GeneratorOptions)

	source := func(field, text, key string) (string, bool) {
		e := r.entry(l, where+"."+field, text)
		name := r.fileOf(l, e, text)
		if e.dead {
			return "", false
		}
		g.files = append(g.files, &entry{path: name})
		if key != "" && e.node != nil {
			g.keys[key] = e.node
		}
		return relative(l.dir, name), true
	}
	files := args.FileSources
	args.FileSources = nil
	for i, text := range files {
		key, file, named := strings.Cut(text, "=")
		if !named {
			key, file = path.Base(text), text
		}
		if rel, ok := source(fmt.Sprintf("files.%d", i), file, key); ok {
			args.FileSources = append(args.FileSources, key+"="+rel)
		}
	}
	// FixKustomization put env behind envs.
	written, _ := l.find(where + ".envs")
	envs := args.EnvSources
	args.EnvSources = nil
	for i, text := range envs {
		field := fmt.Sprintf("envs.%d", i)
		if i >= len(items(written)) {
			field = "env"
		}
		if rel, ok := source(field, text, ""); ok {
			args.EnvSources = append(args.EnvSources, rel)
		}
	}
	literals := args.LiteralSources
	args.LiteralSources = nil
	for i, text := range literals {
		e := r.entry(l, fmt.Sprintf("%s.literals.%d", where, i), text)
		key, _, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			r.b.Fail(e.at, "the literal %q is not of the form key=value", text)
			continue
		}
		args.LiteralSources = append(args.LiteralSources, text)
		if e.node != nil {
			g.keys[key] = e.node
		}
	}
	g.args = args
	l.generated = append(l.generated, g)
}

// merges tells whether the generator only changes what another layer made.
func (g *generator) merges() bool {
	return g.args.Behavior == "merge" || g.args.Behavior == "replace"
}

// plugins reads the entries of generators, transformers or validators: names
// of files with configurations, or configurations in place. Only those that
// are built into kustomize are run.
func (r *reader) plugins(l *layer, field string, texts []string) []*entry {
	var all []*entry
	for i, text := range texts {
		e := r.entry(l, fmt.Sprintf("%s.%d", field, i), text)
		all = append(all, e)
		var docs []yamltext.Document
		if inPlace(text) {
			docs = yamltext.Parse(source.NewFile("", []byte(text)), nil)
		} else {
			name, isDir := r.locate(l, e, text)
			switch {
			case e.dead:
				continue
			case isDir:
				r.directory(l, e, name, false)
				if !e.dead {
					e.dead = true
					r.b.Fail(e.at, "%q is a directory; %s from directories are not supported yet", text, field)
				}
				continue
			}
			if e.path = r.fileOf(l, e, text); e.dead {
				continue
			}
			docs, _ = r.parsed.parse(r.tree, e.path)
		}
		for _, d := range docs {
			if e.dead {
				break
			}
			if d.Problem != nil {
				e.dead = true
				at := e.at
				if e.path != "" {
					at = d.Problem.At
				}
				r.b.Fail(at, "%s", d.Problem.Message)
				continue
			}
			r.plugin(l, e, d.Root)
		}
	}
	return all
}

// plugin checks one configuration. Built-in plugins read files, and kustomize
// would fetch such a file if its name were a URL.
func (r *reader) plugin(l *layer, e *entry, config *graph.Node) {
	v := graph.ValueOf(config)
	kind := v.At("kind").Str()
	switch {
	case v.At("apiVersion").Str() != "builtin":
		e.dead = true
		r.b.Warn(e.at, "%s needs a plugin of kustomize, which is not run; what it changes is not analysed", kind)
	case kind == "HelmChartInflationGenerator":
		e.dead = true
		r.b.Warn(e.at, "the chart %q is not rendered: helmCharts in a kustomization are not supported yet", v.At("name").Str())
	default:
		r.pluginFiles(l, e, config)
	}
}

// fileKeys are the keys under which built-in plugins name files.
var fileKeys = []string{"path", "paths", "files", "env", "envs", "targetfilepath", "valuesfile"}

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
			if file := r.fileOf(l, e, name); !e.dead {
				l.extra = append(l.extra, &entry{text: path.Join(l.dir, name), path: file})
			}
		}
	}
}

// looksLikeFieldPath tells the field specs of a transformer ("path:
// spec/template/metadata/labels") from names of files: no file is there.
func looksLikeFieldPath(key, text string, l *layer, r *reader) bool {
	return strings.EqualFold(key, "path") && !remote(text) && !r.tree.Exists(path.Join(l.dir, text))
}
