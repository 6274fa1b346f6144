package k8s

import (
	"math/big"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// quantities holds the rules about the amounts of requests and limits.
var quantities = []*analyzers.Rule{{
	ID:        "k8s-quantity-invalid",
	Title:     "Amount of a resource is no quantity",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Write a number and one of the suffixes `m`, `k`, `M`, `G`, `Ki`, `Mi`, `Gi`: `512Mi`, not `512MB`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: eachAmount(func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value) {
		text := v.Str()
		if text == "" || workload.Templated(text) {
			return
		}
		if n := workload.Quantity(v); n == nil {
			p.Report(v, "%s of container %q in %s is %q, which is no quantity", resource, c.Name(), list, text)
		} else if n.Sign() < 0 {
			p.Report(v, "%s of container %q in %s is %q, less than nothing", resource, c.Name(), list, text)
		}
	}),
}, {
	ID:        "k8s-memory-too-small",
	Title:     "Memory is less than any program needs",
	Why:       "No container starts in less than a mebibyte. Mostly the suffix is wrong: `512m` is half a byte, `512` is 512 bytes.",
	Remedy:    "Write mebibytes as `512Mi`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: eachAmount(func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value) {
		n := workload.Quantity(v)
		if resource == "memory" && n != nil && n.Sign() > 0 && n.Cmp(big.NewRat(1<<20, 1)) < 0 {
			p.Report(v, "memory of container %q in %s is %q, less than 1Mi", c.Name(), list, v.Str())
		}
	}),
}, {
	ID:        "k8s-request-exceeds-limit",
	Title:     "Container requests more than its limit",
	Why:       "The API server does not accept it: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Lower the request or raise the limit.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: eachAmount(func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value) {
		limit := c.At("resources.limits").Get(resource)
		most, n := workload.Quantity(limit), workload.Quantity(v)
		if list == "requests" && most != nil && n != nil && n.Cmp(most) > 0 {
			p.Report(v, "container %q requests %q of %s, and its limit is %q", c.Name(), v.Str(), resource, limit.Str()).Note(limit, "the limit")
		}
	}),
}, {
	ID:        "k8s-cpu-request-not-limit",
	Title:     "CPU request is not the CPU limit",
	Why:       "Only a pod whose requests are its limits is of the class Guaranteed: it is evicted last, and it may have CPUs of its own.",
	Remedy:    "Set both to the same amount where a workload must not be slowed down by its neighbours.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:container-cpu-requests-equal-limits", "kube-score:container-resource-requests-equal-limits"},
	Fix:       analyzers.Unsafe,
	Check:     requestNotLimit("cpu"),
}, {
	ID:        "k8s-memory-request-not-limit",
	Title:     "Memory request is not the memory limit",
	Why:       "What a container uses above its request is not reserved. When the node runs short the kernel takes it back by killing the container.",
	Remedy:    "Set both to the same amount where a workload must not be killed for its neighbours' sake.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:container-memory-requests-equal-limits", "kube-score:container-resource-requests-equal-limits"},
	Fix:       analyzers.Unsafe,
	Check:     requestNotLimit("memory"),
}, {
	ID:        "k8s-ephemeral-storage-request-not-limit",
	Title:     "Request for ephemeral storage is not its limit",
	Why:       "What a container writes above its request is not reserved. When the node's disk fills up the pod is among the first to be evicted.",
	Remedy:    "Set `ephemeral-storage` to the same amount under `requests` and `limits`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:container-ephemeral-storage-request-equals-limit"},
	Fix:       analyzers.Unsafe,
	Check:     requestNotLimit("ephemeral-storage"),
}, {
	ID:        "k8s-ephemeral-storage-missing",
	Title:     "Container has no limit on ephemeral storage",
	Why:       "Logs, temporary files and `emptyDir` volumes fill the node's disk, and the kubelet then evicts other pods with them.",
	Remedy:    "Set `ephemeral-storage` under `requests` and `limits` of the container's `resources`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-score:container-ephemeral-storage-request-and-limit"},
	Needs:     []string{"core/LimitRange"},
	Check: eachResource("limits", "ephemeral-storage", func(p *analyzers.Pass, c workload.Container, v graph.Value) {
		p.ReportIf(c.Limit(p.Graph, "ephemeral-storage").Not(), v, "container %q has no ephemeral-storage limit", c.Name())
	}),
}, {
	ID:        "k8s-limit-above-maximum",
	Title:     "Limit is above the maximum that is allowed",
	Why:       "One container with a limit the size of a node takes the node from everybody else on it.",
	Remedy:    "Lower the limit, or raise the rule's parameters `cpu` and `memory`.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Params:    &Maximum{},
	Check: eachAmount(func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value) {
		params := analyzers.ParamsOf[Maximum](p)
		text := map[string]string{"cpu": params.CPU, "memory": params.Memory}[resource]
		most, ok := workload.ParseQuantity(text)
		if !ok {
			p.Look(-1) // no maximum is set
		}
		if n := workload.Quantity(v); list == "limits" && ok && n != nil && n.Cmp(most) > 0 {
			p.Report(v, "%s limit of container %q is %q, more than %q", resource, c.Name(), v.Str(), text)
		}
	}),
}, {
	ID:        "k8s-empty-dir-without-size",
	Title:     "Volume of type emptyDir may fill its node",
	Why:       "An `emptyDir` without a limit grows until the node's disk is full, and the kubelet then evicts other pods with it.",
	Remedy:    "Set `sizeLimit` in the `emptyDir`, or an `ephemeral-storage` limit on the containers that mount it.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for v := range pod.Spec.At("volumes").Each() {
			if v.Kind() != graph.Map || v.At("emptyDir").Kind() == graph.Absent {
				continue
			}
			size, resource := v.At("emptyDir.sizeLimit"), "ephemeral-storage"
			if v.At("emptyDir.medium").Is("Memory") == graph.True {
				resource = "memory"
			}
			bounded := graph.True
			for c := range pod.Containers() {
				if c.Kind != workload.Ephemeral {
					bounded = bounded.And(c.Limit(p.Graph, resource))
				}
			}
			p.ReportIf(size.Present().Or(bounded).Not(), size, "volume %q has no %s", v.At("name").Str(), size.Key())
		}
	}),
}}

// Maximum are the parameters of k8s-limit-above-maximum.
type Maximum struct {
	CPU    string `doc:"The highest limit of CPU, as a quantity; empty for no maximum."`
	Memory string `doc:"The highest limit of memory, as a quantity; empty for no maximum."`
}

// eachAmount makes a Check of a function that looks at one request or limit of
// a container.
func eachAmount(fn func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value)) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		p.Look(-1) // the amounts are what is looked at
		for _, list := range []string{"requests", "limits"} {
			for resource, v := range c.At("resources").At(list).Entries() {
				p.Look(1)
				fn(p, c, list, resource, v)
			}
		}
	})
}

// requestNotLimit reports a request that has no limit, or another one. A limit
// alone is copied to the request.
func requestNotLimit(resource string) func(*analyzers.Pass) {
	return eachAmount(func(p *analyzers.Pass, c workload.Container, list, name string, v graph.Value) {
		if list != "requests" || name != resource {
			return
		}
		limit := c.At("resources.limits").Get(resource)
		n, most := workload.Quantity(v), workload.Quantity(limit)
		switch {
		case limit.Present() == graph.False:
			p.ReportIf(v.Present().And(c.Limit(p.Graph, resource).Not()), v, "container %q requests %q of %s and has no limit", c.Name(), v.Str(), resource).
				Fix("Limit it to what is requested", edit.Set(limit, edit.Text(v.Str())))
		case n == nil || most == nil:
			p.ReportIf(graph.Unsure, v, "container %q requests %q of %s, and its limit is not known", c.Name(), v.Str(), resource)
		case n.Cmp(most) != 0:
			p.Report(v, "container %q requests %q of %s, and its limit is %q", c.Name(), v.Str(), resource, limit.Str()).Note(limit, "the limit")
		}
	})
}
