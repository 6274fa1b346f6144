package kustomize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

const (
	// deadline is how long the builds of one root may take together.
	deadline = time.Minute
	// maxVisits bounds how often kustomizations are built within one root:
	// a base that is included by two ways is built twice, and one that is
	// included by two ways of two ways four times.
	maxVisits = 10_000
	// maxTries bounds the builds of one root. Each but the last leaves out
	// one more thing that kustomize could not do.
	maxTries = 20
	// maxCopied bounds, in bytes, what copy operations of patches may make of
	// the files.
	maxCopied = 1 << 30
)

// A build is one root on its way through kustomize.
type build struct {
	*root
	b       *graph.Builder
	without map[string]bool // what is left out, by the text of its tokens
	said    map[string]bool
	files   *memory
	written []written
	tokens  []token
	own     map[*layer][]writer
	copying int // copy operations so far
}

// A token is text by which an error of kustomize names a part of the build.
type token struct {
	text  string
	at    *source.Origin
	patch bool
	doc   *graph.Node
}

var errUnbuildable = errors.New("kustomize cannot build it")

func newBuild(r *root, b *graph.Builder) *build {
	return &build{root: r, b: b, without: map[string]bool{}, said: map[string]bool{}, own: map[*layer][]writer{}}
}

// build runs kustomize. What it cannot do is reported and left out, and it is
// run again, until something comes out.
func (r *root) build(ctx context.Context, b *graph.Builder) (*build, resmap.ResMap, error) {
	bd := newBuild(r, b)
	whole := parsers.Whole(r.top.file)
	if visits(r.top, map[*layer]int{}) > maxVisits {
		b.Fail(whole, "the kustomizations that this one includes would be built more than %d times", maxVisits)
		return bd, nil, errUnbuildable
	}
	limited, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for range maxTries {
		bd.render()
		m, err := bd.run(limited)
		if err == nil {
			return bd, m, nil
		}
		if ctx.Err() != nil {
			return bd, nil, ctx.Err()
		}
		if limited.Err() != nil {
			b.Fail(whole, "kustomize did not finish within %s; the manifests are analysed as they stand", deadline)
			return bd, nil, errUnbuildable
		}
		t := bd.blame(err)
		switch {
		case t == nil:
			b.Fail(whole, "kustomize cannot build this, so the manifests are analysed as they stand: %s", oneLine(err))
			return bd, nil, errUnbuildable
		case t.patch && r.partial():
			b.Warn(t.at, "the patch is left out, its target may be in what is missing here: %s", oneLine(err))
		default:
			b.Fail(t.at, "%s", oneLine(err))
		}
		bd.without[t.text] = true
		if t.doc != nil {
			kubernetes.Add(b, t.doc)
		}
	}
	b.Fail(whole, "kustomize cannot build this, so the manifests are analysed as they stand")
	return bd, nil, errUnbuildable
}

// visits is how often kustomizations are built for l.
func visits(l *layer, known map[*layer]int) int {
	if n, ok := known[l]; ok {
		return n
	}
	n := 1
	for _, e := range l.bases() {
		n = min(n+visits(e.dir, known), maxVisits+1)
	}
	known[l] = n
	return n
}

// partial tells whether anything that the kustomizations name is missing.
func (r *root) partial() bool {
	for _, l := range r.layers {
		for _, e := range append(slices.Clone(l.resources), l.components...) {
			if e.dead {
				return true
			}
		}
	}
	return false
}

// schema guards the OpenAPI schema, which kustomize's library keeps in a
// global: a build with a schema of its own runs alone.
var schema sync.RWMutex

// run builds what was rendered. The library cannot be interrupted: a build
// that takes too long is left behind.
func (bd *build) run(ctx context.Context) (resmap.ResMap, error) {
	type result struct {
		m   resmap.ResMap
		err error
	}
	done := make(chan result, 1)
	own := slices.ContainsFunc(bd.layers, func(l *layer) bool { return len(l.spec.OpenAPI) > 0 })
	dir := path.Join("/", bd.top.dir)
	files := bd.files
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("kustomize panics: %v", p)}
			}
		}()
		if own {
			schema.Lock()
			defer schema.Unlock()
			defer openapi.ResetOpenAPI()
		} else {
			schema.RLock()
			defer schema.RUnlock()
		}
		m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, dir)
		done <- result{m, err}
	}()
	select {
	case r := <-done:
		return r.m, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// blame finds the part of the build that an error is about.
func (bd *build) blame(err error) *token {
	text := err.Error()
	var best *token
	unique := false
	for i, t := range bd.tokens {
		if t.text == "" || !strings.Contains(text, t.text) || bd.without[t.text] {
			continue
		}
		switch {
		case best == nil || len(t.text) > len(best.text):
			best, unique = &bd.tokens[i], true
		case len(t.text) == len(best.text):
			unique = false
		}
	}
	if !unique {
		return nil
	}
	return best
}

// render writes the kustomizations and their files anew.
func (bd *build) render() {
	bd.files, bd.written, bd.tokens, bd.copying = newMemory(), nil, nil, 0
	for _, l := range bd.layers {
		k := l.spec
		k.MetaData = &types.ObjectMeta{Name: "-"} // kustomize refuses to build an empty one
		if len(k.CommonLabels) > 0 {
			// The same, and kustomize's library does not complain on stderr.
			k.Labels = append(slices.Clone(k.Labels), types.Label{Pairs: k.CommonLabels, IncludeSelectors: true})
			k.CommonLabels = nil
		}
		k.Resources = bd.resources(l)
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
		k.Transformers = bd.copies(l, l.transformer)
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
		k.Generators = bd.copies(l, l.generators)
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
	var docs []yamltext.Document
	if p.path != "" {
		all, err := bd.parsed.parse(bd.tree, p.path)
		docs = bd.parse(l, &p.entry)
		if err != nil || len(docs) < len(all) {
			return nil, false
		}
	} else {
		var place func(start, end int) source.Handle
		if p.node != nil && p.node.Handle() != nil {
			h := p.node.Handle()
			place = func(start, end int) source.Handle { return part{h, start, end} }
		}
		docs = yamltext.Parse(source.NewFile("", []byte(p.text)), place)
	}
	var roots []*graph.Node
	for _, d := range docs {
		if d.Problem != nil {
			bd.fail(l, p.at, "the patch does not parse: %s", d.Problem.Message)
			return nil, false
		}
		roots = append(roots, d.Root)
	}
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

// generatorsOf are the generators of one kind, with a marker for what they make.
// One that merges into an object of another layer leaves that one's.
func (bd *build) generatorsOf(l *layer, kind string, add func(types.GeneratorArgs, string)) {
	for _, g := range l.generated {
		ok := g.kind == kind
		for _, e := range g.files {
			ok = ok && bd.copy(l, e)
		}
		if !ok {
			continue
		}
		args := g.args
		if !g.merges() {
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
		}
		add(args, g.secretType)
	}
}

// plain adds the manifests as they stand.
func (r *root) plain(b *graph.Builder) {
	seen := map[string]bool{}
	for _, l := range r.layers {
		for _, e := range l.resources {
			if e.dead || e.path == "" || seen[e.path] {
				continue
			}
			seen[e.path] = true
			docs, _ := r.parsed.parse(r.tree, e.path)
			for _, d := range docs {
				if d.Problem == nil {
					kubernetes.Add(b, d.Root)
				}
			}
		}
	}
}

// noise is what the library says around what is wrong, and what this package
// put there.
var noise = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`#[0-9]+`), ""},
	{regexp.MustCompile(`(?s)^.*accumulation err='(?:accumulating|merging) resources from '[^']*': (.*)': must build at directory.*$`), "$1"},
	{regexp.MustCompile(`(?s) in object \{.*$`), ""},
	{regexp.MustCompile(`(?s)(no resource matches strategic merge patch "[^"]*").*$`), "$1"},
	{regexp.MustCompile(`(?s):? ?\[?\{"apiVersion.*$`), ""},
	{regexp.MustCompile(`\s+`), " "},
}

// oneLine is an error of kustomize's in one line of a bearable length.
func oneLine(err error) string {
	text := err.Error()
	for _, n := range noise {
		text = n.from.ReplaceAllString(text, n.to)
	}
	if r := []rune(text); len(r) > 400 {
		text = string(r[:200]) + " … " + string(r[len(r)-200:])
	}
	return text
}
