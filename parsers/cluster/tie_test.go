package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

// A written object, or a live one, in one line: kind[@apiVersion] namespace/name
// key=value... where a key is a label, an annotation with "@" in front, or data
// with "."; "!" is a name that is not known, "~=" the version in which somebody
// applied it.
func oneLine(text string) map[string]any {
	words := strings.Fields(text)
	namespace, name, ok := strings.Cut(words[1], "/")
	if !ok {
		namespace, name = "", words[1]
	}
	meta := map[string]any{"name": name}
	if namespace != "" {
		meta["namespace"] = namespace
	}
	labels, annotations := map[string]any{}, map[string]any{}
	data := map[string]any{}
	for _, word := range words[2:] {
		key, v, _ := strings.Cut(word, "=")
		switch key[0] {
		case '~':
			meta["managedFields"] = []any{map[string]any{"manager": "flux", "operation": "Apply", "apiVersion": v, "fieldsV1": map[string]any{}}}
		case '@':
			annotations[key[1:]] = v
		case '.':
			data[key[1:]] = v
		default:
			labels[key] = v
		}
	}
	meta["labels"], meta["annotations"] = labels, annotations
	kind, version, ok := strings.Cut(words[0], "@")
	if !ok {
		version = "v1"
	}
	return map[string]any{"apiVersion": version, "kind": kind, "metadata": meta, "data": data}
}

func TestTies(t *testing.T) {
	last := func(version, kind, id, more string) string {
		namespace, name, _ := strings.Cut(id, "/")
		return fmt.Sprintf(` @%s={"apiVersion":%q,"kind":%q,"metadata":{"name":%q,"namespace":%q,"labels":{},"annotations":{}}%s}`, lastApplied, version, kind, name, namespace, more)
	}
	const helmed = " app.kubernetes.io/managed-by=Helm @meta.helm.sh/release-name=prod @meta.helm.sh/release-namespace=shop"
	for name, c := range map[string]struct {
		written []string // the root in front of "|" where it is none of manifests
		live    []string
		want    string // the live and the written one, by their numbers from 0
	}{
		"the same":                           {[]string{"Service a/x"}, []string{"Service a/x"}, "0=0"},
		"another namespace":                  {[]string{"Service a/x"}, []string{"Service b/x"}, ""},
		"another kind":                       {[]string{"ConfigMap a/x"}, []string{"Service a/x"}, ""},
		"no namespace, one object":           {[]string{"Service x"}, []string{"Service b/x"}, "0=0"},
		"no namespace, two objects":          {[]string{"Service x"}, []string{"Service b/x", "Service c/x"}, ""},
		"no namespace, one at home":          {[]string{"Service x"}, []string{"Service b/x", "Service home/x"}, "1=0"},
		"in no namespace":                    {[]string{"Namespace x"}, []string{"Namespace x"}, "0=0"},
		"two environments":                   {[]string{"ConfigMap x .a=1 .b=1", "ConfigMap x .a=2 .b=2"}, []string{"ConfigMap home/x .a=2 .b=3"}, "0=1"},
		"two that are equal":                 {[]string{"ConfigMap x .a=1", "ConfigMap x .a=1"}, []string{"ConfigMap home/x .a=1"}, "0=0"},
		"a release":                          {[]string{"helm:web|Service release-name-web"}, []string{"Service shop/prod-web" + helmed}, "0=0"},
		"a release of its chart's name":      {[]string{"helm:web|Service release-name-web app.kubernetes.io/name=web"}, []string{"Service shop/web app.kubernetes.io/managed-by=Helm @meta.helm.sh/release-name=web @meta.helm.sh/release-namespace=shop app.kubernetes.io/name=web"}, "0=0"},
		"a release of another chart":         {[]string{"helm:web|Service release-name-web helm.sh/chart=web-1.2.3"}, []string{"Service shop/prod-web helm.sh/chart=other-1.2.3" + helmed}, ""},
		"a release of another version":       {[]string{"helm:web|Service release-name-web helm.sh/chart=web-1.2.3"}, []string{"Service shop/prod-web helm.sh/chart=web-2.0.0-rc.1" + helmed}, "0=0"},
		"no release":                         {[]string{"helm:web|Service release-name-web"}, []string{"Service shop/prod-web"}, ""},
		"a hash":                             {[]string{"kustomize:a|ConfigMap shop/x-2b4c5d6f7g"}, []string{"ConfigMap shop/x-92b4c5d6ft"}, "0=0"},
		"two hashes":                         {[]string{"kustomize:a|ConfigMap shop/x-2b4c5d6f7g"}, []string{"ConfigMap shop/x-92b4c5d6ft", "ConfigMap shop/x-82b4c5d6ft"}, ""},
		"the hash and an old one":            {[]string{"kustomize:a|ConfigMap shop/x-2b4c5d6f7g"}, []string{"ConfigMap shop/x-2b4c5d6f7g", "ConfigMap shop/x-82b4c5d6ft"}, "0=0"},
		"no hash":                            {[]string{"ConfigMap shop/x-configurat"}, []string{"ConfigMap shop/x-confighash"}, ""},
		"a name not known, of the same app":  {[]string{"Service shop/! app.kubernetes.io/name=web"}, []string{"Service shop/x app.kubernetes.io/name=web", "Service shop/y app.kubernetes.io/name=api"}, "0=0"},
		"a name not known, of two":           {[]string{"Service shop/! app.kubernetes.io/name=web"}, []string{"Service shop/x app.kubernetes.io/name=web", "Service shop/y app.kubernetes.io/name=web"}, ""},
		"a name not known, of nobody knows":  {[]string{"Service shop/!"}, []string{"Service shop/x"}, ""},
		"a name not known, and one that is":  {[]string{"Service shop/! app.kubernetes.io/name=web", "Service shop/x"}, []string{"Service shop/x app.kubernetes.io/name=web"}, "0=1"},
		"applied in another namespace":       {[]string{"Service a/x"}, []string{"Service b/x" + last("v1", "Service", "a/x", "")}, "0=0"},
		"applied to where it is":             {[]string{"Service x"}, []string{"Service b/y" + last("v1", "Service", "home/x", "")}, "0=0"},
		"applied by another name":            {[]string{"Service a/x"}, []string{"Service a/y" + last("v1", "Service", "a/x", "")}, "0=0"},
		"a copy":                             {[]string{"Service a/x"}, []string{"Service a/x", "Service b/x" + last("v1", "Service", "a/x", "")}, "0=0"},
		"two copies of what is gone":         {[]string{"Service a/x"}, []string{"Service c/x" + last("v1", "Service", "a/x", ""), "Service b/x" + last("v1", "Service", "a/x", "")}, ""},
		"a copy of what is not written":      {[]string{"Service c/x"}, []string{"Service b/x" + last("v1", "Service", "a/x", "")}, ""},
		"applied in another group":           {[]string{"Route a/x"}, []string{"Route@route.openshift.io/v1 a/x" + last("v1", "Route", "a/x", "")}, "0=0"},
		"applied in another group, by it":    {[]string{"Route a/x"}, []string{"Route@route.openshift.io/v1 a/x ~=v1"}, "0=0"},
		"of another group":                   {[]string{"Route a/x"}, []string{"Route@route.openshift.io/v1 a/x ~=route.openshift.io/v1"}, ""},
		"no namespace, one that was applied": {[]string{"ConfigMap x .a=1"}, []string{"ConfigMap b/x .a=2" + last("v1", "ConfigMap", "b/x", `,"data":{"a":"2"}`), "ConfigMap c/x .a=2" + last("v1", "ConfigMap", "c/x", `,"data":{"a":"1"}`)}, "1=0"},
		"applied alike elsewhere":            {[]string{"ConfigMap a/x .a=1"}, []string{"ConfigMap b/x .a=1" + last("v1", "ConfigMap", "b/x", `,"data":{"a":"1"}`)}, ""},
		"no namespace, two that were":        {[]string{"ConfigMap x .a=1"}, []string{"ConfigMap b/x" + last("v1", "ConfigMap", "b/x", `,"data":{"a":"1"}`), "ConfigMap c/x" + last("v1", "ConfigMap", "c/x", `,"data":{"a":"1"}`)}, ""},
		"two environments, one applied":      {[]string{"ConfigMap x .a=1 .b=1", "ConfigMap x .a=2 .b=2"}, []string{"ConfigMap home/x .a=2 .b=2" + last("v1", "ConfigMap", "home/x", `,"data":{"a":"1","b":"1"}`)}, "0=0"},
		"a release in the wrong namespace":   {[]string{"helm:web|Service other/release-name-web"}, []string{"Service shop/prod-web" + helmed}, ""},
		"a name that looks like the release": {[]string{"helm:web|Service release-name-web"}, []string{"Service shop/prod-web-more" + helmed}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var parts []*graph.Builder
			var written []*graph.Resource
			for _, w := range c.written {
				root, line, ok := strings.Cut(w, "|")
				if !ok {
					root, line = "kubernetes:.", w
				}
				b := &graph.Builder{Root: root}
				_, node, err := remote("x", oneLine(line))
				if err != nil {
					t.Fatal(err)
				}
				node = node.Replace(func(n *graph.Node) *graph.Node {
					if n.Kind() == graph.String && n.Text() == "!" {
						return graph.NewUnknown(n.Handle())
					}
					return n
				})
				kubernetes.Add(b, node)
				parts, written = append(parts, b), append(written, b.Resources[0])
			}
			var all []map[string]any
			for _, l := range c.live {
				all = append(all, oneLine(l))
			}
			objects := fold(all)
			ties := newTies(parts, objects, []string{"home"})
			var got []string
			for i, o := range objects {
				_, node, err := remote("x", o.raw)
				if err != nil {
					t.Fatal(err)
				}
				tied := ties.find(o, node)
				for j, w := range written {
					if tied.written == w {
						got = append(got, string(rune('0'+i))+"="+string(rune('0'+j)))
					}
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("ties %q, want %q", s, c.want)
			}
		})
	}
}
