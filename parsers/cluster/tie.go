package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// A tie is the written object that a live one was made from.
type tie struct {
	written *graph.Resource // nil for none
	names   []renaming
	// why says why there is none although something looked like it.
	why string
}

// A renaming is text of a chart that was rendered for no release in particular,
// and what it is in the release that is installed.
type renaming struct{ from, to string }

// renamed tells whether a written text became the live one.
func (t tie) renamed(written, live string) bool {
	return slices.ContainsFunc(t.names, func(r renaming) bool {
		return strings.Contains(written, r.from) && strings.ReplaceAll(written, r.from, r.to) == live
	})
}

// asInstalled are written items with the name of the release that is installed.
func (t tie) asInstalled(items []*graph.Node) []*graph.Node {
	if len(t.names) == 0 {
		return items
	}
	out := make([]*graph.Node, len(items))
	for i, item := range items {
		out[i] = item.Replace(func(n *graph.Node) *graph.Node {
			for _, r := range t.names {
				if n.Kind() == graph.String && strings.Contains(n.Text(), r.from) {
					return graph.NewString(strings.ReplaceAll(n.Text(), r.from, r.to), n.Handle())
				}
			}
			return n
		})
	}
	return out
}

// ties finds what objects were made from, by what they are and what their
// tools wrote on them. It ties nothing that it is not sure of: a finding at a
// line that has nothing to do with it is worse than one at no line.
type ties struct {
	named map[[2]string][]*graph.Resource // by type and name
	loose map[string][]*graph.Resource    // by type, those whose name is not known, or not all of it
	place map[*graph.Resource]int         // in the order of what is written
	live  map[[2]string]int               // how many live objects have a type and name
	met   map[*graph.Resource]bool        // what is live, or would be in another environment
	vague map[*graph.Resource]string      // what may be live, and why that is not known
	all   []*liveObject
	// homes are the namespaces where things without one go.
	homes []string
	// there are the live objects and were what they were when they were applied,
	// by type, namespace and name, once somebody asked.
	there map[[3]string]bool
	were  map[[3]string]int
}

func newTies(parts []*graph.Builder, objects []*liveObject, homes []string) *ties {
	t := &ties{
		named: map[[2]string][]*graph.Resource{}, loose: map[string][]*graph.Resource{}, place: map[*graph.Resource]int{},
		live: map[[2]string]int{}, met: map[*graph.Resource]bool{}, vague: map[*graph.Resource]string{}, all: objects, homes: homes,
	}
	for _, part := range parts {
		for _, r := range part.Resources {
			t.place[r] = len(t.place)
			if !kube.IsObject(r) || r.Name == "" {
				continue
			}
			t.named[[2]string{r.Type, r.Name}] = append(t.named[[2]string{r.Type, r.Name}], r)
			if strings.Contains(r.Name, "*") || strings.Contains(r.Name, helm.DefaultReleaseName) || hashed().MatchString(r.Name) {
				t.loose[r.Type] = append(t.loose[r.Type], r)
			}
		}
	}
	for _, o := range objects {
		t.live[[2]string{o.typ(), o.name()}]++
	}
	return t
}

// find is the tie of an object. Written objects that fit equally well, those of
// several environments, are told apart by how much of them is live; where that
// is the same, the first counts.
func (t *ties) find(o *liveObject, live *graph.Node) tie {
	why := ""
	for _, candidates := range [...]func(*liveObject) ([]*graph.Resource, string){t.byName, t.byRelease, t.byHash, t.byApplied, t.byPattern} {
		found, doubt := candidates(o)
		why = cmp.Or(why, doubt)
		if len(found) == 0 {
			continue
		}
		best, most := found[0], -1
		for _, r := range found {
			if len(found) > 1 && wrote(r, o) {
				best, most = r, math.MaxInt
			}
			t.met[r] = true
			same, all := agreement(r.Tree(), live)
			if share := same * 1000 / max(all, 1); share > most {
				best, most = r, share
			}
		}
		return tie{written: best, names: renamings(best, o)}
	}
	return tie{why: why}
}

// order is the order in which objects are looked at: that of what they were made
// from, then the others. A rule that finds something twice says so of the
// second.
func (t *ties) order(tied []tie) []int {
	order := make([]int, len(tied))
	for i := range order {
		order[i] = i
	}
	place := func(i int) int {
		if w := tied[i].written; w != nil {
			return t.place[w]
		}
		return len(t.place)
	}
	slices.SortStableFunc(order, func(a, b int) int { return place(a) - place(b) })
	return order
}

// doubt says why an object is tied to none of those that it may have been made
// from.
func (t *ties) doubt(of []*graph.Resource, format string, args ...any) string {
	why := fmt.Sprintf(format, args...)
	for _, r := range of {
		t.vague[r] = why
	}
	return why
}

// byName are the objects with the very name.
func (t *ties) byName(o *liveObject) (found []*graph.Resource, doubt string) {
	for _, r := range t.named[[2]string{o.typ(), o.name()}] {
		switch t.sameNamespace(r, o) {
		case graph.True:
			found = append(found, r)
		case graph.Unsure:
			doubt = t.doubt([]*graph.Resource{r}, "%s has no namespace, and there are %d objects with its name", r.ID, t.live[[2]string{o.typ(), o.name()}])
		case graph.False:
		}
	}
	return found, doubt
}

// sameNamespace tells whether a written object goes where the live one is. One
// without a namespace goes to the one that its tool or the kubeconfig names;
// else it can only be told when there is only one object with its name.
func (t *ties) sameNamespace(r *graph.Resource, o *liveObject) graph.Tri {
	in := r.At("metadata.namespace")
	switch {
	case o.namespace() == "":
		return graph.True
	case in.Str() != "":
		return graph.Of(in.Str() == o.namespace())
	case t.goes(o.namespace()), o.annotation("meta.helm.sh/release-namespace") == o.namespace() && release(o) != "":
		return graph.True
	case t.live[[2]string{o.typ(), o.name()}] == 1:
		return graph.True
	}
	return graph.Unsure
}

// goes tells whether what has no namespace goes to this one.
func (t *ties) goes(namespace string) bool { return slices.Contains(t.homes, namespace) }

// renamings are the texts that depend on the name of the release. Charts leave
// their own name out where the release has it in its name.
func renamings(r *graph.Resource, o *liveObject) []renaming {
	name := release(o)
	if name == "" {
		return nil
	}
	var all []renaming
	if chart := chartOf(r.At("metadata.labels").Get("helm.sh/chart").Str(), r.At("metadata.labels").Get("app.kubernetes.io/name").Str()); chart != "" && strings.Contains(name, chart) {
		all = append(all, renaming{helm.DefaultReleaseName + "-" + chart, name})
	}
	return append(all, renaming{helm.DefaultReleaseName, name})
}

var chartVersion = late.Pattern(`-v?[0-9]+[._0-9].*$`)

// chartOf is the name of a chart by its labels.
func chartOf(chart, app string) string {
	if chart != "" {
		return chartVersion().ReplaceAllString(chart, "")
	}
	return app
}

// byRelease are the objects of charts that were rendered for no release in
// particular.
func (t *ties) byRelease(o *liveObject) (found []*graph.Resource, doubt string) {
	if release(o) == "" {
		return nil, ""
	}
	for _, r := range t.loose[o.typ()] {
		if !sameApp(r, o) || !(t.sameNamespace(r, o) == graph.True) {
			continue
		}
		if (tie{names: renamings(r, o)}).renamed(r.Name, o.name()) {
			found = append(found, r)
		}
	}
	return found, ""
}

// sameApp tells whether an object can be of the chart or the application that
// the labels of another one name.
func sameApp(r *graph.Resource, o *liveObject) bool {
	labels := r.At("metadata.labels")
	for _, key := range [...]string{"helm.sh/chart", "app.kubernetes.io/name", "app.kubernetes.io/component"} {
		a, b := labels.Get(key).Str(), o.label(key)
		if key == "helm.sh/chart" {
			a, b = chartOf(a, ""), chartOf(b, "")
		}
		if a != "" && b != "" && a != b {
			return false
		}
	}
	return true
}

// hashed is a name that kustomize gave a ConfigMap or a Secret: behind it is a
// hash of what is in it, in an alphabet without vowels.
var hashed = late.Pattern(`^(.+)-[2456789bcdfghkmt]{10}$`)

// byHash are the ConfigMaps and Secrets whose content, and so whose name, has
// changed.
func (t *ties) byHash(o *liveObject) (found []*graph.Resource, doubt string) {
	base := func(name string) string {
		if m := hashed().FindStringSubmatch(name); m != nil {
			return m[1]
		}
		return ""
	}
	name := base(o.name())
	if name == "" || o.typ() != "core/ConfigMap" && o.typ() != "core/Secret" {
		return nil, ""
	}
	for _, r := range t.loose[o.typ()] {
		if base(r.Name) == name && t.sameNamespace(r, o) == graph.True {
			found = append(found, r)
		}
	}
	alike := 0
	for _, other := range t.all {
		if other.typ() == o.typ() && other.namespace() == o.namespace() && base(other.name()) == name {
			alike++
		}
	}
	if len(found) > 0 && alike > 1 {
		return nil, t.doubt(found, "%d objects are of %s with different content", alike, found[0].ID)
	}
	return found, ""
}

// byPattern are the objects whose name is not known, when they are the only
// ones that can be meant and the labels say so.
func (t *ties) byPattern(o *liveObject) (found []*graph.Resource, doubt string) {
	matches := func(r *graph.Resource, o *liveObject) bool {
		prefix, generated := strings.CutSuffix(r.Name, "*")
		if !generated || !sameApp(r, o) || t.sameNamespace(r, o) == graph.False {
			return false
		}
		if prefix != "" {
			return strings.HasPrefix(o.name(), prefix) && len(o.name()) == len(prefix)+5
		}
		return labelled(r, o)
	}
	for _, r := range t.loose[o.typ()] {
		if matches(r, o) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return nil, ""
	}
	alike := 0
	for _, other := range t.all {
		if other.typ() == o.typ() && matches(found[0], other) {
			alike++
		}
	}
	if len(found) > 1 || alike > 1 && found[0].Name == "*" {
		return nil, t.doubt(found, "the name of %s is not known, and it is not the only one that may be meant", found[0].ID)
	}
	return found, ""
}

// labelled tells whether labels name the application, and the same one.
func labelled(r *graph.Resource, o *liveObject) bool {
	labels := r.At("metadata.labels")
	for _, key := range [...]string{"helm.sh/chart", "app.kubernetes.io/name"} {
		if a := labels.Get(key).Str(); a != "" && o.label(key) != "" {
			return true // sameApp has compared them
		}
	}
	return false
}
