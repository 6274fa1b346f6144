package yamltext

import (
	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Scalar is what Kubernetes takes a scalar of the YAML library for, and its
// text. It is for trees that another library hands out as nodes.
func Scalar(n *yaml.Node) (graph.Kind, string) { return resolve(n) }
