package edit

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// On is the op on one of the values, the one at the same place in a tree; it
// is false where making an op twice is to do more than making it once.
func (o Op) On(values []graph.Value) (Op, bool) {
	if o.kind != set && o.kind != add {
		return Op{}, false
	}
	steps := o.at.Steps()
	i := slices.IndexFunc(values, func(v graph.Value) bool { return slices.Equal(v.Steps(), steps) })
	if i < 0 {
		return Op{}, false
	}
	o.at = values[i]
	return o, true
}
