package kustomize

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// fileNames are what kustomize looks for in a directory.
var fileNames = [...]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// A layer is one kustomization: what it names, looked up in the tree. It does
// not change once the roots are found.
type layer struct {
	dir  string
	file *source.File
	root *graph.Node
	// spec holds what is handed to kustomize as it is; the lists below are
	// taken out of it.
	spec types.Kustomization

	resources, components   []*entry
	crds, configurations    []*entry
	generators, transformer []*entry
	openapi                 *entry
	patches, late           []*patch // late: patchesJson6902, applied after labels
	replacements            []*entry // by index; path "" for one written in place
	generated               []*generator
	charts                  []*chart

	broken bool     // it does not parse
	reads  []string // files and directories that have a part, there or not
	inputs []string // files that are no manifests: patches, sources of generators
	extra  []*entry // files that configurations of plugins name, under the name written there
	owner  *root    // the first root that it is part of; tells what is wrong with its files
	mark   mark     // of the search for cycles
}

// An entry is one name in a list of a kustomization.
type entry struct {
	text string
	node *graph.Node // nil when it was not found in the text
	at   *source.Origin
	path string // the file in the tree, "" for a directory or text in place
	dir  *layer // the kustomization of a directory
	dead bool   // it is not built, and that was said

	configs []*graph.Node // of generators and transformers
}

// A patch is an entry with a target; its text is the patch when path is "".
type patch struct {
	entry
	spec types.Patch
}

// A reader reads kustomizations and reports what is wrong with their entries.
type reader struct {
	tree   *source.Tree
	b      *graph.Builder
	layers map[string]*layer
	parsed *parsed
}

// parsed keeps the documents of files, so that roots with a base in common
// parse it once.
type parsed struct{ docs sync.Map } // path -> func() ([]yamltext.Document, error)

func (p *parsed) parse(tree *source.Tree, name string) ([]yamltext.Document, error) {
	once, _ := p.docs.LoadOrStore(name, sync.OnceValues(func() ([]yamltext.Document, error) {
		f, err := tree.Read(name)
		if err != nil {
			return nil, err
		}
		return yamltext.Parse(f, nil), nil
	}))
	return once.(func() ([]yamltext.Document, error))()
}

// layer reads the kustomization of a directory; nil when there is none.
func (r *reader) layer(dir string) *layer {
	if l, ok := r.layers[dir]; ok {
		return l
	}
	r.layers[dir] = nil
	var l *layer
	for _, name := range fileNames {
		f, err := r.tree.Read(path.Join(dir, name))
		switch {
		case err != nil && reason(err) != "does not exist":
			r.b.Fail(parsers.Missing(path.Join(dir, name)), "kustomization %s", reason(err))
		case err != nil:
		case l != nil:
			l.inputs = append(l.inputs, f.Path)
			r.b.Fail(parsers.Whole(f), "the directory has two kustomization files; kustomize builds neither")
		default:
			l = r.parse(dir, f)
		}
	}
	if l == nil {
		return nil
	}
	r.layers[dir] = l
	for _, name := range fileNames {
		l.reads = append(l.reads, path.Join(dir, name))
	}
	if !l.broken {
		r.entries(l)
	}
	return l
}

// badField finds the field in an error of the JSON decoder.
var badField = late.Pattern(`unknown field "([^"]+)"|field Kustomization\.([A-Za-z0-9]+)`)

// parse reads the text. A file that is something else than a kustomization is
// nil: Flux has a kind of that name too.
func (r *reader) parse(dir string, f *source.File) *layer {
	l := &layer{dir: dir, file: f}
	docs, _ := r.parsed.parse(r.tree, f.Path)
	if len(docs) > 0 {
		l.root = docs[0].Root
		if docs[0].Problem != nil {
			l.broken = true
			r.b.Problems = append(r.b.Problems, *docs[0].Problem)
			return l
		}
	}
	if api := graph.ValueOf(l.root).At("apiVersion").Str(); api != "" && !strings.HasPrefix(api, "kustomize.config.k8s.io/") {
		return nil
	}
	if err := l.spec.Unmarshal(f.Data); err != nil {
		at := parsers.Whole(f)
		if m := badField().FindStringSubmatch(err.Error()); m != nil {
			_, at = l.find(m[1] + m[2])
		}
		l.broken = true
		r.b.Fail(at, "%s", oneLine(err))
		return l
	}
	l.spec.BuildMetadata = known(l.spec.BuildMetadata)
	empty := l.spec.CheckEmpty()
	l.spec.FixKustomization()
	if errs := l.spec.EnforceFields(); len(errs) > 0 {
		_, at := l.find("apiVersion")
		l.broken = true
		r.b.Fail(at, "%s", strings.Join(errs, "; "))
	} else if empty != nil {
		l.broken = true
		r.b.Fail(parsers.Whole(f), "the kustomization is empty; kustomize does not build it")
	}
	return l
}

func known(options []string) []string {
	var ok []string
	for _, o := range options {
		switch o {
		case types.OriginAnnotations, types.TransformerAnnotations, types.ManagedByLabelOption:
			ok = append(ok, o)
		}
	}
	return ok
}

func (l *layer) component() bool { return l.spec.Kind == types.ComponentKind }

// find follows a path of keys and indexes through the text. The origin is that
// of what is nearest; the node is nil when it is not there. Keys match in any
// case, as they do in kustomize.
func (l *layer) find(path string) (*graph.Node, *source.Origin) {
	return lookupIn(l.root, parsers.Whole(l.file), path)
}

// lookupIn is find below a node that stands at a place.
func lookupIn(n *graph.Node, at *source.Origin, path string) (*graph.Node, *source.Origin) {
	for key := range strings.SplitSeq(path, ".") {
		var next *graph.Node
		if i, err := strconv.Atoi(key); err == nil && n.Kind() == graph.List {
			if i < len(n.Items()) {
				next = n.Items()[i]
			}
		} else if f := field(n, key); f != nil {
			next = f.Node
			if f.Place != nil {
				at = f.Place.Origin()
			}
		}
		if next == nil {
			return nil, at
		}
		n = next
		if n.Handle() != nil && n.Kind() != graph.Null {
			at = n.Handle().Origin()
		}
	}
	return n, at.Header()
}

func field(n *graph.Node, key string) *graph.Field {
	if f := n.Field(key); f != nil || n.Kind() != graph.Map {
		return f
	}
	for i, f := range n.Fields() {
		if strings.EqualFold(f.Key, key) {
			return &n.Fields()[i]
		}
	}
	return nil
}

// items are the items of a list, which may not be there.
func items(n *graph.Node) []*graph.Node {
	if n.Kind() != graph.List {
		return nil
	}
	return n.Items()
}

// entries looks up everything that a kustomization names.
func (r *reader) entries(l *layer) {
	k := &l.spec
	// FixKustomization put the bases behind the resources.
	n, _ := l.find("resources")
	for i, text := range k.Resources {
		where := fmt.Sprintf("resources.%d", i)
		if written := len(items(n)); i >= written {
			where = fmt.Sprintf("bases.%d", i-written)
		}
		l.resources = append(l.resources, r.member(l, where, text, false))
	}
	for i, text := range k.Components {
		l.components = append(l.components, r.member(l, fmt.Sprintf("components.%d", i), text, true))
	}
	l.crds = r.files(l, "crds", k.Crds)
	l.configurations = r.files(l, "configurations", k.Configurations)
	if p := k.OpenAPI["path"]; p != "" {
		l.openapi = r.file(l, "openapi.path", p)
	}
	r.patchEntries(l)
	for i := range k.Replacements {
		e := &entry{}
		if p := k.Replacements[i].Path; p != "" {
			e = r.file(l, fmt.Sprintf("replacements.%d.path", i), p)
		} else {
			e.node, e.at = l.find(fmt.Sprintf("replacements.%d", i))
		}
		l.replacements = append(l.replacements, e)
	}
	generators := func(key, kind string, i int, args types.GeneratorArgs, secretType string) {
		n, at := l.find(fmt.Sprintf("%s.%d", key, i))
		args.Options = types.MergeGlobalOptionsIntoLocal(args.Options, k.GeneratorOptions)
		g := r.generator(l, n, at, kind, args, secretType)
		global, _ := l.find("generatorOptions")
		g.options = append(g.options, global)
		l.generated = append(l.generated, g)
	}
	for i, g := range k.ConfigMapGenerator {
		generators("configMapGenerator", "ConfigMap", i, g.GeneratorArgs, "")
	}
	for i, g := range k.SecretGenerator {
		generators("secretGenerator", "Secret", i, g.GeneratorArgs, g.Type)
	}
	l.generators = r.plugins(l, "generators", k.Generators)
	l.transformer = r.plugins(l, "transformers", k.Transformers)
	r.plugins(l, "validators", k.Validators) // have no part in the result
	r.charts(l)

	k.Resources, k.Bases, k.Components, k.Crds, k.Configurations = nil, nil, nil, nil, nil
	k.Patches, k.PatchesStrategicMerge, k.PatchesJson6902 = nil, nil, nil
	k.ConfigMapGenerator, k.SecretGenerator, k.GeneratorOptions = nil, nil, nil
	k.Generators, k.Transformers, k.Validators = nil, nil, nil
	k.HelmCharts, k.HelmGlobals, k.HelmChartInflationGenerator = nil, nil, nil
	k.SortOptions = nil
}

func (r *reader) entry(l *layer, where, text string) *entry {
	e := &entry{text: text}
	e.node, e.at = l.find(where)
	return e
}

// locate looks an entry up. Where it is not there to be read it is dead.
func (r *reader) locate(l *layer, e *entry, text string) (name string, isDir bool) {
	if remote(text) {
		e.dead = true
		r.b.Warn(e.at, "%q is remote and is not fetched; what it adds is not analysed", text)
		return "", false
	}
	name, isDir, err := locate(r.tree.FS(), l.dir, text)
	l.reads = append(l.reads, name, path.Join(l.dir, text)) // the second may be a link
	if err != nil {
		e.dead = true
		r.b.Fail(e.at, "%q %s", text, reason(err))
	}
	return name, isDir
}

// file is an entry that has to be a file in or below the kustomization's
// directory: kustomize reads no others.
func (r *reader) file(l *layer, where, text string) *entry {
	e := r.entry(l, where, text)
	e.path = r.fileOf(l, e, text)
	return e
}

func (r *reader) fileOf(l *layer, e *entry, text string) string {
	name, isDir := r.locate(l, e, text)
	switch {
	case e.dead:
		return ""
	case isDir:
		e.dead = true
		r.b.Fail(e.at, "%q is a directory, not a file", text)
	case !inside(l.dir, name):
		e.dead = true
		r.b.Fail(e.at, "%q lies outside the kustomization's directory; kustomize refuses to read it", text)
	default:
		l.inputs = append(l.inputs, name)
	}
	return name
}

func (r *reader) files(l *layer, field string, texts []string) []*entry {
	var all []*entry
	for i, text := range texts {
		all = append(all, r.file(l, fmt.Sprintf("%s.%d", field, i), text))
	}
	return all
}

// member is an entry of resources, bases or components.
func (r *reader) member(l *layer, where, text string, component bool) *entry {
	e := r.entry(l, where, text)
	name, isDir := r.locate(l, e, text)
	switch {
	case e.dead:
	case !isDir && component:
		e.dead = true
		r.b.Fail(e.at, "%q is a file; a component is a directory with a kustomization", text)
	case !isDir && !inside(l.dir, name):
		e.dead = true
		r.b.Fail(e.at, "%q lies outside the kustomization's directory; kustomize refuses to read it", text)
	case !isDir:
		e.path = name
	default:
		r.directory(l, e, name, component)
	}
	return e
}

func (r *reader) directory(l *layer, e *entry, name string, component bool) {
	fail := func(format string, args ...any) {
		e.dead = true
		r.b.Fail(e.at, format, args...)
	}
	if inside(name, l.dir) {
		fail("%q contains this kustomization: a cycle", e.text)
		return
	}
	for _, f := range fileNames {
		l.reads = append(l.reads, path.Join(name, f))
	}
	switch base := r.layer(name); {
	case base == nil:
		fail("%q has no kustomization file", e.text)
	case base.broken:
		e.dead = true // was said where it is broken
	case component && !base.component():
		fail("%q is not of kind Component", e.text)
	case !component && base.component():
		fail("%q is of kind Component and belongs under components", e.text)
	default:
		e.dir = base
	}
}

// patchEntries takes the three fields for patches together. Strategic merge
// patches come first, as when kustomize applies them.
func (r *reader) patchEntries(l *layer) {
	add := func(to *[]*patch, field string, spec types.Patch, key string) {
		p := &patch{spec: spec}
		if spec.Path != "" {
			p.entry = *r.file(l, field+key, spec.Path)
		} else {
			p.entry = *r.entry(l, field+strings.Replace(key, "path", "patch", 1), spec.Patch)
		}
		*to = append(*to, p)
	}
	for i, s := range l.spec.PatchesStrategicMerge {
		spec := types.Patch{Path: string(s)}
		if inPlace(string(s)) {
			spec = types.Patch{Patch: string(s)}
		}
		add(&l.patches, fmt.Sprintf("patchesStrategicMerge.%d", i), spec, "")
	}
	for i, s := range l.spec.Patches {
		add(&l.patches, fmt.Sprintf("patches.%d", i), s, ".path")
	}
	for i, s := range l.spec.PatchesJson6902 {
		add(&l.late, fmt.Sprintf("patchesJson6902.%d", i), s, ".path")
	}
}

// inPlace tells whether an entry that may be a path or YAML is YAML.
func inPlace(text string) bool {
	if !strings.ContainsAny(text, "\n{:") {
		return false
	}
	for _, d := range yamltext.Parse(source.NewFile("", []byte(text)), nil) {
		if d.Root.Kind() == graph.Map {
			return true
		}
	}
	return strings.Contains(text, "\n")
}
