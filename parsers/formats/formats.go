// Package formats puts the sources together in the order in which they claim
// files: what renders manifests comes before what reads them as they are.
package formats

import (
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/kustomize"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
	"github.com/seaworthy-iac/seaworthy/parsers/tfplan"
)

// Options are the options of all sources.
type Options struct {
	Helm      helm.Options
	Terraform terraform.Options
}

// Sources are all sources that read files.
func Sources(o Options) []parsers.Source {
	o.Helm.Rendered = func(p *parsers.Project) []string {
		return append(kustomize.Inflated(p), terraform.Released(p)...)
	}
	return []parsers.Source{
		helm.New(o.Helm),
		kustomize.New(),
		terraform.New(o.Terraform),
		tfplan.New(),
		kubernetes.New(),
	}
}

// Link ties together what one root loaded.
func Link(b *graph.Builder) { kubernetes.Link(b) }
