package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// compute holds the rules about virtual machines and their disks.
var compute = slices.Concat([]*analyzers.Rule{{
	ID:        "aws-instance-imdsv1",
	Title:     "Instance metadata answers without a token",
	Why:       "With version 1 of the metadata service one forged request from the server (SSRF) reads the credentials of the instance's role. Version 2 asks for a token first, which such requests cannot get.",
	Remedy:    "Set `http_tokens = \"required\"` in `metadata_options`, or `aws_ec2_instance_metadata_defaults` for the region.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_AWS_79", "trivy:AWS-0028", "trivy:AWS-0130", "kics:f1g2h3i4-j5k6-7lmn-8opq-9012rstuvwxy",
	},
	Fix: analyzers.Unsafe,
	Check: func(p *analyzers.Pass) {
		for r := range p.Graph.OfType("aws_instance", "aws_launch_template", "aws_launch_configuration", "aws_spot_instance_request") {
			p.Look(1)
			tokens := r.At("metadata_options.http_tokens")
			off := r.At("metadata_options.http_endpoint").Is("disabled")
			right := edit.Set(tokens, edit.Text("required"))
			if tokens.Present() == graph.False {
				template := attr.Set.Holds(r.At("launch_template"))
				region := anyOf(p.Graph, r.Root, "aws_ec2_instance_metadata_defaults", func(d *graph.Resource) graph.Tri {
					return d.At("http_tokens").Is("required")
				})
				p.ReportIf(off.Or(template, region).Not(), tokens, "http_tokens is not set and must be \"required\"").Fix("Ask for a token", right)
				continue
			}
			p.ReportIf(tokens.Is("required").Or(off).Not(), tokens, "%s is %q and must be \"required\"", tokens.Key(), tokens.Str()).Fix("Ask for a token", right)
		}
	},
}, {
	ID:        "aws-instance-unencrypted-disk",
	Title:     "Disk of an instance is not encrypted",
	Why:       "Snapshots and copies of the disk can be read by whoever gets them, and nothing has to be decrypted.",
	Remedy:    "Set `encrypted = true` in `root_block_device` and every `ebs_block_device`, or `aws_ebs_encryption_by_default` for the region.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"trivy:AWS-0131", "trivy:AWS-0008", "kics:4de9de27-254e-424f-bd70-4c1e95790838"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if r.Type == registry.CallType && !registry.Is(r, registry.Autoscaling, registry.EC2Instance) {
			return
		}
		byDefault := encryptedByDefault(p.Graph, r.Root)
		for _, path := range [...]string{"root_block_device", "ebs_block_device", "block_device_mappings.ebs"} {
			for block := range r.Config.All(path) {
				if block.Present() == graph.False {
					continue
				}
				v := block.At("encrypted")
				p.ReportIf(v.Bool(false).Or(byDefault, fromSnapshot(block)).Not(), v, "%s of the disk is not true", v.Key()).
					Fix("Encrypt the disk", edit.Set(v, edit.Bool(true)))
			}
		}
	}, "aws_instance", "aws_launch_configuration", "aws_launch_template", registry.CallType),
}, {
	ID:        "aws-ebs-volume-unencrypted",
	Title:     "Volume is not encrypted",
	Why:       "Snapshots and copies of the volume can be read by whoever gets them, and nothing has to be decrypted.",
	Remedy:    "Set `encrypted = true`, or `aws_ebs_encryption_by_default` for the region. An existing volume has to be copied through a snapshot.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_3", "trivy:AWS-0026", "kics:cc997676-481b-4e93-aa81-d19f8c5e9b12"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("encrypted")
		p.ReportIf(v.Bool(false).Or(encryptedByDefault(p.Graph, r.Root), fromSnapshot(r.Config)).Not(), v, "%s is not true", v.Key()).
			Fix("Encrypt the volume", edit.Set(v, edit.Bool(true)))
	}, "aws_ebs_volume"),
}}, attr.Rules("aws_ebs_encryption_by_default",
	attr.Must{
		ID: "aws-ebs-encryption-by-default-off", Path: "enabled", Be: attr.NotFalse,
		Title:    "New volumes are not encrypted by default",
		Why:      "The setting makes every new volume of the region encrypted, whoever makes it. Switched off, one forgotten argument leaves data in the clear.",
		Remedy:   "Set `enabled = true`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_106"},
	},
), attr.Rules("aws_instance",
	attr.Must{
		ID: "aws-instance-public-address", Path: "associate_public_ip_address", Be: attr.NotTrue,
		Title:  "Instance has a public address",
		Why:    "With an address of its own the machine is one wrong rule of a security group away from the whole Internet.",
		Remedy: "Remove `associate_public_ip_address = true`; put a load balancer in front, and reach the machine through Session Manager.",
		Types:  []string{"aws_launch_configuration"}, Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_88", "checkov:CKV_AWS_389", "trivy:AWS-0009"},
	},
))

func encryptedByDefault(g *graph.Graph, root string) graph.Tri {
	return anyOf(g, root, "aws_ebs_encryption_by_default", func(r *graph.Resource) graph.Tri { return r.At("enabled").Bool(true) })
}

// fromSnapshot is Unsure of a disk that is made from a snapshot: the snapshot
// decides.
func fromSnapshot(v graph.Value) graph.Tri {
	return v.At("snapshot_id").Present().And(graph.Unsure)
}
