package cluster

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	apidiscovery "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const (
	asJSON = "application/json"
	// asAggregated asks for all groups in one document, which servers have
	// had since 1.26; before, the same path answers with a list of groups.
	asAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
		"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," + asJSON
)

// discover asks what the server serves.
func (c *client) discover(ctx context.Context, parallel int) ([]Kind, []Gap, *failure) {
	var d discovery
	for _, path := range [...]string{"/api", "/apis"} {
		a, f := c.get(ctx, path, nil, asAggregated)
		if f != nil {
			return nil, nil, f
		}
		if strings.Contains(a.mediaType, "as=APIGroupDiscoveryList") {
			f = d.aggregated(a.body)
		} else {
			f = d.groups(path, a.body)
		}
		if f != nil {
			return nil, nil, f
		}
	}
	if f := d.follow(ctx, c, parallel); f != nil {
		return nil, nil, f
	}
	return d.kinds, d.gaps, nil
}

// A discovery is what is known so far of what is served.
type discovery struct {
	kinds []Kind
	gaps  []Gap
	// open are the documents of old servers that have yet to be asked for.
	open []groupVersion
}

type groupVersion struct{ group, version, path string }

func (v groupVersion) String() string {
	if v.group == "" {
		return v.version
	}
	return v.group + "/" + v.version
}

// aggregated reads the document of all groups.
func (d *discovery) aggregated(body []byte) *failure {
	var list apidiscovery.APIGroupDiscoveryList
	if err := json.Unmarshal(body, &list); err != nil {
		return broken("the list of APIs is no JSON of that kind: %v", err)
	}
	for _, group := range list.Items {
		var kinds []Kind
		for _, v := range group.Versions {
			if v.Freshness == apidiscovery.DiscoveryFreshnessStale {
				d.unavailable(groupVersion{group: group.Name, version: v.Version}, "the server behind this API does not answer")
			}
			for _, r := range v.Resources {
				if r.ResponseKind == nil {
					continue // it has subresources only
				}
				kinds = append(kinds, Kind{
					Group: group.Name, Version: v.Version, Kind: r.ResponseKind.Kind, Resource: r.Resource,
					Namespaced: r.Scope == apidiscovery.ScopeNamespace, Verbs: r.Verbs,
				})
			}
		}
		d.add(kinds)
	}
	return nil
}

func (d *discovery) unavailable(v groupVersion, text string) {
	d.gaps = append(d.gaps, Gap{Reason: Unavailable, Of: v.String(), Text: text})
}

const maxName = 253 // of a DNS subdomain

// validName tells whether s can be the name of a resource, a group or a version,
// which become parts of paths.
func validName(s string) bool {
	return s != "" && len(s) <= maxName && s[0] != '.' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && !strings.Contains(s, "..")
}

func (d *discovery) misnamed(of string) {
	d.gaps = append(d.gaps, Gap{Reason: Broken, Of: clean(of), Text: "this is no name of an API"})
}

// add takes the kinds of a group, preferred versions first.
func (d *discovery) add(kinds []Kind) {
	seen := map[string]bool{}
	for _, k := range kinds {
		if strings.Contains(k.Resource, "/") {
			continue // a subresource
		}
		if !validName(k.Resource) || !validName(k.Version) || k.Group != "" && !validName(k.Group) || k.Kind == "" {
			d.misnamed(k.name())
			continue
		}
		k.Preferred = !seen[k.Resource]
		seen[k.Resource] = true
		k.Verbs = sorted(k.Verbs)
		d.kinds = append(d.kinds, k)
	}
}

// groups reads the list of versions or groups of an old server.
func (d *discovery) groups(path string, body []byte) *failure {
	var list struct {
		metav1.TypeMeta
		Versions []string          `json:"versions"` // of /api
		Groups   []metav1.APIGroup `json:"groups"`   // of /apis
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return broken("the list of APIs is no JSON of that kind: %v", err)
	}
	if list.Kind != "APIVersions" && list.Kind != "APIGroupList" {
		return broken("%s is answered by %q, not by a list of APIs", path, clean(list.Kind))
	}
	open := func(v groupVersion) {
		if !validName(v.version) || path == "/apis" && !validName(v.group) {
			d.misnamed(v.String())
			return
		}
		d.open = append(d.open, v)
	}
	for _, v := range list.Versions {
		open(groupVersion{version: v, path: path + "/" + v})
	}
	for _, g := range list.Groups {
		versions := []string{g.PreferredVersion.Version}
		for _, v := range g.Versions {
			if v.Version != g.PreferredVersion.Version {
				versions = append(versions, v.Version)
			}
		}
		for _, v := range versions {
			if v != "" {
				open(groupVersion{group: g.Name, version: v, path: path + "/" + g.Name + "/" + v})
			}
		}
	}
	return nil
}

// follow asks for the documents of an old server. One that has none is a gap.
func (d *discovery) follow(ctx context.Context, c *client, parallel int) *failure {
	type document struct {
		list metav1.APIResourceList
		f    *failure
	}
	documents := make([]document, len(d.open))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, v := range d.open {
		group.Go(func() error {
			a, f := c.get(ctx, v.path, nil, asJSON)
			if f == nil {
				if err := json.Unmarshal(a.body, &documents[i].list); err != nil {
					f = broken("it is no JSON of that kind: %v", err)
				}
			}
			documents[i].f = f
			return nil
		})
	}
	_ = group.Wait() // none returns an error

	kinds := map[string][]Kind{}
	var order []string
	for i, v := range d.open {
		if f := documents[i].f; f != nil {
			if f.stops() {
				return f
			}
			d.unavailable(v, f.text)
			continue
		}
		if !slices.Contains(order, v.group) {
			order = append(order, v.group)
		}
		for _, r := range documents[i].list.APIResources {
			kinds[v.group] = append(kinds[v.group], Kind{
				Group: v.group, Version: v.version, Kind: r.Kind, Resource: r.Name, Namespaced: r.Namespaced, Verbs: r.Verbs,
			})
		}
	}
	for _, g := range order {
		d.add(kinds[g])
	}
	return nil
}

// release asks for the server's version.
func (c *client) release(ctx context.Context) (string, *failure) {
	a, f := c.get(ctx, "/version", nil, asJSON)
	if f != nil {
		return "", f
	}
	var v struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		return "", broken("its version is no JSON of that kind: %v", err)
	}
	if _, err := kube.Minor(v.GitVersion); err != nil || len(v.GitVersion) > maxName {
		return "", broken("%q is no version of Kubernetes", clean(v.GitVersion))
	}
	return clean(v.GitVersion), nil
}
