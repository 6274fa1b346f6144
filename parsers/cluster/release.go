package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// A Release is the Helm release that a chart is installed as.
type Release struct {
	Root            string // the chart's, "helm:charts/web"
	Name, Namespace string
}

func (r Release) String() string { return fmt.Sprintf("%q in %q", r.Name, r.Namespace) }

// release is the Helm release that an object belongs to; "" for none. What was
// rendered and then applied by others has the labels that charts set only.
func release(o *liveObject) string {
	if r := o.annotation("meta.helm.sh/release-name"); r != "" {
		return r
	}
	if o.label(managedBy) == "Helm" || o.label("helm.sh/chart") != "" {
		return o.label("app.kubernetes.io/instance")
	}
	return ""
}

// installs are the releases of a chart that the cluster seems to have.
type installs struct {
	// sure are those of which an object says so by its name or by the label of
	// its chart, all those of which any is what the chart writes.
	sure, all []Release
	made      map[*graph.Resource]Release // what each object that is written became first
	twice     bool                        // one became an object of two releases
	at        *source.Origin
}

func (c *installs) add(w *graph.Resource, o *liveObject, r Release) {
	if !slices.Contains(c.all, r) {
		c.all = append(c.all, r)
	}
	chart := chartOf(o.label("helm.sh/chart"), "")
	of := chartOf(w.At("metadata.labels").Get("helm.sh/chart").Str(), "")
	if (strings.Contains(w.Name, helm.DefaultReleaseName) || chart != "" && chart == of) && !slices.Contains(c.sure, r) {
		c.sure = append(c.sure, r)
	}
	first, there := c.made[w]
	c.twice = c.twice || there && first != r
	c.made[w] = r
}

// releases are those that the chart is installed as; none where nobody can say.
func (c *installs) releases() []Release {
	switch {
	case len(c.sure) > 0:
		return c.sure
	case c.twice, len(c.all) == 1:
		return c.all
	}
	return nil
}

// releaseOf is the release that an object belongs to; without a name for none.
func releaseOf(o *liveObject, root string) Release {
	return Release{root, release(o), cmp.Or(o.annotation("meta.helm.sh/release-namespace"), o.namespace())}
}

// releases finds out what charts are installed as, by the objects that were
// made from them. What is of another release loses its ties. Where there are
// several nothing can be said of the chart, and all of it does.
func (d *Drift) releases(b *graph.Builder, objects []*liveObject, tied []tie) {
	charts := map[string]*installs{}
	for i, o := range objects {
		w := tied[i].written
		if w == nil || !strings.HasPrefix(w.Root, "helm:") || !sameApp(w, o) {
			continue
		}
		if r := releaseOf(o, w.Root); r.Name != "" && r.Namespace != "" {
			if charts[w.Root] == nil {
				charts[w.Root] = &installs{made: map[*graph.Resource]Release{}, at: w.Place}
			}
			charts[w.Root].add(w, o, r)
		}
	}
	for _, root := range slices.Sorted(maps.Keys(charts)) {
		all := charts[root].releases()
		slices.SortFunc(all, func(a, b Release) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
		})
		switch {
		case len(all) == 1:
			d.Releases = append(d.Releases, all[0])
		case len(all) > 1:
			b.Fail(charts[root].at, "the chart is not compared, for it is installed as %s: name one with --release-name and --namespace", listed(all))
		}
		for i, o := range objects {
			if w := tied[i].written; w == nil || w.Root != root || len(all) == 0 {
				continue
			}
			if r := releaseOf(o, root); len(all) > 1 {
				tied[i] = tie{why: fmt.Sprintf("its chart is installed %d times", len(all))}
			} else if r.Name != "" && r.Namespace != "" && r != all[0] {
				tied[i] = tie{why: fmt.Sprintf("it is of the release %s", r)}
			}
		}
	}
}

func listed(all []Release) string {
	var names []string
	for _, r := range all {
		names = append(names, r.String())
	}
	return strings.Join(names, " and as ")
}
