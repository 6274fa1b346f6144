package api

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// hygiene holds the rules about what every object has: a name, labels,
// annotations, and tokens that nobody should make by hand.
var hygiene = []*analyzers.Rule{{
	ID:        "api-duplicate-object",
	Title:     "One object is written twice in a file",
	Why:       "The second one overwrites the first, in parts or in full: one of the two states that were written down does not exist in the cluster.",
	Remedy:    "Remove one of them, or give it another name.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: func(p *analyzers.Pass) {
		type identity struct {
			file                  *source.File
			root, kind, ns, named string
		}
		seen := map[identity]*graph.Resource{}
		for _, r := range p.Graph.Resources() {
			name, known := r.At("metadata.name").Text("")
			ns, knownNs := r.At("metadata.namespace").Text("")
			if !known || !knownNs || name == "" || r.Place == nil || r.Place.Step != source.Written || !r.At("apiVersion").Placed() || strings.ContainsAny(name+ns, "${}*") {
				continue // templates and loops may write one object for several cases
			}
			p.Look(1)
			id := identity{r.Place.Span.File, r.Root, r.Type, ns, name}
			if before, twice := seen[id]; twice {
				p.Report(r.At("metadata.name"), "the file has this %s twice", r.At("kind").Str()).Note(before.At("metadata.name"), "the other one")
				continue
			}
			seen[id] = r
		}
	},
}, {
	ID:        "api-label-invalid",
	Title:     "Label is none",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Use at most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends. Text without such limits goes into annotations.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kics:1123031a-f921-4c5b-bd86-ef354ecfd37a", "kube-score:label-values", "kics:bc3dabb6-fd50-40f8-b9ba-7429c9f1fb0e"},
	Check: func(p *analyzers.Pass) {
		check := func(labels graph.Value) {
			for key, v := range labels.Entries() {
				text, known := v.Text("")
				if known && text != "" && !strings.ContainsAny(text, "${}") && (len(text) > 63 || !labelForm().MatchString(text)) {
					p.Report(v, "%q is no value for the label %s", text, key)
				}
			}
		}
		for _, r := range p.Graph.Resources() {
			if r.At("kind").Present() == graph.True {
				p.Look(1)
				check(r.At("metadata.labels"))
			}
			for pod := range kube.PodTemplates(r) {
				if r.Type != "core/Pod" {
					check(pod.At("metadata.labels"))
				}
			}
		}
	},
}, {
	ID:        "api-label-required",
	Title:     "Workload lacks a label that is required",
	Why:       "Labels say whose a workload is and what it belongs to. Without them nobody knows whom to call, and costs and alerts go nowhere.",
	Remedy:    "Add the label to the workload's `metadata.labels`. The parameter `labels` lists what is required.",
	Severity:  analyzers.Info,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Params:    &Labels{},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		labels, required := r.At("metadata.labels"), analyzers.ParamsOf[Labels](p).Labels
		if len(required) == 0 {
			p.Look(-1)
		}
		for _, key := range required {
			p.ReportIf(labels.Get(key).Present().Not(), r.Config, "no label %q", key)
		}
	}, kube.PodTypes[:]...),
}, {
	ID:        "api-annotation-forbidden",
	Title:     "Object has an annotation that is not allowed",
	Why:       "Annotations are how controllers are told to do what their own settings do not allow: open a load balancer, read a file, skip a check.",
	Remedy:    "Remove the annotation. The parameter `annotations` lists what is not allowed; one that ends in `*` stands for all that begin so.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Params:    &Annotations{},
	Fix:       analyzers.Unsafe,
	Check: func(p *analyzers.Pass) {
		forbidden := analyzers.ParamsOf[Annotations](p).Annotations
		if len(forbidden) == 0 {
			return
		}
		for _, r := range p.Graph.Resources() {
			if !strings.Contains(r.Type, "/") {
				continue // a block of Terraform's, whose object is here as well
			}
			p.Look(1)
			for key, v := range r.At("metadata.annotations").Entries() {
				if slices.ContainsFunc(forbidden, func(f string) bool {
					prefix, open := strings.CutSuffix(f, "*")
					return key == f || open && strings.HasPrefix(key, prefix)
				}) {
					p.Report(v, "the annotation %s is not allowed", key).Fix("Remove the annotation", edit.Remove(v))
				}
			}
		}
	},
}, {
	ID:        "api-long-lived-token",
	Title:     "Secret is a token that never expires",
	Why:       "A token in a Secret of this type is valid until somebody deletes the Secret. Whoever has read it once, in a backup or a log, acts as the service account from then on.",
	Remedy:    "Use the tokens that Kubernetes mounts, which are renewed, or `kubectl create token` for one with an end.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("type")
		p.ReportIf(v.Is("kubernetes.io/service-account-token"), v, "%s is %q", v.Key(), v.Str())
	}, "core/Secret"),
}, {
	ID:        "api-namespace-without-quota",
	Title:     "Namespace may take all of the cluster",
	Why:       "Without a ResourceQuota one namespace, by mistake or by force, takes the resources of all others.",
	Remedy:    "Add a ResourceQuota for CPU, memory and the number of pods, and a LimitRange with defaults for containers.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Needs:     []string{"core/ResourceQuota"},
	Check: func(p *analyzers.Pass) {
		has := map[string]bool{}
		for q := range p.Graph.OfType("core/ResourceQuota") {
			name, known := q.At("metadata.namespace").Text("")
			if !known || name == "" {
				return // whose it is, is not known
			}
			has[name] = true
		}
		for r := range p.Graph.OfType("core/Namespace") {
			p.Look(1)
			p.ReportIf(graph.Of(!has[r.Name] && !strings.HasPrefix(r.Name, "kube-")), r.At("metadata.name"), "no ResourceQuota is to be found for the namespace %q", r.Name)
		}
	},
}, {
	ID:        "api-storage-class-unencrypted",
	Title:     "StorageClass makes volumes without encryption",
	Why:       "EBS volumes are encrypted only where that is asked for. Snapshots and disks of an unencrypted one can be read by whoever gets hold of them.",
	Remedy:    "Set the parameter `encrypted: \"true\"`, with `kmsKeyId` for a key of your own. An account may also encrypt all volumes by default.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0264"},
	Check: func(p *analyzers.Pass) {
		for r := range p.Graph.OfType("storage.k8s.io/StorageClass") {
			p.Look(1)
			v := r.At("parameters.encrypted")
			f := p.ReportIf(r.At("provisioner").Is("ebs.csi.aws.com", "kubernetes.io/aws-ebs").And(v.Bool(false).Not()), v, "%s is not true", v.Key())
			if f == nil {
				continue
			}
			for pv := range p.Graph.OfType("core/PersistentVolume") {
				if name := pv.At("spec.storageClassName"); name.Is(r.Name) == graph.True {
					f.Note(name, "a volume of the class")
				}
			}
		}
	},
}}

var labelForm = late.Pattern(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// Labels are the parameters of api-label-required.
type Labels struct {
	Labels []string `doc:"Labels that every workload must have."`
}

// Annotations are the parameters of api-annotation-forbidden.
type Annotations struct {
	Annotations []string `doc:"Annotations that are not allowed; one that ends in * stands for all that begin so."`
}
