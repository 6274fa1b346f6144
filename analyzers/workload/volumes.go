package workload

import (
	"iter"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// HostPaths yields the pod's volumes that are directories of the node, each
// with the value that names the directory.
func (p Pod) HostPaths() iter.Seq2[graph.Value, graph.Value] {
	return func(yield func(volume, path graph.Value) bool) {
		for v := range p.Spec.At("volumes").Each() {
			if v.At("hostPath").Present() == graph.False {
				continue
			}
			if !yield(v, v.At("hostPath.path")) {
				return
			}
		}
	}
}

// Mounts yields the container's mounts of volumes of one kind, such as
// "hostPath", with the volume each belongs to.
func (c Container) Mounts(kind string) iter.Seq2[graph.Value, graph.Value] {
	return func(yield func(mount, volume graph.Value) bool) {
		for m := range c.At("volumeMounts").Each() {
			name := m.At("name").Str()
			for v := range c.Pod.Spec.At("volumes").Each() {
				if name == "" || v.At("name").Str() != name || v.At(kind).Present() == graph.False {
					continue
				}
				if !yield(m, v) {
					return
				}
			}
		}
	}
}
