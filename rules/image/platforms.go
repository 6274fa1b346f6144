package image

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// platforms holds the rules about the machines that an image runs on.
var platforms = []*analyzers.Rule{{
	ID:        "image-platform-missing",
	Title:     "Image is not made for the nodes that are asked for",
	Why:       "A node of an architecture that the image is not made for cannot pull it, or starts a program it cannot run: the pod stays in ImagePullBackOff or ends with \"exec format error\".",
	Remedy:    "Build the image for that platform too (`docker buildx build --platform …`), or ask for nodes that it is made for.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		has, known := u.Platforms()
		for _, asked := range nodes(u.Container.Pod) {
			bad := graph.Of(!slices.Contains(has, asked.platform))
			if !known {
				bad = graph.Unsure
			}
			u.ReportIf(p, bad, u.Via, "image %q of container %q is not made for %q but for %s", u.Name, u.Container.Name(), asked.platform, listed(has)).
				Note(asked.by, "such nodes are asked for here")
		}
	}),
}, {
	ID:        "image-one-platform",
	Title:     "Image is made for one platform only",
	Why:       "The day a node of another architecture joins, pods that land there do not start. Nodes of ARM are cheaper, and often the ones an autoscaler picks.",
	Remedy:    "Build the image for all platforms there are nodes of (`docker buildx build --platform linux/amd64,linux/arm64 …`), or tie its pods to one with `nodeSelector`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		has, known := u.Platforms()
		if u.Contained() && len(nodes(u.Container.Pod)) > 0 {
			return
		}
		u.ReportIf(p, graph.Of(known && len(has) == 1), u.At("platform"), "image %q is made for %s only", u.Name, listed(has))
	}),
}}

// A node is a platform that a pod asks for, and the value that does.
type node struct {
	platform string
	by       graph.Value
}

// nodes are the platforms of which a pod says that its nodes may have them;
// none where it does not care.
func nodes(pod workload.Pod) []node {
	os := "linux"
	if pod.Windows() == graph.True {
		os = "windows"
	}
	var found []node
	add := func(v graph.Value) {
		if v.Known() && v.Str() != "" {
			found = append(found, node{os + "/" + v.Str(), v})
		}
	}
	for _, label := range architecture {
		add(pod.Spec.At("nodeSelector").Get(label))
	}
	if len(found) > 0 {
		return found
	}
	// The terms are alternatives: one that leaves the architecture open leaves it
	// open altogether.
	for term := range pod.Spec.At("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms").Each() {
		open := true
		for e := range term.At("matchExpressions").Each() {
			if slices.Contains(architecture[:], e.At("key").Str()) && e.At("operator").Is("In") == graph.True {
				open = false
				for v := range e.At("values").Each() {
					add(v)
				}
			}
		}
		if open {
			return nil
		}
	}
	return found
}

// architecture are the labels of nodes that tell their architecture; the second
// is the name it had before Kubernetes 1.14.
var architecture = [...]string{"kubernetes.io/arch", "beta.kubernetes.io/arch"}
