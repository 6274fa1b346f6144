package cluster

import "github.com/seaworthy-iac/seaworthy/internal/graph"

// A Difference is a field that is not in the cluster what is written.
type Difference struct {
	// Written is the value in the manifest; absent where there is none.
	Written graph.Value

	live   *graph.Node // nil where there is nothing
	at     *spot
	object *liveObject
}
