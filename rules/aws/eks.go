package aws

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/analyzers/secgroup"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// logTypes are the logs of an EKS control plane.
var logTypes = [...]string{"api", "audit", "authenticator", "controllerManager", "scheduler"}

// kubernetes holds the rules about EKS clusters.
var kubernetes = slices.Concat([]*analyzers.Rule{{
	ID:        "aws-eks-endpoint-open",
	Title:     "Kubernetes API is open to the Internet",
	Why:       "Everybody can talk to the API server and try stolen tokens and new holes on it. EKS opens it to 0.0.0.0/0 when nothing else is said.",
	Remedy:    "Set `endpoint_public_access = false` in `vpc_config`, or name your networks in `public_access_cidrs`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_38", "trivy:AWS-0041", "kics:61cf9883-1752-4768-b18c-0d57f2737709"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		vpc := r.At("vpc_config")
		public := vpc.At("endpoint_public_access").Bool(true)
		cidrs := vpc.At("public_access_cidrs")
		if set := attr.Set.Holds(cidrs); set == graph.False {
			p.ReportIf(public, cidrs, "public_access_cidrs is not set, so the API server answers the whole Internet")
			return
		}
		at, open := secgroup.Open(cidrs)
		p.ReportIf(public.And(open), at, "the API server answers %s", source(at))
	}, "aws_eks_cluster"),
}, {
	ID:        "aws-eks-control-plane-logs",
	Title:     "Cluster does not send all control plane logs",
	Why:       "The audit log tells who did what in the cluster, the authenticator log who came in as whom. Without them an attack leaves no trace outside the cluster.",
	Remedy:    "Set `enabled_cluster_log_types = [\"api\", \"audit\", \"authenticator\", \"controllerManager\", \"scheduler\"]`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_AWS_37", "trivy:AWS-0038", "kics:37304d3f-f852-40b8-ae3f-725e87a7cedf", "kics:66f130d9-b81d-4e8e-9b08-da74b9c891df",
	},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("enabled_cluster_log_types")
		all := graph.True
		var missing []string
		for _, t := range logTypes {
			has := v.Contains(t)
			all = all.And(has)
			if has == graph.False {
				missing = append(missing, t)
			}
		}
		p.ReportIf(all.Not(), v, "%s lacks %s", v.Key(), strings.Join(missing, ", "))
	}, "aws_eks_cluster"),
}}, attr.Rules("aws_eks_cluster",
	attr.Must{
		ID: "aws-eks-secrets-encryption", Path: "encryption_config.resources", Be: attr.Has("secrets"),
		Title:    "Kubernetes secrets are not encrypted with a key of your own",
		Why:      "EKS encrypts its storage with keys of its own (since version 1.28 of Kubernetes each object too). With your key, reading secrets from a copy of the storage takes a permission that you give and see used.",
		Remedy:   "Add an `encryption_config` with `resources = [\"secrets\"]` and a `provider` with the `key_arn` of a KMS key.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_58", "kics:63ebcb19-2739-4d3f-aa5c-e8bbb9b85281"},
	},
	attr.Must{
		ID: "aws-eks-public-endpoint", Path: "vpc_config.endpoint_public_access", Be: attr.False, NotAlone: true,
		Title:    "Kubernetes API has a public endpoint",
		Why:      "An API server that only the VPC reaches cannot be tried from outside at all.",
		Remedy:   "Set `endpoint_public_access = false` and `endpoint_private_access = true` in `vpc_config`, and reach the API through a VPN or a bastion.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_39", "trivy:AWS-0040", "kics:42f4b905-3736-4213-bfe9-c0660518cda8"},
	},
))
