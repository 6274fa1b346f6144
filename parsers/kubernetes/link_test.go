package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// edges lists a builder's edges: "relation from > to" and the text of Via.
func edges(b *graph.Builder) []string {
	var s []string
	for _, e := range b.Edges {
		via := strings.Join(strings.Fields(e.Via.Origin().Span.Text()), " ")
		s = append(s, fmt.Sprintf("%v %s > %s: %s", e.Rel, e.From.ID, e.To.ID, via))
	}
	return s
}

// objects is a builder with the objects of a text. A "&" in front of a
// document's first line stands for the usual head: &Kind group/version name.
func objects(t testing.TB, files ...string) *graph.Builder {
	t.Helper()
	b := &graph.Builder{}
	for i, text := range files {
		for _, d := range yamltext.Parse(source.NewFile(fmt.Sprintf("dir%d/f.yaml", i), []byte(heads(text))), nil) {
			if d.Problem != nil {
				t.Fatal(d.Problem.Message, d.Problem.At.Span.Text())
			}
			if !Add(b, d.Root) {
				t.Fatalf("no object: %s", d.Span.Text())
			}
		}
	}
	return b
}

func heads(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if f := strings.Fields(line); strings.HasPrefix(line, "&") && len(f) >= 3 {
			meta := "name: " + f[2]
			if len(f) > 3 {
				meta += ", namespace: " + f[3]
			}
			line = fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {%s}", f[1], f[0][1:], meta)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

const web = `
&Deployment apps/v1 web
spec: {template: {metadata: {labels: {app: web, tier: front}}, spec: {}}}
`

func TestLink(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"service", []string{web + `
&Service v1 web
spec: {selector: {app: web}}
&Service v1 none
spec: {selector: {}}
&Service v1 absent
&Service v1 other
spec: {selector: {app: api}}
&Service v1 more
spec: {selector: {app: web, tier: back}}`},
			[]string{"selects Service/web > Deployment/web: {app: web}"}},

		{"service and namespaces", []string{`
&Pod v1 a one
metadata: {name: a, namespace: one, labels: {app: x}}
&Pod v1 b two
metadata: {name: b, namespace: two, labels: {app: x}}
&Pod v1 c
metadata: {name: c, labels: {app: x}}
&Service v1 s one
spec: {selector: {app: x}}
&Service v1 t
spec: {selector: {app: x}}`},
			[]string{
				"selects Service/one/s > Pod/one/a: {app: x}", "selects Service/one/s > Pod/c: {app: x}",
				"selects Service/t > Pod/one/a: {app: x}", "selects Service/t > Pod/two/b: {app: x}", "selects Service/t > Pod/c: {app: x}",
			}},

		{"the nearest of equals", []string{web + "&Service v1 web\nspec: {selector: {app: web}}", web + "&Service v1 web\nspec: {selector: {app: web}}"},
			[]string{"selects Service/web > Deployment/web: {app: web}", "selects Service/web > Deployment/web: {app: web}"}},

		{"network policy", []string{web + `
&NetworkPolicy networking.k8s.io/v1 all
spec: {podSelector: {}}
&NetworkPolicy extensions/v1beta1 absent
spec: {}
&NetworkPolicy networking.k8s.io/v1 in
spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}}
&NetworkPolicy networking.k8s.io/v1 not
spec: {podSelector: {matchLabels: {tier: front}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}
&NetworkPolicy networking.k8s.io/v1 elsewhere ns
spec: {podSelector: {}}
&Deployment apps/v1 api ns
spec: {template: {metadata: {labels: {app: api}}}}`},
			[]string{
				"selects NetworkPolicy/all > Deployment/web: {}", "selects NetworkPolicy/all > Deployment/ns/api: {}",
				"selects NetworkPolicy/absent > Deployment/web: {}", "selects NetworkPolicy/absent > Deployment/ns/api: {}",
				"selects NetworkPolicy/in > Deployment/web: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}",
				"selects NetworkPolicy/in > Deployment/ns/api: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}",
				"selects NetworkPolicy/ns/elsewhere > Deployment/web: {}", "selects NetworkPolicy/ns/elsewhere > Deployment/ns/api: {}",
			}},

		{"disruption budget", []string{web + `
&PodDisruptionBudget policy/v1 labels
spec: {selector: {matchLabels: {app: web}}}
&PodDisruptionBudget policy/v1 all
spec: {selector: {}}
&PodDisruptionBudget policy/v1beta1 none
spec: {selector: {}}
&PodDisruptionBudget policy/v1 absent
spec: {}`},
			[]string{
				"selects PodDisruptionBudget/labels > Deployment/web: {matchLabels: {app: web}}",
				"selects PodDisruptionBudget/all > Deployment/web: {}",
			}},

		{"autoscaler", []string{web + `
&StatefulSet apps/v1 web
&HorizontalPodAutoscaler autoscaling/v2 a
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
&HorizontalPodAutoscaler autoscaling/v1 b
spec: {scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: web}}
&HorizontalPodAutoscaler autoscaling/v2 c other
spec: {scaleTargetRef: {kind: StatefulSet, name: web}}
&HorizontalPodAutoscaler autoscaling/v2 d
spec: {scaleTargetRef: {kind: Deployment, name: gone}}`},
			[]string{
				"selects HorizontalPodAutoscaler/a > Deployment/web: web", "selects HorizontalPodAutoscaler/b > Deployment/web: web",
				"selects HorizontalPodAutoscaler/other/c > StatefulSet/web: web",
			}},

		{"what pods name", []string{`
&ServiceAccount v1 sa
imagePullSecrets: [{name: pull}, {name: gone}]
&ConfigMap v1 cm
&ConfigMap v1 cm2
&Secret v1 s
&Secret v1 s2
&Secret v1 pull
&Secret v1 s elsewhere
&PersistentVolumeClaim v1 data
&CronJob batch/v1 job here
spec:
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: sa
          imagePullSecrets: [{name: pull}]
          volumes:
          - configMap: {name: cm}
          - secret: {secretName: s}
          - persistentVolumeClaim: {claimName: data}
          - projected: {sources: [{secret: {name: s2}}, {configMap: {name: cm2}}]}
          containers:
          - env: [{valueFrom: {secretKeyRef: {name: s, key: k}}}, {valueFrom: {configMapKeyRef: {name: gone}}}, {value: x}]
            envFrom: [{configMapRef: {name: cm}}]
          initContainers:
          - envFrom: [{secretRef: {name: s2}}]`},
			[]string{
				"references ServiceAccount/sa > Secret/pull: pull",
				"references CronJob/here/job > ServiceAccount/sa: sa", "references CronJob/here/job > Secret/pull: pull",
				"references CronJob/here/job > ConfigMap/cm: cm", "references CronJob/here/job > Secret/s: s",
				"references CronJob/here/job > PersistentVolumeClaim/data: data",
				"references CronJob/here/job > Secret/s2: s2", "references CronJob/here/job > ConfigMap/cm2: cm2",
				"references CronJob/here/job > Secret/s: s", "references CronJob/here/job > ConfigMap/cm: cm",
				"references CronJob/here/job > Secret/s2: s2",
			}},

		{"bindings", []string{`
&Role rbac.authorization.k8s.io/v1 r a
&Role rbac.authorization.k8s.io/v1 r b
&ClusterRole rbac.authorization.k8s.io/v1 c
&ServiceAccount v1 s a
&ServiceAccount v1 s b
&RoleBinding rbac.authorization.k8s.io/v1 one a
roleRef: {kind: Role, name: r}
subjects: [{kind: ServiceAccount, name: s}, {kind: ServiceAccount, name: s, namespace: b}, {kind: User, name: s}]
&ClusterRoleBinding rbac.authorization.k8s.io/v1beta1 two
roleRef: {kind: ClusterRole, name: c}
subjects: [{kind: ServiceAccount, name: s, namespace: b}]`},
			[]string{
				"binds RoleBinding/a/one > Role/a/r: r", "binds RoleBinding/a/one > ServiceAccount/a/s: s",
				"binds RoleBinding/a/one > ServiceAccount/b/s: s",
				"binds ClusterRoleBinding/two > ClusterRole/c: c", "binds ClusterRoleBinding/two > ServiceAccount/b/s: s",
			}},

		{"routes", []string{`
&Service v1 a
&Service v1 b
&Service v1 b far
&Service serving.knative.dev/v1 a
&Ingress networking.k8s.io/v1 i
spec:
  defaultBackend: {service: {name: a}}
  rules: [{http: {paths: [{backend: {service: {name: b}}}]}}, {host: h}]
&Ingress extensions/v1beta1 old
spec:
  backend: {serviceName: a}
  rules: [{http: {paths: [{backend: {serviceName: b}}]}}]
&HTTPRoute gateway.networking.k8s.io/v1 r near
spec: {rules: [{backendRefs: [{name: a}, {name: b, namespace: far}, {name: b, kind: Thing}, {name: b, group: x.io}]}]}
&StatefulSet apps/v1 set
spec: {serviceName: a}`},
			[]string{
				"routes Ingress/i > Service/a: a", "routes Ingress/i > Service/b: b", "routes Ingress/i > Service/far/b: b",
				"routes Ingress/old > Service/a: a", "routes Ingress/old > Service/b: b", "routes Ingress/old > Service/far/b: b",
				"routes HTTPRoute/near/r > Service/a: a",
				"routes HTTPRoute/near/r > Service/b: b", "routes HTTPRoute/near/r > Service/far/b: b",
				"references StatefulSet/set > Service/a: a",
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := objects(t, c.files...)
			Link(b)
			if diff := cmp.Diff(c.want, edges(b)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinkTwinsStayInTheirDirectory(t *testing.T) {
	b := objects(t, web+"&Service v1 web\nspec: {selector: {app: web}}", web+"&Service v1 web\nspec: {selector: {app: web}}")
	Link(b)
	for _, e := range b.Edges {
		if from, to := e.From.Place.Span.File, e.To.Place.Span.File; from != to {
			t.Errorf("%s selects a pod of %s", from.Path, to.Path)
		}
	}
}

func TestUnknownLabelsMakeNoEdge(t *testing.T) {
	unknown := graph.NewUnknown(nil)
	text := func(s string) *graph.Node { return graph.NewString(s, nil) }
	object := func(kind string, fields ...graph.Field) *graph.Node {
		return graph.NewMap(append([]graph.Field{
			{Key: "apiVersion", Node: text("v1")}, {Key: "kind", Node: text(kind)},
		}, fields...), &source.Span{File: source.NewFile("f", nil)})
	}
	m := func(key string, n *graph.Node) *graph.Node {
		return graph.NewMap([]graph.Field{{Key: key, Node: n}}, nil)
	}
	for name, labels := range map[string]*graph.Node{"label": m("app", unknown), "labels": unknown} {
		for sname, selector := range map[string]*graph.Node{"known": m("app", text("x")), "value": m("app", unknown), "all": unknown} {
			b := &graph.Builder{}
			Add(b, object("Pod", graph.Field{Key: "metadata", Node: m("labels", labels)}))
			Add(b, object("Service", graph.Field{Key: "spec", Node: m("selector", selector)}))
			Link(b)
			if len(b.Edges) != 0 {
				t.Errorf("unknown %s, selector %s: %d edges", name, sname, len(b.Edges))
			}
		}
	}
}

// many is a project of n workloads, each with a Service, a ConfigMap and a
// NetworkPolicy of its own.
func many(t testing.TB, n int) *graph.Builder {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, `
&Deployment apps/v1 d%[1]d ns%[2]d
spec: {template: {metadata: {labels: {app: a%[1]d, team: all}}, spec: {volumes: [{configMap: {name: c%[1]d}}], containers: [{name: c}]}}}
&Service v1 s%[1]d ns%[2]d
spec: {selector: {team: all, app: a%[1]d}}
&ConfigMap v1 c%[1]d ns%[2]d
&NetworkPolicy networking.k8s.io/v1 n%[1]d ns%[2]d
spec: {podSelector: {matchLabels: {app: a%[1]d}}}
`, i, i%50)
	}
	return objects(t, s.String())
}

func TestLinkMany(t *testing.T) {
	b := many(t, 200)
	Link(b)
	if len(b.Edges) != 3*200 {
		t.Errorf("%d edges, want %d", len(b.Edges), 3*200)
	}
}

func BenchmarkLink(b *testing.B) {
	objects := many(b, 1600)
	b.ReportAllocs()
	for b.Loop() {
		objects.Edges = objects.Edges[:0]
		Link(objects)
	}
}

func TestLinkIsBounded(t *testing.T) {
	const n = 20
	b := objects(t, strings.Repeat("&Pod v1 p\nmetadata: {labels: {app: a}}\n", n)+strings.Repeat("&Service v1 s\nspec: {selector: {app: a}}\n", n))
	newLinker(b, 5*n).run()
	if len(b.Problems) != 1 || b.Problems[0].Level != graph.Error {
		t.Errorf("got problems %v, want one", b.Problems)
	}
	if len(b.Edges) != 2*n { // each takes n to find and n to tell apart
		t.Errorf("%d edges, want %d", len(b.Edges), 2*n)
	}
}
