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

// asAggregated asks for all groups in one document, which servers have had
// since 1.26; before, the same path answers with a list of groups.
const asAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," + asJSON

// A document is what a server says of itself. Each has some of this.
type document struct {
	Kind       string                           `json:"kind"`
	Items      []apidiscovery.APIGroupDiscovery `json:"items"`     // of an APIGroupDiscoveryList
	Versions   []string                         `json:"versions"`  // of APIVersions
	Groups     []metav1.APIGroup                `json:"groups"`    // of an APIGroupList
	Resources  []metav1.APIResource             `json:"resources"` // of an APIResourceList
	GitVersion string                           `json:"gitVersion"`
}

// document asks for what is at a path.
func (c *client) document(ctx context.Context, path, accept string) (document, *failure) {
	return ask(ctx, c, func(ctx context.Context) (d document, err error) {
		result := requests{c.rest, accept}.Get().AbsPath(path).Do(ctx)
		if err := result.Error(); err != nil {
			return d, err
		}
		body, err := result.Raw()
		if err == nil {
			err = json.Unmarshal(body, &d)
		}
		return d, err
	})
}

// release asks for the server's version.
func (c *client) release(ctx context.Context) (string, *failure) {
	d, f := c.document(ctx, "/version", asJSON)
	if f != nil {
		return "", f
	}
	if _, err := kube.Minor(d.GitVersion); err != nil || len(d.GitVersion) > maxName {
		return "", broken("%q is no version of Kubernetes", clean(d.GitVersion))
	}
	return clean(d.GitVersion), nil
}

// discover asks what the server serves.
func (c *client) discover(ctx context.Context, parallel int) ([]Kind, []Gap, *failure) {
	var d discovery
	for _, path := range [...]string{"/api", "/apis"} {
		answer, f := c.document(ctx, path, asAggregated)
		if f == nil {
			f = d.read(path, answer)
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

func (v groupVersion) String() string { return Kind{Group: v.group, Version: v.version}.APIVersion() }

// read reads the document at one of the two roots.
func (d *discovery) read(path string, answer document) *failure {
	switch answer.Kind {
	case "APIGroupDiscoveryList":
		for _, group := range answer.Items {
			d.aggregated(group)
		}
	case "APIVersions":
		for _, v := range answer.Versions {
			d.later(path, groupVersion{version: v})
		}
	case "APIGroupList":
		for _, g := range answer.Groups {
			versions := []string{g.PreferredVersion.Version}
			for _, v := range g.Versions {
				versions = append(versions, v.Version)
			}
			for i, v := range versions {
				if v != "" && slices.Index(versions, v) == i {
					d.later(path, groupVersion{group: g.Name, version: v})
				}
			}
		}
	default:
		return broken("%s is answered by %q, not by a list of APIs", path, clean(answer.Kind))
	}
	return nil
}

// aggregated reads what is served of a group.
func (d *discovery) aggregated(group apidiscovery.APIGroupDiscovery) {
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

// later notes a document of an old server that is below a root.
func (d *discovery) later(root string, v groupVersion) {
	if !validName(v.version) || v.group != "" && !validName(v.group) {
		d.misnamed(v.String())
		return
	}
	v.path = root + "/" + v.String()
	d.open = append(d.open, v)
}

// follow asks for the documents of an old server. One that has none is a gap.
func (d *discovery) follow(ctx context.Context, c *client, parallel int) *failure {
	answers, failures := make([]document, len(d.open)), make([]*failure, len(d.open))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, v := range d.open {
		group.Go(func() error {
			answers[i], failures[i] = c.document(ctx, v.path, asJSON)
			return nil
		})
	}
	_ = group.Wait() // none returns an error

	var kinds []Kind // of a group, which are one after the other
	for i, v := range d.open {
		if f := failures[i]; f != nil {
			if f.stops() {
				return f
			}
			d.unavailable(v, f.text)
		}
		for _, r := range answers[i].Resources {
			kinds = append(kinds, Kind{
				Group: v.group, Version: v.version, Kind: r.Kind, Resource: r.Name, Namespaced: r.Namespaced, Verbs: r.Verbs,
			})
		}
		if i+1 == len(d.open) || d.open[i+1].group != v.group {
			d.add(kinds)
			kinds = nil
		}
	}
	return nil
}
