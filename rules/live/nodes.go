package live

import (
	"fmt"
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

const node = "core/Node"

// nodes holds the rules about the machines.
var nodes = []*analyzers.Rule{{
	ID:        "live-node-not-ready",
	Title:     "Node is not ready",
	Why:       "Pods on it are not reached or not watched over, and are moved to nodes that may have no room for them. Those with a volume on the node are just gone.",
	Remedy:    "Look at the kubelet and the network plugin on the node, or take it out of the cluster with `kubectl drain` and `kubectl delete node`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if c := o.Condition("Ready"); c.Kind() == graph.Map && c.At("status").Str() != "True" && settled(p.Graph, o, c) {
			p.Report(c.At("status"), "Ready is %q: %s", c.At("status").Str(), told(c))
		}
	}, node),
}, {
	ID:        "live-node-pressure",
	Title:     "Node runs out of something",
	Why:       "The kubelet evicts pods, those that use more than they requested first, and takes no new ones.",
	Remedy:    "Find out who uses it up: set requests and limits for memory and ephemeral storage, and clean the disk.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for _, typ := range [...]string{"MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"} {
			if c := o.Condition(typ); c.At("status").Str() == "True" {
				p.Report(c.At("status"), "%s is \"True\"%s", typ, says(c.At("message").Str()))
			}
		}
	}, node),
}, {
	ID:        "live-node-cordoned",
	Title:     "Node has taken no new pods for more than a day",
	Why:       "It was cordoned for a repair or an upgrade and forgotten. Its pods have nowhere to go when another node is lost, and the machine costs what it costs.",
	Remedy:    "Give it back with `kubectl uncordon`, or drain it and take it out of the cluster.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		for t := range o.At("spec.taints").Each() {
			since := t.At("timeAdded").Str()
			if hours, _ := o.Hours(p.Graph, since); hours >= 24 && t.At("key").Str() == "node.kubernetes.io/unschedulable" {
				v := o.At("spec.unschedulable")
				p.Report(v, "%s is set since %s", v.Key(), since)
			}
		}
	}, node),
}, {
	ID:        "live-kubelet-skew",
	Title:     "Kubelet's release does not go with that of the API server",
	Why:       "Kubernetes supports kubelets of the API server's release and of the three before it, and none that is newer. Beyond that pods fail in ways that nobody has tested.",
	Remedy:    "Upgrade the control plane first and the nodes after it, one release at a time.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: alike(kubeletVersion, func(p *analyzers.Pass, n nodesAlike) {
		server := live.Of(p.Graph, n.first.Resource).At("version").Str()
		ours, err := kube.Minor(server)
		theirs, err2 := kube.Minor(n.text)
		if err != nil || err2 != nil {
			return
		}
		most := 3
		if theirs < 25 {
			most = 2
		}
		switch behind := ours - theirs; {
		case behind < 0:
			p.Report(n.at, "the kubelet of %s is %q, newer than the API server, which is %q", n, n.text, server)
		case behind > most:
			p.Report(n.at, "the kubelet of %s is %q, %d releases behind the API server, which is %q", n, n.text, behind, server)
		}
	}),
}, {
	ID:        "live-node-releases-differ",
	Title:     "Nodes have different releases of Kubernetes",
	Why:       "An upgrade was begun and not ended. What works on one node may not on another, and the oldest of them decides when the control plane can go on.",
	Remedy:    "Upgrade the nodes that are behind.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Check:     differ,
}, {
	ID:        "live-node-runtime-unsupported",
	Title:     "Container runtime of a node gets no more security fixes",
	Why:       "The runtime is what keeps containers apart from the node. Holes that are found in it stay open.",
	Remedy:    "Upgrade the runtime, or replace the nodes by ones of a newer image.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check:     alike("containerRuntimeVersion", outOfSupport("container runtime", runtimeEnd)),
}, {
	ID:        "live-node-system-unsupported",
	Title:     "Operating system of a node gets no more security fixes",
	Why:       "All containers of a node share its kernel: a hole in it is the way from any of them to all others.",
	Remedy:    "Replace the nodes by ones with a release that is supported.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check:     alike("osImage", outOfSupport("operating system", systemEnd)),
}}

const kubeletVersion = "kubeletVersion"

// nodesAlike are nodes of a cluster that say the same about themselves.
type nodesAlike struct {
	first live.Object
	names []string
	text  string
	at    graph.Value // where the first says so
}

// String names them in a message.
func (n nodesAlike) String() string {
	switch more := len(n.names) - 1; more {
	case 0:
		return fmt.Sprintf("the node %q", n.names[0])
	case 1:
		return fmt.Sprintf("the nodes %q and %q", n.names[0], n.names[1])
	default:
		return fmt.Sprintf("the node %q and %d others", n.names[0], more)
	}
}

// alike makes a Check of a function that looks at the nodes that say the same
// in a field of their nodeInfo: a hundred nodes of one image are one matter.
func alike(field string, fn func(*analyzers.Pass, nodesAlike)) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		for _, n := range groups(p.Graph, field) {
			p.Look(len(n.names))
			fn(p, n)
		}
	}
}

// groups are the nodes of all clusters by what they say in a field of their
// nodeInfo.
func groups(g *graph.Graph, field string) (all []nodesAlike) {
	for _, o := range live.Objects.Of(g) {
		if o.Type != node || o.At("metadata.labels.type").Is("virtual-kubelet") == graph.True {
			continue // no machine: it has a version of its own
		}
		at := o.At("status.nodeInfo." + field)
		i := slices.IndexFunc(all, func(n nodesAlike) bool { return n.first.Root == o.Root && n.text == at.Str() })
		if i < 0 {
			i = len(all)
			all = append(all, nodesAlike{first: o, text: at.Str(), at: at})
		}
		all[i].names = append(all[i].names, o.Name)
	}
	return all
}

// outOfSupport reports nodes with something that has come to its end.
func outOfSupport(what string, end func(string) string) func(*analyzers.Pass, nodesAlike) {
	return func(p *analyzers.Pass, n nodesAlike) {
		if last := end(n.text); last != "" && live.Day(p.Graph, n.first.Resource) > last {
			p.Report(n.at, "the %s of %s is %q, which had its last security fixes on %s", what, n, n.text, last)
		}
	}
}

// differ reports, of each cluster, the nodes that are behind others.
func differ(p *analyzers.Pass) {
	newest := map[string]int{}
	all := groups(p.Graph, kubeletVersion)
	for _, n := range all {
		p.Look(len(n.names))
		if minor, err := kube.Minor(n.text); err == nil {
			newest[n.first.Root] = max(newest[n.first.Root], minor)
		}
	}
	for _, n := range all {
		if minor, err := kube.Minor(n.text); err == nil && minor < newest[n.first.Root] {
			p.Report(n.at, "the kubelet of %s is %q, others are of release 1.%d", n, n.text, newest[n.first.Root])
		}
	}
}
