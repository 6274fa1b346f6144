package aws

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// audit holds the rules about trails and keys.
var audit = slices.Concat(attr.Rules("aws_cloudtrail",
	attr.Must{
		ID: "aws-cloudtrail-single-region", Path: "is_multi_region_trail", Be: attr.True,
		Title:    "Trail records one region alone",
		Why:      "Attackers start what they need in the regions nobody looks at. A trail of one region does not see it.",
		Remedy:   "Set `is_multi_region_trail = true`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_67", "trivy:AWS-0014"},
	},
	attr.Must{
		ID: "aws-cloudtrail-log-validation", Path: "enable_log_file_validation", Be: attr.True,
		Title:    "Changed log files are not noticed",
		Why:      "Without digests nobody can tell whether traces were taken out of the log files.",
		Remedy:   "Set `enable_log_file_validation = true`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_36", "trivy:AWS-0016", "kics:52ffcfa6-6c70-4ea6-8376-d828d3961669"},
	},
	attr.Must{
		ID: "aws-cloudtrail-customer-key", Path: "kms_key_id", Be: attr.Set,
		Title:    "Trail is not encrypted with a key of your own",
		Why:      "S3 encrypts the log files with a key that it keeps. With your own, reading the trail takes a second permission.",
		Remedy:   "Set `kms_key_id` to a key whose policy lets CloudTrail use it.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_35", "trivy:AWS-0015", "kics:5d9e3164-9265-470c-9a10-57ae454ac0c7"},
	},
	attr.Must{
		ID: "aws-cloudtrail-off", Path: "enable_logging", Be: attr.NotFalse,
		Title:    "Trail is switched off",
		Why:      "The trail exists and records nothing: what happens in the account leaves no trace.",
		Remedy:   "Remove `enable_logging = false`.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_251"},
	},
	attr.Must{
		ID: "aws-cloudtrail-cloudwatch", Path: "cloud_watch_logs_group_arn", Be: attr.Set,
		Title:    "Trail raises no alarms",
		Why:      "Log files in a bucket are read after the fact. In CloudWatch Logs a filter raises the alarm while it happens.",
		Remedy:   "Set `cloud_watch_logs_group_arn` and `cloud_watch_logs_role_arn`.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"trivy:AWS-0162"},
	},
), attr.Rules("aws_kms_key",
	attr.Must{
		ID: "aws-kms-rotation", Path: "enable_key_rotation", Be: attr.True, If: rotatable,
		Title:    "Key is never rotated",
		Why:      "The longer key material is used, the more data one leak of it opens. KMS rotates it each year and keeps the old for decryption; nothing else has to change.",
		Remedy:   "Set `enable_key_rotation = true`.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_7", "trivy:AWS-0065"},
	},
))

// rotatable tells whether KMS can rotate a key by itself: a symmetric key
// whose material it made.
func rotatable(r *graph.Resource) graph.Tri {
	symmetric := func(v graph.Value) graph.Tri { return v.Is("SYMMETRIC_DEFAULT").Or(v.Present().Not()) }
	return symmetric(r.At("customer_master_key_spec")).And(
		symmetric(r.At("key_spec")),
		attr.OneOfOrUnset("ENCRYPT_DECRYPT").Holds(r.At("key_usage")),
		attr.Set.Holds(r.At("custom_key_store_id")).Not(),
		r.At("is_enabled").Bool(true),
	)
}

// service tells whether a principal is a service of AWS.
func service(principal string) bool {
	return strings.HasSuffix(principal, ".amazonaws.com") || strings.HasSuffix(principal, ".amazonaws.com.cn")
}
