package ruletest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// Unread lets every fixture below dir run in a cluster of which one type of its
// objects after the other may not be read, and then all but one namespace. What
// a rule does not see it must not take for missing: no finding may come of it that is not there with everything
// read. A rule for which that fails lacks the type among its Needs, or asks for
// it without asking whether all of it was read. exempt has the types as Forms.
// Short tests take a sample.
func Unread(t *testing.T, rules []*analyzers.Rule, formats Formats, dir string, exempt []Exemption) {
	eachFixture(t, rules, formats, dir, exempt, bench.unread)
}

// A recording is what runs beside a project: the sections of clusters and
// images.
type recording fstest.MapFS

// about is the section with what a cluster says of itself.
const about = "@cluster/cluster.yaml"

// objects are the objects of the cluster.
func (r recording) objects() []document {
	sections := manifests{}
	for name, section := range r {
		if strings.HasPrefix(name, "@cluster/") && name != about {
			sections[name] = section.Data
		}
	}
	return sections.documents()
}

// A shown is an object of a recording.
type shown struct{ typ, namespace, text string }

// A view is what somebody sees of a cluster who may not read all of it.
type view struct {
	lacks string // as exemptions name it: a type, or what is not in a namespace
	sees  func(shown) bool
	says  string // the key by which the cluster tells of it
	what  any    // and what it tells
}

// views are those without a type, and those of one namespace alone.
func views(objects []shown) (all []view) {
	done, namespaced := map[string]bool{}, map[string]bool{}
	for _, o := range objects {
		namespaced[o.typ] = namespaced[o.typ] || o.namespace != ""
	}
	for _, o := range objects {
		if typ := o.typ; !done[typ] {
			gap := map[string]any{"type": typ, "reason": "forbidden", "of": typ}
			all = append(all, view{typ, func(o shown) bool { return o.typ != typ }, "gaps", gap})
		}
		if in := o.namespace; in != "" && !done[in] {
			all = append(all, view{"outside " + in, func(o shown) bool { return o.namespace == in || !namespaced[o.typ] }, "namespaces", in})
		}
		done[o.typ], done[o.namespace] = true, true
	}
	return all
}

func (b bench) unread(file string, exempt []Exemption, used []atomic.Bool) {
	f := b.read(file)
	b.params = f.params
	running := maps.Clone(f.recorded)
	for name, m := range b.manifests(f.files) {
		running["@cluster/"+strings.ReplaceAll(name, "/", "-")] = &fstest.MapFile{Data: m}
	}
	var objects []shown
	for _, d := range running.objects() {
		o := graph.ValueOf(d.root)
		version, kind := o.At("apiVersion").Str(), o.At("kind").Str()
		if b.formats.Asked(version, kind) {
			objects = append(objects, shown{kube.Type(version, kind), o.At("metadata.namespace").Str(), d.span.Text()})
		}
	}
	b.recorded = b.seen(running, objects, view{sees: func(shown) bool { return true }})
	all, known := b.inCluster()
	for _, v := range views(objects) {
		b.recorded = b.seen(running, objects, v)
		found, _ := b.inCluster()
		for text, id := range found {
			if _, both := all[text]; both || !known[id] { // pods whose owner is not seen stand alone
				continue
			}
			if i := slices.IndexFunc(exempt, func(e Exemption) bool { return e.covers(b.rule, v.lacks) }); i >= 0 {
				used[i].Store(true)
				continue
			}
			b.t.Errorf("without what may not be read, %s: %s", v.lacks, text)
		}
	}
}

// inCluster are the findings about objects of a cluster, with their objects'
// IDs, and the IDs of all objects.
func (b bench) inCluster() (found map[string]string, objects map[string]bool) {
	report, g := b.run(nil)
	found, objects = map[string]string{}, map[string]bool{}
	for _, f := range report.Findings {
		for _, r := range f.Instances {
			if f.Rule == b.rule && r != nil && live.Is(r) {
				found[fmt.Sprintf("%s: %s (%s)", r.ID, f.Message, f.Path)] = r.ID
			}
		}
	}
	for _, o := range live.Objects.Of(g) {
		objects[o.ID] = true
	}
	return found, objects
}

// seen is the recording of a cluster as a view has it.
func (b bench) seen(running recording, objects []shown, v view) recording {
	left, texts := recording{}, []string{}
	for name, section := range running {
		if !strings.HasPrefix(name, "@cluster/") {
			left[name] = section
		}
	}
	for _, o := range objects {
		if v.sees(o) {
			texts = append(texts, o.text)
		}
	}
	left["@cluster/objects.yaml"] = &fstest.MapFile{Data: []byte(strings.Join(texts, "\n---\n"))}
	says := map[string]any{"context": "fixture", "version": "v1.36.0", "day": "2026-06-01"}
	if section, ok := running[about]; ok {
		if err := yaml.Unmarshal(section.Data, &says); err != nil {
			b.t.Fatal(err)
		}
	}
	if v.says != "" {
		list, _ := says[v.says].([]any)
		says[v.says] = append(slices.Clone(list), v.what)
	}
	data, err := yaml.Marshal(says)
	if err != nil {
		b.t.Fatal(err)
	}
	left[about] = &fstest.MapFile{Data: data}
	return left
}
