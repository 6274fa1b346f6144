package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"
)

// clusterOf FILE [KIND...] starts an API server that has the objects of a file
// and does not let anybody list the given kinds, and makes it the one of the
// context "prod (eu)" of the kubeconfig.
func clusterOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cluster-of FILE [KIND...]")
	}
	api := &apiServer{forbidden: args[1:]}
	for doc := range strings.SplitSeq(ts.ReadFile(args[0]), "\n---\n") {
		var o map[string]any
		ts.Check(yaml.Unmarshal([]byte(doc), &o))
		api.objects = append(api.objects, o)
	}
	server := httptest.NewServer(api)
	ts.Defer(server.Close)
	config := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: prod (eu)\nclusters: [{name: c, cluster: {server: %q}}]\nusers: [{name: u}]\n"+
		"contexts: [{name: prod (eu), context: {cluster: c, user: u, namespace: shop}}]\n", server.URL)
	ts.Check(os.WriteFile(ts.MkAbs("../"+ts.Name()+".kubeconfig"), []byte(config), 0o600))
	ts.Setenv("KUBECONFIG", ts.MkAbs("../"+ts.Name()+".kubeconfig"))
}

// An apiServer serves the kinds of its objects.
type apiServer struct {
	objects   []map[string]any
	forbidden []string
}

// served is a kind by its group and version, kind and resource.
type served struct{ version, kind string }

func (s served) group() string {
	group, _, grouped := strings.Cut(s.version, "/")
	if !grouped {
		return ""
	}
	return group
}

func (s served) resource() string {
	plural := strings.ToLower(s.kind)
	switch {
	case strings.HasSuffix(plural, "s"):
		plural += "es"
	case strings.HasSuffix(plural, "y"):
		plural = strings.TrimSuffix(plural, "y") + "ie"
		fallthrough
	default:
		plural += "s"
	}
	return plural
}

func (a *apiServer) of(o map[string]any) served {
	return served{fmt.Sprint(o["apiVersion"]), fmt.Sprint(o["kind"])}
}

func (a *apiServer) kinds() (all []served) {
	for _, o := range a.objects {
		if s := a.of(o); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b served) int { return cmp.Compare(a.version+a.kind, b.version+b.kind) })
	return all
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch r.URL.Path {
	case "/version":
		answer(map[string]any{"gitVersion": "v1.36.3"})
		return
	case "/api", "/apis":
		w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
		answer(map[string]any{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": a.discovery(r.URL.Path == "/api")})
		return
	}
	path, namespace := r.URL.Path, ""
	if before, rest, ok := strings.Cut(path, "/namespaces/"); ok {
		var resource string
		namespace, resource, _ = strings.Cut(rest, "/")
		path = before + "/" + resource
	}
	for _, k := range a.kinds() {
		if !strings.HasSuffix(path, "/"+k.version+"/"+k.resource()) {
			continue
		}
		if slices.Contains(a.forbidden, k.kind) {
			w.WriteHeader(http.StatusForbidden)
			answer(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "message": k.resource() + " is forbidden"})
			return
		}
		list := "List"
		if strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
			k.kind = "PartialObjectMetadata"
		}
		var items []any
		for _, o := range a.objects {
			meta, _ := o["metadata"].(map[string]any)
			if strings.HasSuffix(path, "/"+a.of(o).version+"/"+a.of(o).resource()) && (namespace == "" || meta["namespace"] == namespace) {
				items = append(items, o)
			}
		}
		answer(map[string]any{"kind": k.kind + list, "apiVersion": k.version, "metadata": map[string]any{}, "items": items})
		return
	}
	http.NotFound(w, r)
}

func (a *apiServer) discovery(core bool) (items []any) {
	groups := map[string]map[string][]any{}
	var order []string
	for _, k := range a.kinds() {
		group := k.group()
		if (group == "") != core {
			continue
		}
		if groups[group] == nil {
			groups[group] = map[string][]any{}
			order = append(order, group)
		}
		version := strings.TrimPrefix(k.version, group+"/")
		scope := "Namespaced"
		for _, o := range a.objects {
			if meta, _ := o["metadata"].(map[string]any); a.of(o) == k && meta["namespace"] == nil {
				scope = "Cluster"
			}
		}
		groups[group][version] = append(groups[group][version], map[string]any{
			"resource": k.resource(), "scope": scope, "verbs": []string{"get", "list"},
			"responseKind": map[string]any{"group": group, "version": version, "kind": k.kind},
		})
	}
	for _, group := range order {
		var versions []any
		for version, resources := range groups[group] {
			versions = append(versions, map[string]any{"version": version, "freshness": "Current", "resources": resources})
		}
		items = append(items, map[string]any{"metadata": map[string]any{"name": group}, "versions": versions})
	}
	return items
}
