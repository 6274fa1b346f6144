package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// inventory holds the rules that list what a review should know of, and those
// about what is there for nothing.
var inventory = []*analyzers.Rule{{
	ID:        "api-mutating-webhook",
	Title:     "Admission webhook may change what is applied",
	Why:       "The server behind the webhook reads and rewrites every object of its rules. Who holds that server, or its Service, puts containers into pods of others.",
	Remedy:    "Check that each webhook is known, that its rules name no more than it needs, and who may change its Service.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0039"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		p.Report(r.At("metadata.name"), "the webhooks of %q may change objects", r.Name)
	}, admissionGroup+"MutatingWebhookConfiguration"),
}, {
	ID:        "api-validating-webhook",
	Title:     "Admission webhook sees what is applied",
	Why:       "The server behind the webhook reads every object of its rules, Secrets among them if they say so, and decides what gets in.",
	Remedy:    "Check that each webhook is known, that its rules name no more than it needs, and who may change its Service.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0036"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		p.Report(r.At("metadata.name"), "the webhooks of %q see objects", r.Name)
	}, admissionGroup+"ValidatingWebhookConfiguration"),
}, {
	ID:        "api-recommended-labels",
	Title:     "Workload has none of the recommended labels",
	Why:       "Without a label that says what a workload is, nobody finds its pods in an outage, and policies and dashboards have nothing to go by.",
	Remedy:    "Set `app.kubernetes.io/name` and `app.kubernetes.io/instance`, on the workload and its pod template.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0076", "kubescape:C-0077"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		labeled := graph.False
		for _, labels := range []graph.Value{r.At("metadata.labels"), kube.PodLabels(r)} {
			if !labels.Known() {
				labeled = labeled.Or(graph.Unsure)
			}
			for key, v := range labels.Entries() {
				if strings.HasPrefix(key, "app.kubernetes.io/") || slices.Contains(plainLabels, key) {
					labeled = labeled.Or(v.Present())
				}
			}
		}
		p.ReportIf(labeled.Not(), r.Config, "no label says what this is")
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-instance-label",
	Title:     "Label for the instance is another name than the object's",
	Why:       "Tools that group by `app.kubernetes.io/instance` show the pod with those of something else, and selectors that go by it pick the wrong ones.",
	Remedy:    "Set `app.kubernetes.io/instance` to the object's name. Where it names the release, as charts have it, leave this rule out.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // a convention of some
	Same:      []string{"polaris:metadataAndInstanceMismatched"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if strings.HasPrefix(r.Root, "helm:") {
			return // the instance is the release there
		}
		name, known := r.At("metadata.name").Text("")
		v := r.At("metadata.labels").Get(instance)
		if !known || name == "" {
			return
		}
		if v.Present() == graph.False {
			p.Report(v, "%s is not set", instance)
			return
		}
		p.ReportIf(v.Is(name).Not(), v, "%s is %q, and the object's name %q", instance, v.Str(), name)
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-foreign-name-label",
	Title:     "Label names another application than the object",
	Why:       "Mostly the manifest was copied and the label was not changed: selectors and dashboards that go by it mix the pods of two applications.",
	Remedy:    "Correct `app.kubernetes.io/name`, or the object's name.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:nakedPod", "polaris:oneController"}, // by what their cases look at, not by their names
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		name, known := r.At("metadata.name").Text("")
		v := r.At("metadata.labels").Get("app.kubernetes.io/name")
		label := v.Str()
		if !known || label == "" || name == "" || workload.Templated(label) {
			return
		}
		p.ReportIf(graph.Of(!part(name, label) && !part(label, name) && !part(r.Root, label)), v,
			"%s is %q, and the object's name %q", v.Key(), label, name)
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-unused-config",
	Title:     "ConfigMap is used by no pod",
	Why:       "What nobody reads is changed by mistake for what somebody does, and keeps values that were thought to be gone.",
	Remedy:    "Remove the ConfigMap, or the key of it that was forgotten in a pod.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // controllers read ConfigMaps by label or through the API
	Needs:     kube.PodTypes[:],
	Check:     unused("core/ConfigMap"),
}, {
	ID:        "api-unused-claim",
	Title:     "Volume claim is used by no pod",
	Why:       "The disk is there and is paid for, with data that nobody remembers.",
	Remedy:    "Remove the claim when its data is not needed, or mount it.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Needs:     kube.PodTypes[:],
	Check:     unused("core/PersistentVolumeClaim"),
}}

// instance is the label for one of several installations of an application.
const instance = "app.kubernetes.io/instance"

// part tells whether a name has another one in it as a word or several.
func part(name, of string) bool {
	words := func(s string) string {
		return "-" + strings.NewReplacer("/", "-", ".", "-", ":", "-", "_", "-").Replace(s) + "-"
	}
	return strings.Contains(words(name), words(of))
}

// plainLabels are labels without a domain that say what a workload is.
var plainLabels = []string{"app", "name", "component", "tier", "k8s-app"}

// unused reports objects whose name stands in no workload of their root. It
// does not ask in which field: whoever names it may well use it.
func unused(kind string) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		named := names.Of(p.Graph)
		for r := range p.Graph.OfType(kind) {
			name := r.At("metadata.name")
			text, known := name.Text("")
			if !known || text == "" || named[[2]string{r.Root, ""}] || r.At("metadata.ownerReferences.0").Present() == graph.True || systemConfig(text) {
				continue
			}
			p.Look(1)
			p.ReportIf(graph.Of(!named[[2]string{r.Root, text}] && !numbered(p.Graph, r)), name, "no workload names %q", text)
		}
	}
}

// numbered tells whether an object is a claim that a StatefulSet makes for one
// of its pods, or would take for one: template, set and number.
func numbered(g *graph.Graph, r *graph.Resource) bool {
	if r.Type != "core/PersistentVolumeClaim" {
		return false
	}
	for set := range g.OfType("apps/StatefulSet") {
		for t := range set.At("spec.volumeClaimTemplates").Each() {
			number, ok := strings.CutPrefix(r.At("metadata.name").Str(), t.At("metadata.name").Str()+"-"+set.At("metadata.name").Str()+"-")
			if _, err := strconv.ParseUint(number, 10, 31); ok && err == nil && !(kube.SameNamespace(set, r) == graph.False) {
				return true
			}
		}
	}
	return false
}

// systemConfig tells whether every cluster has a ConfigMap of the name, or every
// namespace: certificates that OpenShift and Istio hand out.
func systemConfig(name string) bool {
	known := [...]string{"aws-auth", "coredns", "openshift-service-ca.crt", "istio-ca-root-cert"}
	return slices.Contains(known[:], name) || strings.HasPrefix(name, "kube") || strings.HasPrefix(name, "argocd-")
}

// names are all texts in the pods of each root, "" where one is not known.
var names = analyzers.NewFact(func(g *graph.Graph) map[[2]string]bool {
	all := map[[2]string]bool{}
	for _, pod := range workload.Pods.Of(g) {
		root := pod.Resource().Root
		var walk func(graph.Value)
		walk = func(v graph.Value) {
			switch {
			case v.Kind() == graph.Map || v.Kind() == graph.List:
				for _, item := range v.Entries() {
					walk(item)
				}
			case !v.Known():
				all[[2]string{root, ""}] = true
			case v.Str() != "":
				all[[2]string{root, v.Str()}] = true
			}
		}
		walk(pod.Spec)
	}
	return all
})
