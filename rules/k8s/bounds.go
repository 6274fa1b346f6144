package k8s

import (
	"math/big"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// bounds holds the rules about how much is too little, and how far a limit may
// be from a request.
var bounds = []*analyzers.Rule{{
	ID:        "k8s-limit-below-minimum",
	Title:     "Limit is too low for a program to run well",
	Why:       "The kernel gives a container its share of CPU once every 100 ms. With 50m the program runs for 5 ms and then stands still for 95: probes time out, and each start takes many times as long.",
	Remedy:    "Raise the limit, or lower the rule's parameters `cpu` and `memory`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:resourceRange"},
	Params:    &Minimum{CPU: "100m"},
	Check: eachAmount(func(p *analyzers.Pass, c workload.Container, list, resource string, v graph.Value) {
		params := analyzers.ParamsOf[Minimum](p)
		text := map[string]string{"cpu": params.CPU, "memory": params.Memory}[resource]
		least, ok := workload.ParseQuantity(text)
		if n := workload.Quantity(v); list == "limits" && ok && n != nil && n.Cmp(least) < 0 {
			p.Report(v, "%s limit of container %q is %q, less than %q", resource, c.Name(), v.Str(), text)
		}
	}),
}, {
	ID:        "k8s-limit-far-above-request",
	Title:     "Limit is many times the request",
	Why:       "The scheduler counts requests. A node full of pods that may take ten times what they asked for has no memory when they do, and the kernel kills one of them.",
	Remedy:    "Raise `requests.memory` to what the program uses, or lower the limit. The parameter `memory` is how many times as much is allowed.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Params:    &Ratio{Memory: 4},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("resources.limits.memory")
		limit, request := workload.Quantity(v), workload.Quantity(c.At("resources.requests.memory"))
		times := analyzers.ParamsOf[Ratio](p).Memory
		if limit != nil && request != nil && times > 0 && limit.Cmp(new(big.Rat).Mul(request, big.NewRat(times, 1))) > 0 {
			p.Report(v, "memory limit of container %q is %q, more than %d times the request", c.Name(), v.Str(), times).
				Note(c.At("resources.requests.memory"), "the request")
		}
	}),
}, {
	ID:        "k8s-many-containers",
	Title:     "Pod has many containers",
	Why:       "Containers of a pod are placed, scaled and stopped together, share a network and each other's faults. With many of them a pod is a machine again.",
	Remedy:    "Move what can run alone into a workload of its own. The parameter `most` is how many are allowed.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Params:    &Containers{Most: 5},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		list := pod.Spec.At("containers")
		n, known := list.Len()
		if most := analyzers.ParamsOf[Containers](p).Most; known && most > 0 && int64(n) > most {
			p.Report(list, "the pod has %d containers, more than %d", n, most)
		}
	}),
}}

// Minimum are the parameters of k8s-limit-below-minimum.
type Minimum struct {
	CPU    string `doc:"The least limit of CPU, as a quantity; empty for no minimum."`
	Memory string `doc:"The least limit of memory, as a quantity; empty for no minimum."`
}

// Ratio are the parameters of k8s-limit-far-above-request.
type Ratio struct {
	Memory int64 `doc:"How many times the request for memory its limit may be; 0 for any."`
}

// Containers are the parameters of k8s-many-containers.
type Containers struct {
	Most int64 `doc:"How many containers a pod may have; 0 for any number."`
}
