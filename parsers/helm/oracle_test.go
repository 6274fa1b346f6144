package helm

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	stockchartutil "helm.sh/helm/v3/pkg/chartutil"
	stockengine "helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// A case is a tree with charts to try things on.
type chartTree struct {
	name    string
	fsys    fs.FS
	files   []string
	options Options
}

// chartTrees are the charts in testdata and, when SEAWORTHY_CORPUS names a
// directory, those in its subdirectories.
func chartTrees(t testing.TB) (trees []chartTree) {
	for _, name := range []string{"origins.txtar", "subcharts.txtar", "functions.txtar", "missing.txtar", "differential.txtar", "provenance.txtar", "metadata.txtar"} {
		p := readProjectTB(t, filepath.Join("testdata", name))
		trees = append(trees, chartTree{name, p.tree.FS(), p.files, p.options})
	}
	corpus := os.Getenv("SEAWORTHY_CORPUS")
	if corpus == "" {
		return trees
	}
	dirs, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		fsys := os.DirFS(filepath.Join(corpus, d.Name()))
		l, err := source.NewTree(fsys).Walk([]string{"."}, func(string, bool) string { return "" })
		if err != nil {
			continue
		}
		if slices.ContainsFunc(l.Files, func(f string) bool { return filepath.Base(f) == chartFile }) {
			trees = append(trees, chartTree{d.Name(), fsys, l.Files, Options{}})
		}
	}
	return trees
}

// roots are the charts of a tree over a file system, with options.
func (c chartTree) roots(fsys fs.FS, o Options) (roots []*root) {
	for _, r := range New(o).Roots(parsers.NewProject(source.NewTree(fsys), c.files), &graph.Builder{}) {
		roots = append(roots, r.(*root))
	}
	return roots
}

// overlaid is a file system with files of its own over others.
type overlaid struct {
	fs.FS
	over fstest.MapFS
}

func (o overlaid) Open(name string) (fs.File, error) {
	if _, ok := o.over[name]; ok {
		return o.over.Open(name)
	}
	return o.FS.Open(name)
}

func over(fsys fs.FS, name, text string) fs.FS {
	return overlaid{fsys, fstest.MapFS{name: {Data: []byte(text)}}}
}

// stock renders a chart with Helm's own packages.
func stock(r *root) (map[string]string, error) {
	l := newLoader(context.Background(), r.in, &graph.Builder{})
	c := l.directory(r.dir)
	if c == nil {
		return nil, fmt.Errorf("no chart")
	}
	caps, err := l.capabilities(c)
	if err != nil {
		return nil, err
	}
	given := r.in.values().merged
	if err := stockchartutil.ProcessDependenciesWithMerge(c, given); err != nil {
		return nil, err
	}
	stockCaps := stockchartutil.DefaultCapabilities.Copy()
	stockCaps.KubeVersion = stockchartutil.KubeVersion(caps.KubeVersion)
	stockCaps.APIVersions = stockchartutil.VersionSet(caps.APIVersions)
	o := r.in.options
	release := stockchartutil.ReleaseOptions{Name: DefaultReleaseName, Namespace: unknownNamespace, Revision: 1, IsInstall: true}
	if o.Namespace != "" {
		release.Namespace = o.Namespace
	}
	v, err := stockchartutil.ToRenderValuesWithSchemaValidation(c, given, release, stockCaps, true)
	if err != nil {
		return nil, err
	}
	silence(c)
	return stockengine.Render(c, v)
}

// silence takes the notes out, which Helm renders.
func silence(c *chart.Chart) {
	for _, t := range c.Templates {
		if strings.HasSuffix(t.Name, "NOTES.txt") {
			t.Data = nil
		}
	}
	for _, d := range c.Dependencies() {
		silence(d)
	}
}

// ours renders a chart with this package.
func ours(r *root) (*set, error) {
	l := newLoader(context.Background(), r.in, &graph.Builder{})
	c := l.directory(r.dir)
	if c == nil {
		return nil, fmt.Errorf("no chart")
	}
	v, err := l.renderValues(c)
	if err != nil {
		return nil, err
	}
	s := &set{loader: l, files: map[string]site{}}
	s.values = l.layers(c)
	s.collect(c, v, nil)
	s.result, err = engine.Render(context.Background(), s.templates)
	return s, err
}

// A fieldOf is a scalar of the rendered manifests.
type fieldOf struct {
	value  string
	handle source.Handle
}

// flatten adds the scalars of a text to fields by template, document and path.
func flatten(name, text string, place func(int, int) source.Handle, fields map[string]fieldOf) {
	var walk func(path string, n *graph.Node)
	walk = func(path string, n *graph.Node) {
		for key, v := range graph.ValueOf(n).Entries() {
			child := n.Field(key)
			if child != nil {
				walk(path+"/"+key, child.Node)
				continue
			}
			if i := len(key); i > 0 && n.Kind() == graph.List {
				_ = v
				if at, err := strconv.Atoi(key); err == nil {
					walk(path+"/"+key, n.Items()[at])
				}
			}
		}
		switch n.Kind() {
		case graph.List:
			fields[path] = fieldOf{fmt.Sprintf("%d items", len(n.Items())), n.Handle()}
		case graph.Bool, graph.Number, graph.String, graph.Null:
			fields[path] = fieldOf{n.Kind().String() + " " + n.Text(), n.Handle()}
		}
	}
	docs := yamltext.Parse(source.NewFile(name, []byte(text)), place)
	fields[name] = fieldOf{fmt.Sprintf("%d items", len(docs)), nil}
	for i, d := range docs {
		if d.Problem == nil {
			walk(fmt.Sprintf("%s/#%d", name, i), d.Root)
		}
	}
}

func stockFields(r *root) (map[string]fieldOf, error) {
	texts, err := stock(r)
	if err != nil {
		return nil, err
	}
	fields := map[string]fieldOf{}
	for name, text := range texts {
		flatten(name, text, nil, fields)
	}
	return fields, nil
}

// claims are all places that an origin says something about.
func claims(o *source.Origin, visit func(*source.Origin)) {
	visit(o)
	for _, f := range o.From {
		claims(f, visit)
	}
}

// mutated is text changed a little, so that it stays of its kind.
func mutated(text string) (string, bool) {
	switch text {
	case "true":
		return "false", true
	case "false":
		return "true", true
	}
	for i := len(text) - 1; i >= 0; i-- {
		switch c := text[i]; {
		case c >= '0' && c <= '8' || c >= 'a' && c <= 'y' || c >= 'A' && c <= 'Y':
			return text[:i] + string(c+1) + text[i+1:], true
		case c == '9' || c == 'z' || c == 'Z':
			return text[:i] + string(c-1) + text[i+1:], true
		}
	}
	return "", false
}

// A score is what is known of the places of one chart, over its variations.
type score struct {
	fields, exact   int // scalars, and those known to the line or better
	text, wrongText int // claims to have been written as they are
	data, wrongData int // claims to have flowed in
	found, missed   int // fields that a value changed, and whether their places say so
	skipped         int // changes that the chart did not survive
}

func (s *score) add(o score) {
	for _, f := range []struct{ to, n *int }{
		{&s.fields, &o.fields}, {&s.exact, &o.exact}, {&s.text, &o.text}, {&s.wrongText, &o.wrongText},
		{&s.data, &o.data}, {&s.wrongData, &o.wrongData}, {&s.found, &o.found}, {&s.missed, &o.missed}, {&s.skipped, &o.skipped},
	} {
		*f.to += *f.n
	}
}

const scoreHeader = "fields coverage | position      | data          | recall        | broke"

func (s *score) String() string {
	share := func(right, wrong int) string {
		if right+wrong == 0 {
			return "     -       "
		}
		return fmt.Sprintf("%5d %6.2f %%", right+wrong, 100*float64(right)/float64(right+wrong))
	}
	return fmt.Sprintf("%6d %6.2f %% | %s | %s | %s | %5d", s.fields, 100*float64(s.exact)/float64(max(s.fields, 1)),
		share(s.text, s.wrongText), share(s.data, s.wrongData), share(s.found, s.missed), s.skipped)
}

// TestOracle changes what origins claim and lets Helm tell whether that was
// it: a place that a field is said to come from changes the field, and what
// changes a field is named by its origin. It prints a table by chart.
func TestOracle(t *testing.T) {
	var total score
	table := fmt.Sprintf("%-55s %s\n", "", scoreHeader)
	for _, tree := range chartTrees(t) {
		for _, r := range tree.roots(tree.fsys, tree.options) {
			t.Run(tree.name+"/"+r.dir, func(t *testing.T) {
				var s score
				oracle(t, tree, r, &s)
				for _, seed := range []uint64{2, 6, 10} {
					if varied, r, ok := tree.varied(t, r, seed); ok {
						oracle(t, varied, r, &s)
					}
				}
				if s.fields > 0 {
					table += fmt.Sprintf("%-55s %s\n", tree.name+"/"+r.dir, s.String())
				}
				total.add(s)
			})
		}
	}
	t.Logf("\n%s%-55s %s", table, "all", total.String())
	share := func(right, wrong int) float64 { return float64(right) / float64(max(right+wrong, 1)) }
	if total.wrongText+total.wrongData > 0 {
		t.Error("a token is claimed that a field does not come from")
	}
	if total.text < 100 || total.data < 100 || total.found < 100 || share(total.found, total.missed) < 0.98 {
		t.Error("origins do not tell where values come from")
	}
	if float64(total.exact) < 0.99*float64(total.fields) {
		t.Error("too few fields have a line")
	}
}

func oracle(t *testing.T, tree chartTree, r *root, sc *score) {
	before, err := stockFields(r)
	if err != nil {
		return // Helm cannot render it
	}
	again, err := stockFields(r)
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range before {
		if again[k].value != f.value { // random
			delete(before, k)
		}
	}
	s, err := ours(r)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]fieldOf{}
	for _, f := range s.result.Files {
		m := &manifest{set: s, file: f}
		flatten(s.templates[f.Template].Name, f.Text, m.place, fields)
	}
	for name, f := range fields {
		if f.handle != nil && !strings.HasSuffix(f.value, " items") {
			sc.fields++
			// An action of one line that printed a whole table is on that line.
			if first, last := f.handle.Origin().Lines(); first == last || f.handle.Origin().Exact >= source.AtLine {
				sc.exact++
			} else {
				t.Logf("no line: %s at %s", name, where(f.handle.Origin()))
			}
		}
	}
	names := slices.Sorted(maps.Keys(before))
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(before[name].value, " items") })
	// moved tells that a field may be another one now: a list that it is in has
	// become longer or shorter.
	moved := func(name string, after map[string]fieldOf) bool {
		for at := name; strings.Contains(at, "/"); at = at[:strings.LastIndexByte(at, '/')] {
			if v := before[at].value; strings.HasSuffix(v, " items") && after[at].value != v {
				return true
			}
		}
		return false
	}
	random := rand.New(rand.NewPCG(1, uint64(len(names))))
	sample := 60
	limit := time.Now().Add(20 * time.Second)
	rerender := func(file, text string) map[string]fieldOf {
		for _, again := range tree.roots(over(tree.fsys, file, text), tree.options) {
			if again.dir == r.dir {
				after, err := stockFields(again)
				if err != nil || len(after) == 0 {
					return nil
				}
				return after
			}
		}
		return nil
	}
	// part tells that subcharts were switched on or off.
	part := func(after map[string]fieldOf) bool {
		for name := range after {
			if _, there := before[name]; !there && !strings.Contains(name, "/#") {
				return true
			}
		}
		return slices.ContainsFunc(slices.Collect(maps.Keys(before)), func(name string) bool {
			_, there := after[name]
			return !there && !strings.Contains(name, "/#")
		})
	}
	change := func(sp source.Span) map[string]fieldOf {
		text, ok := mutated(sp.Text())
		if strings.Contains(sp.Text(), "{{") {
			text, ok = "seaworthy-x", true // instead of all that actions print
		}
		if !ok || !fs.ValidPath(sp.File.Path) {
			return nil
		}
		data := string(sp.File.Data)
		return rerender(sp.File.Path, data[:sp.Start]+text+data[sp.End:])
	}

	for range sample {
		if len(names) == 0 || time.Now().After(limit) {
			break
		}
		name := names[random.IntN(len(names))]
		f, ok := fields[name]
		if !ok || f.value != before[name].value {
			if strings.TrimSpace(before[name].value) != "null" {
				t.Errorf("%s: field is %q, Helm has %q", name, f.value, before[name].value)
			}
			continue
		}
		o := f.handle.Origin()
		claims(o, func(c *source.Origin) {
			literal := c == o // or actions side by side
			if c.Exact != source.AtToken || !(literal || c.Role == source.DrivenBy) || c.Span.File.Path == setFile {
				return
			}
			after := change(c.Span)
			switch {
			case after == nil:
				sc.skipped++
			case after[name].value == f.value && literal:
				sc.wrongText++
				t.Logf("wrong: %s = %q is not written at %s", name, f.value, where(c))
			case after[name].value == f.value:
				sc.wrongData++
				t.Logf("wrong: %s = %q does not depend on %s (%s)", name, f.value, where(c), c.Role)
			case literal:
				sc.text++
			default:
				sc.data++
			}
		})
	}

	// The other way round: what values change.
	type scalar struct {
		span source.Span
		keys []source.Span
	}
	var scalars []scalar
	var visit func(n *graph.Node, keys []source.Span)
	visit = func(n *graph.Node, keys []source.Span) {
		for _, f := range n.Fields() {
			if f.Place != nil {
				visit(f.Node, append(slices.Clip(keys), f.Place.Origin().Span))
			}
		}
		for _, item := range n.Items() {
			visit(item, keys)
		}
		switch n.Kind() {
		case graph.Bool, graph.Number, graph.String:
			if o := n.Handle().Origin(); o.Step == source.Written && o.Exact == source.AtToken {
				scalars = append(scalars, scalar{o.Span, keys})
			}
		}
	}
	for _, l := range append(slices.Clone(s.values.given), s.values.charts...) {
		if l.set == nil && l.packed == nil && l.root() != nil {
			visit(l.root(), nil)
		}
	}
	for _, m := range s.values.about {
		for _, f := range m.root().Fields() {
			switch f.Key {
			case "name", "version", "dependencies": // by which charts find each other
			default:
				if m.packed == nil {
					visit(f.Node, []source.Span{f.Place.Origin().Span})
				}
			}
		}
	}
	limit = time.Now().Add(20 * time.Second)
	for range sample {
		if len(scalars) == 0 || time.Now().After(limit) {
			break
		}
		leaf := scalars[random.IntN(len(scalars))]
		after := change(leaf.span)
		if after == nil || part(after) {
			sc.skipped++
			continue
		}
		checked := 0
		for _, name := range names {
			f, known := fields[name]
			now, there := after[name]
			if !known || !there || now.value == f.value || checked >= 20 || moved(name, after) {
				continue
			}
			checked++
			found := false
			claims(f.handle.Origin(), func(c *source.Origin) {
				switch c.Role {
				case source.DrivenBy, source.Condition, source.SetBy, source.NotRendered:
					found = found || c.Span.File == leaf.span.File && (c.Span.Start <= leaf.span.Start && leaf.span.End <= c.Span.End || leaf.span.Contains(c.Span) || slices.Contains(leaf.keys, c.Span))
				}
			})
			if found {
				sc.found++
			} else {
				sc.missed++
				t.Logf("missed: %s = %q (now %q) depends on %s:%d %q", name, f.value, now.value, leaf.span.File.Path, leaf.span.From().Line, leaf.span.Text())
			}
		}
	}
}

// variation is values that switch on what a chart's values switch off.
func variation(v map[string]any, seed uint64) map[string]any {
	random := rand.New(rand.NewPCG(seed, 7))
	share := float64(seed%12+1) / 12
	out := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(v)) {
		switch x := v[k].(type) {
		case map[string]any:
			if len(x) == 0 && random.Float64() < share/2 {
				out[k] = map[string]any{"key": "value"}
			} else if sub := variation(x, random.Uint64()%12); len(sub) > 0 {
				out[k] = sub
			}
		case bool:
			if random.Float64() < share {
				out[k] = !x
			}
		case string:
			if x == "" && random.Float64() < share/3 {
				out[k] = "some-text"
			}
		case nil:
			if random.Float64() < share/4 {
				out[k] = "some-text"
			}
		case float64:
			if random.Float64() < share/2 {
				out[k] = x + 1
			}
		case []any:
			if len(x) == 0 && random.Float64() < share/4 {
				out[k] = []any{"item"}
			}
		}
	}
	return out
}

// root is the chart in a directory.
func (c chartTree) root(dir string) *root {
	for _, r := range c.roots(c.fsys, c.options) {
		if r.dir == dir {
			return r
		}
	}
	return nil
}

// varied is the tree with a variation of the values of a chart; the first
// changes nothing.
func (c chartTree) varied(t *testing.T, r *root, seed uint64) (chartTree, *root, bool) {
	l := newLoader(context.Background(), r.in, &graph.Builder{})
	chart := l.directory(r.dir)
	if chart == nil {
		return c, nil, false
	}
	v, err := l.renderValues(chart)
	if err != nil {
		return c, nil, false
	}
	values := map[string]any{}
	if seed > 0 {
		values = variation(v["Values"].(chartutil.Values), seed-1)
	}
	text, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	c.options.Values = append(slices.Clone(c.options.Values), "variation.yaml")
	c.fsys = over(c.fsys, "variation.yaml", string(text))
	return c, c.root(r.dir), true
}

// variations is how many variations of the values of a chart are rendered, and
// from how many these are taken: some Helm refuses.
const variations, seeds = 12, 60

// TestVariations holds the output against Helm's for many values of a chart.
func TestVariations(t *testing.T) {
	table, total, charts := "", 0, 0
	for _, tree := range chartTrees(t) {
		for _, r := range tree.roots(tree.fsys, tree.options) {
			t.Run(tree.name+"/"+r.dir, func(t *testing.T) {
				same, rendered, refused := 0, 0, 0
				for seed := uint64(0); seed < seeds && rendered <= variations; seed++ { // the first changes nothing
					varied, _, ok := tree.varied(t, r, seed)
					if !ok {
						t.Skip("no chart")
					}
					if n, ok := sameAsHelm(t, seed, func() *root { return varied.root(r.dir) }); ok {
						same, rendered = same+n, rendered+1
					} else {
						refused++
					}
				}
				if rendered == 0 {
					return // a chart that Helm does not render whatever its values
				}
				table += fmt.Sprintf("%-55s %3d variations, %4d files the same; Helm refuses %d\n", tree.name+"/"+r.dir, rendered-1, same, refused)
				total += same
				charts++
				if rendered <= variations {
					t.Logf("only %d variations are rendered", rendered)
				}
			})
		}
	}
	t.Logf("\n%s%d charts, %d files the same", table, charts, total)
	if total < 100 {
		t.Error("next to nothing was compared")
	}
}

// sameAsHelm renders a chart both ways and returns how many files are the same;
// ok is false when Helm does not render it.
func sameAsHelm(t *testing.T, seed uint64, find func() *root) (same int, ok bool) {
	want, err := stock(find())
	s, ourErr := ours(find())
	if err != nil {
		if ourErr == nil && len(s.result.Failures) == 0 {
			t.Errorf("variation %d: Helm fails: %v", seed, err)
		}
		return 0, false
	}
	if ourErr != nil {
		t.Errorf("variation %d: %v", seed, ourErr)
		return 0, true
	}
	for _, f := range s.result.Failures {
		t.Errorf("variation %d: %s: %s", seed, s.templates[f.Template].Name, f.Message)
	}
	again, _ := stock(find())
	for _, f := range s.result.Files {
		name := s.templates[f.Template].Name
		switch {
		case f.Text == want[name]:
			same++
		case again[name] == want[name] && !strings.Contains(want[name], "CERTIFICATE") && !f.Unknown(0, len(f.Text), 0):
			t.Errorf("variation %d: %s differs:\n%s\nHelm:\n%s", seed, name, f.Text, want[name])
		}
	}
	return same, true
}
