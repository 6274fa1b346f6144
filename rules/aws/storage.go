package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
)

// storage holds the rules about file systems, registries and streams.
var storage = slices.Concat(attr.Rules("aws_efs_file_system",
	attr.Must{
		ID: "aws-efs-unencrypted", Path: "encrypted", Be: attr.True,
		Title: "File system is not encrypted", Why: atRest,
		Remedy:   "Set `encrypted = true`. Terraform makes the file system anew: copy the data with AWS Backup or DataSync first.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_42", "trivy:AWS-0037", "kics:48207659-729f-4b5c-9402-f884257d794f"},
	},
), attr.Rules("aws_ecr_repository",
	attr.Must{
		ID: "aws-ecr-scan-on-push", Path: "image_scanning_configuration.scan_on_push", Be: attr.True,
		Title:    "Images are not scanned when they are pushed",
		Why:      "Known holes in the packages of an image stay unseen until somebody uses them.",
		Remedy:   "Set `scan_on_push = true` in `image_scanning_configuration`, or scan the whole registry with `aws_ecr_registry_scanning_configuration`.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_163", "trivy:AWS-0030"},
	},
	attr.Must{
		ID: "aws-ecr-mutable-tags", Path: "image_tag_mutability", Be: attr.OneOf("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION").Rather("IMMUTABLE"),
		Title:    "Image tags can be moved",
		Why:      "Whoever may push can put another image under the tag that is deployed, and nobody sees it in the deployment.",
		Remedy:   "Set `image_tag_mutability = \"IMMUTABLE\"` and deploy tags that are never used twice.",
		Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_51", "trivy:AWS-0031", "kics:d1846b12-20c5-4d45-8798-fc35b79268eb"},
	},
	attr.Must{
		ID: "aws-ecr-kms", Path: "encryption_configuration.encryption_type", Be: attr.OneOf("KMS", "KMS_DSSE"),
		Title:    "Images are not encrypted with KMS",
		Why:      "ECR encrypts with a key that AWS keeps. With KMS, pulling takes a second permission and every use of the key is recorded.",
		Remedy:   "Add `encryption_configuration` with `encryption_type = \"KMS\"`. Terraform makes the repository anew.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_136"},
	},
), attr.Rules("aws_kinesis_stream",
	attr.Must{
		ID: "aws-kinesis-unencrypted", Path: "encryption_type", Be: attr.OneOf("KMS"), NotAlone: true,
		Title:    "Stream is not encrypted",
		Why:      "Kinesis keeps records in the clear for as long as they are retained unless a key is set.",
		Remedy:   "Set `encryption_type = \"KMS\"` and `kms_key_id = \"alias/aws/kinesis\"` or a key of your own.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_43", "trivy:AWS-0064"},
	},
))
