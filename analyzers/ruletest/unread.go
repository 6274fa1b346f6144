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
// objects after the other may not be read. What a rule does not see it must not
// take for missing: no finding may come of it that is not there with everything
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

func (b bench) unread(file string, exempt []Exemption, used []atomic.Bool) {
	f := b.read(file)
	b.params = f.params
	running := maps.Clone(f.recorded)
	for name, m := range b.manifests(f.files) {
		running["@cluster/"+strings.ReplaceAll(name, "/", "-")] = &fstest.MapFile{Data: m}
	}
	byType := map[string][]string{}
	for _, d := range running.objects() {
		o := graph.ValueOf(d.root)
		version, kind := o.At("apiVersion").Str(), o.At("kind").Str()
		if typ := kube.Type(version, kind); b.formats.Asked(version, kind) {
			byType[typ] = append(byType[typ], d.span.Text())
		}
	}
	b.recorded = b.without(running, byType, "")
	all, objects := b.inCluster()
	for typ := range byType {
		b.recorded = b.without(running, byType, typ)
		found, _ := b.inCluster()
		for text, id := range found {
			if _, both := all[text]; both || !objects[id] { // pods whose owner is not seen stand alone
				continue
			}
			if i := slices.IndexFunc(exempt, func(e Exemption) bool { return e.covers(b.rule, typ) }); i >= 0 {
				used[i].Store(true)
				continue
			}
			b.t.Errorf("without any %s, which may not be read: %s", typ, text)
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

// without is the recording of a cluster without the objects of a type, which
// may not be read; "" for all.
func (b bench) without(running recording, byType map[string][]string, typ string) recording {
	left := recording{}
	for name, section := range running {
		if !strings.HasPrefix(name, "@cluster/") {
			left[name] = section
		}
	}
	for _, other := range slices.Sorted(maps.Keys(byType)) {
		if other != typ {
			left["@cluster/"+strings.ReplaceAll(other, "/", "-")+".yaml"] = &fstest.MapFile{Data: []byte(strings.Join(byType[other], "\n---\n"))}
		}
	}
	says := map[string]any{"context": "fixture", "version": "v1.36.0", "day": "2026-06-01"}
	if section, ok := running[about]; ok {
		if err := yaml.Unmarshal(section.Data, &says); err != nil {
			b.t.Fatal(err)
		}
	}
	if typ != "" {
		gaps, _ := says["gaps"].([]any)
		says["gaps"] = append(slices.Clone(gaps), map[string]any{"type": typ, "reason": "forbidden", "of": typ})
	}
	data, err := yaml.Marshal(says)
	if err != nil {
		b.t.Fatal(err)
	}
	left[about] = &fstest.MapFile{Data: data}
	return left
}
