// Package registry knows calls of modules of the public Terraform registry.
// Such a module is not in the project, but its well-known arguments are those
// of the resources it makes, so a rule can judge what a call says. What a call
// leaves out is for the module to decide and is not judged, unless every
// version of the module decides the same.
package registry

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// CallType is the type of module calls.
const CallType = "module"

// Modules of the terraform-aws-modules project, as calls name them.
const (
	Autoscaling   = "terraform-aws-modules/autoscaling/aws"
	EC2Instance   = "terraform-aws-modules/ec2-instance/aws"
	ElastiCache   = "terraform-aws-modules/elasticache/aws"
	RDS           = "terraform-aws-modules/rds/aws"
	RDSAurora     = "terraform-aws-modules/rds-aurora/aws"
	Redshift      = "terraform-aws-modules/redshift/aws"
	S3Bucket      = "terraform-aws-modules/s3-bucket/aws"
	SecurityGroup = "terraform-aws-modules/security-group/aws"
	SQS           = "terraform-aws-modules/sqs/aws"
)

// Is tells whether a resource is a call of one of the modules.
func Is(r *graph.Resource, modules ...string) bool {
	if r == nil || r.Type != CallType {
		return false
	}
	source := strings.TrimPrefix(r.At("source").Str(), "registry.terraform.io/")
	return slices.Contains(modules, source)
}
