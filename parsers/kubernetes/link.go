package kubernetes

import "github.com/seaworthy-iac/seaworthy/internal/graph"

// Link adds the edges between the Kubernetes objects of a builder.
func Link(*graph.Builder) {}
