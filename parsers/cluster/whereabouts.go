package cluster

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// A Drift is how a cluster differs from what is written.
type Drift struct {
	// Context is the context that was read, Day the day.
	Context, Day string
	// Releases are those that charts were found to be installed as, of which
	// nobody said so.
	Releases []Release
	// Compared is how many objects were held against what is written.
	Compared int
	// Differences are the fields that have drifted, in the order of the graph.
	Differences []Difference
	// Others is how many fields differ that others keep.
	Others int
	// Absent is written and not in the cluster.
	Absent []*graph.Resource
	// Stray are objects that were made by the same release or application as
	// some that are written, and are not written themselves.
	Stray []Stray
	// Secrets is how many Secrets are there of which the values were not
	// compared.
	Secrets int
	// Unknown are written objects that cannot be looked for.
	Unknown []Unsought
	// Elsewhere is how many written objects are in namespaces that were not read.
	Elsewhere int
}

// An Unsought is a written object that cannot be looked for.
type Unsought struct {
	*graph.Resource
	Why string // in words: "its name is not known"
}

// A Stray is a live object that nothing written made.
type Stray struct {
	Object string // its kind, namespace and name
	Of     string // who made it: "the Helm release web in shop"
}

// find fills in what is only on one side.
func (d *Drift) find(s *Snapshot, t *ties, parts []*graph.Builder, objects []*liveObject, tied []tie) {
	d.Context, d.Day = s.Context, s.Day
	marks := map[string]bool{}
	for i, o := range objects {
		if tied[i].written == nil {
			continue
		}
		d.Compared++
		if o.typ() == "core/Secret" {
			d.Secrets++
		}
		for _, m := range madeBy(o) {
			marks[m] = true
		}
	}
	for i, o := range objects {
		if tied[i].written != nil || tied[i].why != "" || o.owned() {
			continue
		}
		of := madeBy(o)
		if i := slices.IndexFunc(of, func(m string) bool { return marks[m] }); i >= 0 {
			d.Stray = append(d.Stray, Stray{o.id(), of[i]})
		}
	}
	for _, part := range parts {
		for _, r := range part.Resources {
			if t.met[r] || !kube.IsObject(r) || passing(r) {
				continue
			}
			switch there, why := s.looked(r, t.homes); {
			case there == graph.True && t.vague[r] != "":
				d.Unknown = append(d.Unknown, Unsought{r, t.vague[r]})
			case there == graph.Unsure:
				d.Unknown = append(d.Unknown, Unsought{r, why})
			case there == graph.True:
				d.Absent = append(d.Absent, r)
			default:
				d.Elsewhere++
			}
		}
	}
}

// add adds a difference.
func (d *Drift) add(one Difference) {
	if one.Drift() {
		d.Differences = append(d.Differences, one)
	} else {
		d.Others++
	}
}

// madeBy are what an object says that it is part of, in words.
func madeBy(o *liveObject) (all []string) {
	if r := o.annotation("meta.helm.sh/release-name"); r != "" {
		all = append(all, "the Helm release "+r+" in "+o.annotation("meta.helm.sh/release-namespace"))
	}
	for label, what := range map[string]string{
		"kustomize.toolkit.fluxcd.io/name": "the Flux kustomization ", "helm.toolkit.fluxcd.io/name": "the Flux release ", "applyset.kubernetes.io/part-of": "the apply set ",
	} {
		if v := o.label(label); v != "" {
			all = append(all, what+v)
		}
	}
	if app, _, ok := strings.Cut(o.annotation("argocd.argoproj.io/tracking-id"), ":"); ok {
		all = append(all, "the Argo CD application "+app)
	}
	slices.Sort(all)
	return all
}

// owned tells of an object that another one made.
func (o *liveObject) owned() bool {
	return len(mapsAt(o.raw, "metadata", "ownerReferences")) > 0
}

// passing tells of objects that are not meant to stay.
func passing(r *graph.Resource) bool {
	return r.At("metadata.annotations").Get("helm.sh/hook").Kind() != graph.Absent || r.At("spec.ttlSecondsAfterFinished").Kind() != graph.Absent ||
		strings.HasSuffix(r.Type, "List") || r.Type == "core/Secret" && strings.Contains(r.Name, "*")
}

// looked tells whether a written object would have been found were it there:
// False where it is in a namespace that was not read, Unsure where nobody knows,
// and why not.
func (s *Snapshot) looked(r *graph.Resource, homes []string) (there graph.Tri, why string) {
	name := r.At("metadata.name")
	switch {
	case name.Str() == "":
		return graph.Unsure, "its name is not known"
	case strings.Contains(name.Str(), helm.DefaultReleaseName):
		return graph.Unsure, "its name depends on the name of the release, which is not known"
	case hashed().MatchString(name.Str()) && r.Type != "core/ConfigMap":
		return graph.Unsure, "its name depends on its content, which is not known"
	}
	in := r.At("metadata.namespace")
	namespace := in.Str()
	if namespace == "" && len(homes) == 1 {
		namespace = homes[0]
	}
	served, namespaced := false, true
	for _, k := range s.Kinds {
		if k.Type() == r.Type && k.Preferred {
			served, namespaced = true, k.Namespaced
		}
	}
	if served && !s.asked(r.Type) {
		return graph.Unsure, "objects of its kind were not asked for"
	}
	for _, g := range s.Gaps {
		if g.Type == r.Type && (g.Namespace == "" || g.Namespace == namespace) || g.Type == "" && !served {
			return graph.Unsure, g.String()
		}
	}
	if r.Type == "core/Namespace" { // of which only those that are named are read
		namespaced, namespace = true, name.Str()
	}
	if served && namespaced && len(s.Namespaces) > 0 && !slices.Contains(s.Namespaces, namespace) {
		return graph.False, "its namespace was not read"
	}
	return graph.True, ""
}
