// Package kube is the vocabulary of Kubernetes that parsers and analyzers
// share: the names of types, where each kind keeps its pods, how labels are
// selected. It knows no files and no rules.
package kube

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// DefaultRelease is the release of Kubernetes that charts are rendered for and
// API versions are judged by, unless the user names one.
const DefaultRelease = "1.37"

// Minor is the minor number of a release of Kubernetes 1, written as "1.35",
// "v1.35.2" or "1.35+".
func Minor(version string) (int, error) {
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) < 2 || parts[0] != "1" {
		return 0, fmt.Errorf("%q is no version of Kubernetes", version)
	}
	n, err := strconv.Atoi(strings.TrimRight(parts[1], "+"))
	if err != nil {
		return 0, fmt.Errorf("%q is no version of Kubernetes", version)
	}
	return n, nil
}

// moved are kinds of groups that no longer serve them, with their present group.
var moved = map[string]string{
	"extensions/Deployment":        "apps",
	"extensions/DaemonSet":         "apps",
	"extensions/ReplicaSet":        "apps",
	"extensions/Ingress":           "networking.k8s.io",
	"extensions/NetworkPolicy":     "networking.k8s.io",
	"extensions/PodSecurityPolicy": "policy",
	// Kinds that only one group has, written without it.
	"core/Ingress":             "networking.k8s.io",
	"core/NetworkPolicy":       "networking.k8s.io",
	"core/PodDisruptionBudget": "policy",
	"core/Deployment":          "apps",
	"core/StatefulSet":         "apps",
	"core/DaemonSet":           "apps",
	"core/ReplicaSet":          "apps",
	"core/Job":                 "batch",
	"core/CronJob":             "batch",
	"core/DeploymentConfig":    "apps.openshift.io",
}

// K3s is the type of the configuration files of K3s and RKE2, which have
// neither an apiVersion nor a kind.
const K3s = "k3s.io/Config"

// Type is the resource type of an apiVersion and a kind: the group and the
// kind, "core" for the group without a name. A kind that moved has its present
// group, so that one rule sees all its versions.
func Type(apiVersion, kind string) string {
	group, _, versioned := strings.Cut(apiVersion, "/")
	if !versioned {
		group = "core"
	}
	if now, ok := moved[group+"/"+kind]; ok {
		group = now
	}
	return group + "/" + kind
}

// IsObject tells whether a resource is an object of Kubernetes: what has a kind.
func IsObject(r *graph.Resource) bool {
	return strings.Contains(r.Type, "/") && r.At("kind").Str() != ""
}

// PodLabels are the labels of the pods that r makes.
func PodLabels(r *graph.Resource) graph.Value {
	t, _ := PodTemplate(r)
	return t.At("metadata.labels")
}

// SameNamespace tells whether two namespaced objects live in one namespace.
// An object without a namespace goes where it is applied, so beside one that
// names its namespace it is Unsure; two without are together.
func SameNamespace(a, b *graph.Resource) graph.Tri {
	na, nb := a.At("metadata.namespace"), b.At("metadata.namespace")
	if na.Present() == graph.False && nb.Present() == graph.False {
		return graph.True
	}
	sa, ka := na.Text("")
	sb, kb := nb.Text("")
	if !ka || !kb || sa == "" || sb == "" {
		return graph.Unsure
	}
	return graph.Of(sa == sb)
}

// MatchLabels tells whether labels satisfy a plain map of labels, such as a
// Service's selector. An empty map matches everything; whether that means all
// or none is the caller's to know.
func MatchLabels(selector, labels graph.Value) graph.Tri {
	if !selector.Known() {
		return graph.Unsure
	}
	all := graph.True
	for key, want := range selector.Entries() {
		s, known := want.Text("")
		if !known {
			all = all.And(graph.Unsure)
			continue
		}
		all = all.And(labels.Get(key).Is(s))
	}
	return all
}

// MatchSelector tells whether labels satisfy a LabelSelector with matchLabels
// and matchExpressions (meta/v1). An empty selector matches everything.
func MatchSelector(selector, labels graph.Value) graph.Tri {
	if !selector.Known() {
		return graph.Unsure
	}
	all := MatchLabels(selector.At("matchLabels"), labels)
	if !selector.At("matchExpressions").Known() {
		return all.And(graph.Unsure)
	}
	for e := range selector.At("matchExpressions").Each() {
		all = all.And(matchExpression(e, labels))
	}
	return all
}

func matchExpression(e, labels graph.Value) graph.Tri {
	key, known := e.At("key").Text("")
	if !known {
		return graph.Unsure
	}
	label, values := labels.Get(key), e.At("values")
	in := func() graph.Tri {
		text, known := label.Text("")
		if !known || !values.Known() {
			return graph.Unsure
		}
		return label.Present().And(values.Contains(text))
	}
	op, known := e.At("operator").Text("")
	switch {
	case !known:
		return graph.Unsure
	case op == "In":
		return in()
	case op == "NotIn":
		return in().Not()
	case op == "Exists":
		return label.Present()
	case op == "DoesNotExist":
		return label.Present().Not()
	}
	return graph.False
}
