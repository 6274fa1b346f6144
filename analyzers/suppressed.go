package analyzers

import "github.com/seaworthy-iac/seaworthy/internal/source"

// A Suppressed is a finding that somebody decided to live with.
type Suppressed struct {
	*Finding
	// By is where that is written: a comment, an annotation, the configuration.
	By     *source.Origin
	Reason string // "" when none is given
	Until  string // the last day, as 2027-01-31; "" for ever
}

// ByDriver is the Check of the few rules that are about a run and not about
// what is in a graph: the driver makes their findings.
func ByDriver(*Pass) {}
