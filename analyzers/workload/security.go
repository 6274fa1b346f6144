package workload

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Capability is a capability's name as the runtimes read it: they take it in
// any case, some with and some without the kernel's CAP_ in front.
func Capability(name string) string {
	return strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(name)), "CAP_")
}

// Added yields the capabilities that the container adds, with the value that
// names each. One whose name is not known yields "".
func (c Container) Added() iter.Seq2[string, graph.Value] {
	return func(yield func(string, graph.Value) bool) {
		for v := range c.At("securityContext.capabilities.add").Each() {
			if !yield(Capability(v.Str()), v) {
				return
			}
		}
	}
}

// Drops tells whether the container drops one of the capabilities.
func (c Container) Drops(names ...string) graph.Tri {
	list := c.At("securityContext.capabilities.drop")
	if !list.Known() {
		return graph.Unsure
	}
	dropped := graph.False
	for v := range list.Each() {
		is := graph.Unsure
		if v.Known() {
			is = graph.False
			for _, name := range names {
				if Capability(v.Str()) == name {
					is = graph.True
				}
			}
		}
		dropped = dropped.Or(is)
	}
	return dropped
}

// Adds tells whether the container adds one of the capabilities.
func (c Container) Adds(names ...string) graph.Tri {
	if !c.At("securityContext.capabilities.add").Known() {
		return graph.Unsure
	}
	added := graph.False
	for capability, v := range c.Added() {
		is := graph.Unsure
		if v.Known() {
			is = graph.False
			for _, name := range names {
				if capability == name {
					is = graph.True
				}
			}
		}
		added = added.Or(is)
	}
	return added
}

// IsRoot tells whether the user that the configuration gives the container is
// uid 0. It is False where none is given: the image decides then.
func (c Container) IsRoot() graph.Tri {
	v := c.Security("runAsUser")
	uid, known := v.Int(-1)
	if !known {
		return graph.Unsure
	}
	return graph.Of(uid == 0)
}

// NonRoot tells whether the kubelet keeps the container from running as root:
// a uid other than 0, or runAsNonRoot, which stops one whose image says root.
func (c Container) NonRoot() graph.Tri {
	user := c.Security("runAsUser")
	uid, known := user.Int(-1)
	enforced := c.Security("runAsNonRoot").Bool(false)
	if !known {
		return enforced.Or(graph.Unsure)
	}
	return enforced.Or(graph.Of(uid > 0))
}

// Completes tells whether the pods are there to end: a Job's, or a Pod's that
// is not started again.
func (p Pod) Completes() graph.Tri {
	switch p.Resource().Type {
	case "batch/Job", "batch/CronJob":
		return graph.True
	}
	return p.Spec.At("restartPolicy").Is("Never", "OnFailure")
}
