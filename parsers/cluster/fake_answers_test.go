package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// groups are the kinds of a root of the API by group, groups in order.
func (f *fake) groups(root string) (order []string, versions map[string][]string) {
	versions = map[string][]string{}
	for _, k := range f.kinds {
		if (k.Group == "") != (root == "api") {
			continue
		}
		if !slices.Contains(order, k.Group) {
			order = append(order, k.Group)
		}
		if !slices.Contains(versions[k.Group], k.Version) {
			versions[k.Group] = append(versions[k.Group], k.Version)
		}
	}
	return order, versions
}

func (f *fake) discovery(r *fakeRequest, root string) {
	order, versions := f.groups(root)
	var items []any
	if f.old {
		for _, g := range order {
			var list []any
			for _, v := range versions[g] {
				list = append(list, object{"groupVersion": g + "/" + v, "version": v})
			}
			items = append(items, object{"name": g, "versions": list, "preferredVersion": list[0]})
		}
		if root == "api" {
			r.json(object{"kind": "APIVersions", "versions": []string{"v1"}})
		} else {
			r.json(object{"kind": "APIGroupList", "groups": items})
		}
		return
	}
	for _, g := range order {
		var list []any
		for _, v := range versions[g] {
			var resources []any
			for _, k := range f.kinds {
				if k.Group == g && k.Version == v {
					resources = append(resources, object{
						"resource": k.Resource, "scope": scope(k), "verbs": k.Verbs,
						"responseKind": object{"group": g, "version": v, "kind": k.Kind},
					})
				}
			}
			freshness := "Current"
			if slices.Contains(f.stale, g+"/"+v) {
				freshness, resources = "Stale", nil
			}
			list = append(list, object{"version": v, "freshness": freshness, "resources": resources})
		}
		items = append(items, object{"metadata": object{"name": g}, "versions": list})
	}
	r.jsonAs("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", object{"kind": "APIGroupDiscoveryList", "items": items})
}

func scope(k Kind) string {
	if k.Namespaced {
		return "Namespaced"
	}
	return "Cluster"
}

// document is what old servers say of a group and version.
func (f *fake) document(r *fakeRequest, groupVersion string) {
	if slices.Contains(f.stale, groupVersion) {
		r.status(http.StatusServiceUnavailable, "service unavailable")
		return
	}
	var resources []any
	for _, k := range f.kinds {
		if k.APIVersion() == groupVersion {
			resources = append(resources,
				object{"name": k.Resource, "namespaced": k.Namespaced, "kind": k.Kind, "verbs": k.Verbs},
				object{"name": k.Resource + "/status", "namespaced": k.Namespaced, "kind": k.Kind, "verbs": []string{"get"}})
		}
	}
	r.json(object{"kind": "APIResourceList", "groupVersion": groupVersion, "resources": resources})
}

func (f *fake) list(r *fakeRequest, parts []string) {
	namespace, name := "", ""
	rest := parts[2:]
	if parts[0] == "apis" {
		rest = parts[3:]
	}
	if len(rest) == 3 && rest[0] == "namespaces" {
		namespace, rest = rest[1], rest[2:]
	}
	if len(rest) == 2 {
		name = rest[1]
	}
	resource := rest[0]
	if parts[0] == "apis" {
		resource += "." + parts[1]
	}
	var kind string
	for _, k := range f.kinds {
		if k.name() == resource {
			kind = k.Kind
		}
	}
	if kind == "" {
		r.status(http.StatusNotFound, "there is no such resource")
		return
	}
	var all []object
	for _, o := range f.objects[resource] {
		meta := o["metadata"].(object)
		if namespace != "" && meta["namespace"] != namespace {
			continue
		}
		if name != "" && meta["name"] == name {
			whole := object{"kind": kind, "apiVersion": "v1"}
			maps.Copy(whole, o)
			r.json(whole)
			return
		}
		if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			o = object{"metadata": meta}
		}
		all = append(all, o)
	}
	if name != "" {
		r.status(http.StatusNotFound, fmt.Sprintf("%s %q not found", resource, name))
		return
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	meta, end := object{}, len(all)
	if limit > 0 && start+limit < len(all) {
		end = start + limit
		meta["continue"] = strconv.Itoa(end)
	}
	list := kind + "List"
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
		list = "PartialObjectMetadataList"
	}
	r.json(object{"kind": list, "apiVersion": "v1", "metadata": meta, "items": all[start:end]})
}
