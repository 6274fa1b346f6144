package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const openSearch = "aws_opensearch_domain"

// several tells whether a search domain has more than one node.
func several(r *graph.Resource) graph.Tri {
	n, known := r.At("cluster_config.instance_count").Int(1)
	if !known {
		return graph.Unsure
	}
	return graph.Of(n > 1)
}

// otherServices holds the rules about services with a few rules each.
var otherServices = slices.Concat(attr.Rules("aws_elasticsearch_domain",
	attr.Must{
		ID: "aws-search-unencrypted", Path: "encrypt_at_rest.enabled", Be: attr.True, Types: []string{openSearch},
		Title: "Search domain is not encrypted", Why: atRest,
		Remedy:   "Add `encrypt_at_rest` with `enabled = true`.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_5", "trivy:AWS-0048"},
	},
	attr.Must{
		ID: "aws-search-node-plaintext", Path: "node_to_node_encryption.enabled", Be: attr.True, If: several, Types: []string{openSearch},
		Title:    "Nodes of a search domain talk in plain text",
		Why:      "Whoever is on the network between the nodes reads documents and queries.",
		Remedy:   "Add `node_to_node_encryption` with `enabled = true`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_6", "trivy:AWS-0043"},
	},
	attr.Must{
		ID: "aws-search-http", Path: "domain_endpoint_options.enforce_https", Be: attr.NotFalse, Types: []string{openSearch},
		Title:    "Search domain takes plain HTTP",
		Why:      "Who sits on the line reads documents, queries and passwords.",
		Remedy:   "Remove `enforce_https = false`.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_83", "trivy:AWS-0046", "kics:2e9e0729-66d5-4148-9d39-5e6fb4bf2a4e"},
	},
	attr.Must{
		ID: "aws-search-old-tls", Path: "domain_endpoint_options.tls_security_policy", Types: []string{openSearch},
		Be:    attr.OneOf("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10"),
		Title: "Search domain takes old TLS versions", Why: tlsWhy,
		Remedy:   "Set `tls_security_policy = \"Policy-Min-TLS-1-2-PFS-2023-10\"` in `domain_endpoint_options`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_228", "trivy:AWS-0126"},
	},
), attr.Rules("aws_dax_cluster",
	attr.Must{
		ID: "aws-dax-unencrypted", Path: "server_side_encryption.enabled", Be: attr.True,
		Title: "DynamoDB cache is not encrypted", Why: atRest,
		Remedy:   "Add `server_side_encryption` with `enabled = true`. Terraform makes the cluster anew.",
		Severity: analyzers.Medium,
		Same:     []string{"trivy:AWS-0023", "kics:f11aec39-858f-4b6f-b946-0a1bf46c0c87"},
	},
), attr.Rules("aws_neptune_cluster_instance",
	attr.Must{
		ID: "aws-neptune-public", Path: "publicly_accessible", Be: attr.NotTrue,
		Title:    "Neptune instance has a public address",
		Why:      "Neptune asks for no password unless IAM authentication is on: whoever reaches the address reads the graph.",
		Remedy:   "Remove `publicly_accessible = true`.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_102", "kics:9ba198e0-fef4-464a-8a4d-75ea55300de7"},
	},
), attr.Rules("aws_dms_replication_instance",
	attr.Must{
		ID: "aws-dms-public", Path: "publicly_accessible", Be: attr.NotTrue,
		Title:    "Replication instance has a public address",
		Why:      "The instance holds the passwords of both databases and all data on its way.",
		Remedy:   "Remove `publicly_accessible = true`.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_89", "kics:030d3b18-1821-45b4-9e08-50efbe7becbb"},
	},
), attr.Rules("aws_workspaces_workspace",
	attr.Must{
		ID: "aws-workspace-root-unencrypted", Path: "root_volume_encryption_enabled", Be: attr.True, NotAlone: true,
		Title: "System volume of a desktop is not encrypted", Why: atRest,
		Remedy:   "Set `root_volume_encryption_enabled = true` and `volume_encryption_key`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_156", "trivy:AWS-0109", "kics:b9033580-6886-401a-8631-5f19f5bb24c7"},
	},
	attr.Must{
		ID: "aws-workspace-user-unencrypted", Path: "user_volume_encryption_enabled", Be: attr.True, NotAlone: true,
		Title: "User volume of a desktop is not encrypted", Why: atRest,
		Remedy:   "Set `user_volume_encryption_enabled = true` and `volume_encryption_key`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_155", "trivy:AWS-0109", "kics:b9033580-6886-401a-8631-5f19f5bb24c7"},
	},
), attr.Rules("aws_sagemaker_notebook_instance",
	attr.Must{
		ID: "aws-sagemaker-root-access", Path: "root_access", Be: attr.OneOf("Disabled"),
		Title:    "Users of a notebook are root",
		Why:      "Whoever works in the notebook, or gets code into it, owns the machine and takes its role's credentials.",
		Remedy:   "Set `root_access = \"Disabled\"`.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_307"},
	},
), attr.Rules("aws_api_gateway_stage",
	attr.Must{
		ID: "aws-api-gateway-access-log", Path: "access_log_settings.destination_arn", Be: attr.Set, Types: []string{"aws_apigatewayv2_stage"},
		Title:    "API does not log access",
		Why:      "When somebody misuses the API nobody can tell who called what.",
		Remedy:   "Add `access_log_settings` with the `destination_arn` of a log group.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_76", "trivy:AWS-0001"},
	},
	attr.Must{
		ID: "aws-api-gateway-tracing", Path: "xray_tracing_enabled", Be: attr.True,
		Title:    "API is not traced",
		Why:      "Without traces slow and failing calls are hard to follow through the services behind the API.",
		Remedy:   "Set `xray_tracing_enabled = true`, or ignore this if you trace with something else.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_73", "trivy:AWS-0003", "kics:5813ef56-fa94-406a-b35d-977d4a56ff2b"},
	},
), attr.Rules("aws_ecs_service",
	attr.Must{
		ID: "aws-ecs-public-address", Path: "network_configuration.assign_public_ip", Be: attr.NotTrue,
		Title:    "Tasks get public addresses",
		Why:      "With an address of its own each task is one wrong rule of a security group away from the whole Internet.",
		Remedy:   "Remove `assign_public_ip = true` and put the tasks into private subnets with a NAT gateway or VPC endpoints.",
		Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_333"},
	},
), attr.Rules("aws_codebuild_project",
	attr.Must{
		ID: "aws-codebuild-privileged", Path: "environment.privileged_mode", Be: attr.NotTrue,
		Title:    "Builds run privileged",
		Why:      "A privileged build container can leave it for the machine below. What a pull request can run then reaches further than the build.",
		Remedy:   "Remove `privileged_mode = true` unless the build makes images with Docker; tools such as Kaniko or Buildah need none.",
		Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_316"},
	},
), attr.Rules("aws_ec2_transit_gateway",
	attr.Must{
		ID: "aws-transit-gateway-auto-accept", Path: "auto_accept_shared_attachments", Be: attr.NoneOf("enable").Rather("disable"),
		Title:    "Transit gateway lets every VPC in that asks",
		Why:      "Whoever the gateway is shared with joins a network to yours without anybody looking.",
		Remedy:   "Remove `auto_accept_shared_attachments = \"enable\"`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_331"},
	},
), attr.Rules("aws_subnet",
	attr.Must{
		ID: "aws-subnet-public-address", Path: "map_public_ip_on_launch", Be: attr.NotTrue, Types: []string{"aws_default_subnet"},
		Title:    "Machines in the subnet get public addresses",
		Why:      "Every machine started there can be reached from the Internet as far as its security group lets it.",
		Remedy:   "Remove `map_public_ip_on_launch = true` and give addresses to the few machines that need one.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_130", "trivy:AWS-0164"},
	},
))
