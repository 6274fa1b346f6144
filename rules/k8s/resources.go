package k8s

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// resources holds the rules about what containers ask for and may take.
var resources = []*analyzers.Rule{{
	ID:        "k8s-memory-limit-missing",
	Title:     "Container has no memory limit",
	Why:       "A leak or a flood of requests takes all memory of the node, and the kernel then kills what it likes: other pods, or the kubelet.",
	Remedy:    "Set `limits.memory` under `resources`, or a LimitRange with a default for the namespace.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict, // most projects leave amounts to those who install them
	Same: []string{
		"kubescape:C-0303",
		"checkov:CKV_K8S_13", "trivy:KSV-0018", "kubescape:C-0271", "kube-linter:unset-memory-requirements",
		"polaris:memoryLimitsMissing", "kubeaudit:LimitsMemoryNotSet", "kubeaudit:LimitsNotSet",
		"kics:b14d1bc4-a208-45db-92f0-e21f8e2588e9", "kics:fd097ed0-7fe6-4f58-8b71-fef9f0820a21",
		"kubescape:C-0004", "kubescape:C-0009", "kube-score:container-resources", "kics:60af03ff-a421-45c8-b214-6741035476fa",
	},
	Needs: []string{"core/LimitRange"},
	Check: limitMissing("memory"),
}, {
	ID:        "k8s-cpu-limit-missing",
	Title:     "Container has no CPU limit",
	Why:       "The container may use all of the node that others leave. How fast it is then depends on its neighbours, and what runs in it unasked costs what it likes.",
	Remedy:    "Set `limits.cpu` under `resources`, or decide against CPU limits, as many do who set requests everywhere, and ignore this rule.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kubescape:C-0303",
		"checkov:CKV_K8S_11", "trivy:KSV-0011", "kubescape:C-0270", "polaris:cpuLimitsMissing",
		"kubeaudit:LimitsCPUNotSet", "kubeaudit:LimitsNotSet",
		"kics:4ac0e2b7-d2d2-4af7-8799-e8de6721ccda", "kics:5f4735ce-b9ba-4d95-a089-a37a767b716f",
		"kubescape:C-0050", "kubescape:C-0009", "kube-score:container-resources", "kics:60af03ff-a421-45c8-b214-6741035476fa",
	},
	Needs: []string{"core/LimitRange"},
	Check: limitMissing("cpu"),
}, {
	ID:        "k8s-memory-request-missing",
	Title:     "Container requests no memory",
	Why:       "The scheduler takes the container for one that needs nothing and puts it on a full node. When memory runs short it is the first to be killed.",
	Remedy:    "Set `requests.memory` under `resources` to what the program uses in normal operation.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict, // a container that has no request has no limit either, which says it all
	Same:      memoryRequest,
	Needs:     []string{"core/LimitRange"},
	Check:     requestMissing("memory"),
}, {
	ID:        "k8s-cpu-request-missing",
	Title:     "Container requests no CPU",
	Why:       "The scheduler takes the container for one that needs nothing and puts it on a full node, where it gets what others leave.",
	Remedy:    "Set `requests.cpu` under `resources` to what the program uses in normal operation.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict, // mostly nothing is set, which k8s-memory-limit-missing says; short of CPU a program is only slow
	Same:      cpuRequest,
	Needs:     []string{"core/LimitRange"},
	Check:     requestMissing("cpu"),
}, {
	ID:        "k8s-memory-request-implied",
	Title:     "Memory request is left to the limit",
	Why:       "Where only a limit is written the API server copies it: the pod reserves on its node the most it may ever use. That is right for some, and seldom meant.",
	Remedy:    "Write `requests.memory` out, even if it is the limit.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      memoryRequest,
	Check:     requestImplied("memory"),
}, {
	ID:        "k8s-cpu-request-implied",
	Title:     "CPU request is left to the limit",
	Why:       "Where only a limit is written the API server copies it: the pod reserves on its node the most it may ever use, and the rest of the node stays idle.",
	Remedy:    "Write `requests.cpu` out, even if it is the limit.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      cpuRequest,
	Check:     requestImplied("cpu"),
}}

var memoryRequest = []string{
	"checkov:CKV_K8S_12", "trivy:KSV-0016", "kubescape:C-0269", "kubescape:C-0004", "kube-linter:unset-memory-requirements",
	"polaris:memoryRequestsMissing", "kube-score:container-resources",
	"kics:229588ef-8fde-40c8-8756-f4f2b5825ded", "kics:21719347-d02b-497d-bda4-04a03c8e5b61",
}

var cpuRequest = []string{
	"checkov:CKV_K8S_10", "trivy:KSV-0015", "kubescape:C-0268", "kubescape:C-0050", "kube-linter:unset-cpu-requirements",
	"polaris:cpuRequestsMissing", "kube-score:container-resources",
	"kics:ca469dd4-c736-448f-8ac1-30a642705e0a", "kics:577ac19c-6a77-46d7-9f14-e049cdd15ec2",
}

func limitMissing(resource string) func(*analyzers.Pass) {
	return eachResource("limits", resource, func(p *analyzers.Pass, c workload.Container, v graph.Value) {
		p.ReportIf(c.Limit(p.Graph, resource).Not(), v, "container %q has no %s limit", c.Name(), resource)
	})
}

func requestMissing(resource string) func(*analyzers.Pass) {
	return eachResource("requests", resource, func(p *analyzers.Pass, c workload.Container, v graph.Value) {
		set := c.Request(p.Graph, resource).Or(c.Limit(p.Graph, resource))
		p.ReportIf(set.Not(), v, "container %q has no %s request", c.Name(), resource)
	})
}

func requestImplied(resource string) func(*analyzers.Pass) {
	return eachResource("requests", resource, func(p *analyzers.Pass, c workload.Container, v graph.Value) {
		limit := c.At("resources.limits").Get(resource)
		p.ReportIf(c.Request(p.Graph, resource).Not().And(limit.Present()), v,
			"container %q has no %s request, so the limit %q is reserved", c.Name(), resource, limit.Str())
	})
}

// eachResource looks at the containers that can have resources; ephemeral
// containers use what the pod leaves.
func eachResource(list, resource string, fn func(*analyzers.Pass, workload.Container, graph.Value)) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		if c.Kind != workload.Ephemeral {
			fn(p, c, c.At("resources").Get(list, resource))
		}
	})
}
