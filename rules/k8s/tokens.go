package k8s

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// tokens holds the rules about what lets a pod talk to the API server.
var tokens = []*analyzers.Rule{{
	ID:        "k8s-automount-token",
	Title:     "Pod is given a token for the API server",
	Why:       "Every container of the pod has the token. Whoever gets into one acts in the cluster as the pod's service account, with whatever roles it has now and is given later.",
	Remedy:    "Set `automountServiceAccountToken: false` in the pod's `spec`, or in its ServiceAccount. Where one container needs the API, mount a token into that one with a `projected` volume.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"checkov:CKV_K8S_38", "kubescape:C-0034", "kubescape:C-0190", "polaris:automountServiceAccountToken",
		"kubeaudit:AutomountServiceAccountTokenTrueAndDefaultSA",
		"kics:48471392-d4d0-47c0-b135-cdec95eb3eef", "kics:a9a13d4f-f17a-491b-b074-f54bffffcb4a",
	},
	Fix:   analyzers.Unsafe,
	Needs: []string{"core/ServiceAccount"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("automountServiceAccountToken")
		if v.Present() == graph.True {
			p.ReportIf(v.Bool(true), v, "%s is true", v.Key()).Fix(noToken, edit.Set(v, edit.Bool(false)))
			return
		}
		account, sure := pod.Account(p.Graph)
		if account == nil {
			p.ReportIf(v.Present().Not(), v, "%s is not set, and true is the default", v.Key()).Fix(noToken, edit.Set(v, edit.Bool(false)))
			return
		}
		theirs := account.At("automountServiceAccountToken")
		bad := v.Present().Not().And(theirs.Bool(true).Or(sure.Not()))
		p.ReportIf(bad, v, "%s is not false here nor in the ServiceAccount %q", v.Key(), account.Name).
			Note(theirs, "the pod's ServiceAccount").Fix(noToken, edit.Set(v, edit.Bool(false)))
	}),
}, {
	ID:        "k8s-default-service-account",
	Title:     "Pod runs as the service account default",
	Why:       "All pods of a namespace that name no account share this one. A role given to it for one of them is a role for all.",
	Remedy:    "Make a ServiceAccount for the workload and name it in `serviceAccountName`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kics:591ade62-d6b0-4580-b1ae-209f80ba1cd9", "kics:24b132df-5cc7-4823-8029-f898e1c50b72", "kube-linter:default-service-account",
	},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		name, known := pod.ServiceAccount()
		bad := graph.Of(name == "default" || name == "")
		if !known {
			bad = graph.Unsure
		}
		v := pod.Spec.At("serviceAccountName")
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s is not set, so the pod runs as default", v.Key())
			return
		}
		p.ReportIf(bad, v, "%s is %q", v.Key(), name)
	}),
}, {
	ID:        "k8s-default-account-token",
	Title:     "Service account default hands out its token",
	Why:       "Every pod of the namespace that says nothing gets the token of this account. One role bound to it by mistake, and all of them have it.",
	Remedy:    "Set `automountServiceAccountToken: false` in the ServiceAccount `default`. Pods that need the API name an account of their own.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"kubescape:C-0225",
		"checkov:CKV_K8S_41", "kubescape:C-0189", "kics:737a0dd9-0aaa-4145-8118-f01778262b8a",
	},
	Fix: analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if live.Is(r) {
			p.Look(-1) // every namespace has one: live-default-account-token looks at who uses it
			return
		}
		v := r.At("automountServiceAccountToken")
		bad := r.At("metadata.name").Is("default").And(v.Bool(true))
		if v.Present() == graph.False {
			p.ReportIf(bad, v, "%s of the ServiceAccount default is not set, and true is the default", v.Key()).Fix(noToken, edit.Set(v, edit.Bool(false)))
			return
		}
		p.ReportIf(bad, v, "%s of the ServiceAccount default is true", v.Key()).Fix(noToken, edit.Set(v, edit.Bool(false)))
	}, "core/ServiceAccount"),
}, {
	ID:        "k8s-deprecated-service-account",
	Title:     "Pod names its service account in the old field",
	Why:       "`serviceAccount` is kept for old clients only. Tools and policies look at `serviceAccountName` and take the pod for one that runs as default.",
	Remedy:    "Rename the key to `serviceAccountName`.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"kube-linter:deprecated-service-account-field", "kubeaudit:AutomountServiceAccountTokenDeprecated", "kubescape:C-0294",
	},
	Fix: analyzers.Safe,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		v := pod.Spec.At("serviceAccount")
		name := pod.Spec.At("serviceAccountName")
		if name.Present() == graph.True {
			// The API server writes both; what was exported from a cluster is fine.
			p.ReportIf(v.Present().And(sameValue(v, name).Not()), v, "%s is %q, which %s %q overrides", v.Key(), v.Str(), name.Key(), name.Str()).
				Fix("Remove serviceAccount", edit.Remove(v))
			return
		}
		p.ReportIf(v.Present().And(name.Present().Not()), v, "%s is the old name of serviceAccountName", v.Key()).
			Fix("Rename it to serviceAccountName", edit.Rename(v, "serviceAccountName"))
	}),
}}

const noToken = "Set automountServiceAccountToken to false"
