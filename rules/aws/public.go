package aws

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A public is a row: a resource whose policy must not let everybody in.
type public struct {
	id, noun, why string
	severity      analyzers.Severity
	types, same   []string
}

// publicPolicies holds the rules about who may use a resource.
var publicPolicies = publicRules(
	public{
		id: "aws-s3-policy-public", noun: "bucket", severity: analyzers.Critical,
		why:   "Everybody on the Internet may do to the bucket what the statement allows. Open buckets are found by scanners within hours.",
		types: []string{"aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_access_point", registry.S3Bucket},
		same:  []string{"checkov:CKV_AWS_70"},
	},
	public{
		id: "aws-kms-policy-public", noun: "key", severity: analyzers.Critical,
		why:   "Everybody with an AWS account may use the key as the statement allows. Data encrypted with it is then protected by nothing but the policy of the place it lies in.",
		types: []string{"aws_kms_key", "aws_kms_key_policy", "aws_kms_external_key", "aws_kms_replica_key"},
		same:  []string{"checkov:CKV_AWS_33"},
	},
	public{
		id: "aws-sqs-policy-public", noun: "queue", severity: analyzers.High,
		why:   "Everybody may read from or write to the queue. What reads it takes strangers' messages for those of your own programs.",
		types: []string{"aws_sqs_queue", "aws_sqs_queue_policy", registry.SQS},
		same:  []string{"checkov:CKV_AWS_168", "checkov:CKV_AWS_387"},
	},
	public{
		id: "aws-sns-policy-public", noun: "topic", severity: analyzers.High,
		why:   "Everybody may publish to the topic or subscribe to it and read along.",
		types: []string{"aws_sns_topic", "aws_sns_topic_policy"},
		same:  []string{"checkov:CKV_AWS_169"},
	},
	public{
		id: "aws-ecr-policy-public", noun: "repository", severity: analyzers.High,
		why:   "Everybody with an AWS account may pull the images, with the code and often the secrets in them, or push images that you will run.",
		types: []string{"aws_ecr_repository_policy"},
		same:  []string{"trivy:AWS-0032", "kics:e86e26fc-489e-44f0-9bcd-97305e4ba69a"},
	},
	public{
		id: "aws-secret-policy-public", noun: "secret", severity: analyzers.Critical,
		why:   "Everybody with an AWS account may read the secret.",
		types: []string{"aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"},
		same:  []string{"kics:fa00ce45-386d-4718-8392-fb485e1f3c5b"},
	},
	public{
		id: "aws-search-policy-public", noun: "search domain", severity: analyzers.High,
		why:   "Everybody who can reach the domain's endpoint may read and change the indexes. Open search clusters are emptied for ransom.",
		types: []string{"aws_elasticsearch_domain", "aws_elasticsearch_domain_policy", "aws_opensearch_domain", "aws_opensearch_domain_policy"},
		same:  []string{"kics:16c4216a-50d3-4785-bfb2-4adb5144a8ba"},
	},
	public{
		id: "aws-efs-policy-public", noun: "file system", severity: analyzers.Medium,
		why:   "Every client that reaches a mount target may mount the file system, with no identity asked for.",
		types: []string{"aws_efs_file_system_policy"},
		same:  []string{"kics:fae52418-bb8b-4ac2-b287-0b9082d6a3fd"},
	},
	public{
		id: "aws-glacier-policy-public", noun: "vault", severity: analyzers.High,
		why:   "Everybody may do to the archives what the statement allows.",
		types: []string{"aws_glacier_vault"},
		same:  []string{"checkov:CKV_AWS_167"},
	},
	public{
		id: "aws-glue-policy-public", noun: "data catalogue", severity: analyzers.High,
		why:   "Everybody with an AWS account may read or change the catalogue, and through it learn where which data lies.",
		types: []string{"aws_glue_resource_policy"},
	},
)

func publicRules(rows ...public) []*analyzers.Rule {
	var rules []*analyzers.Rule
	for _, row := range rows {
		types := map[string]bool{}
		for _, t := range row.types {
			types[t] = true
		}
		rules = append(rules, &analyzers.Rule{
			ID:        row.id,
			Title:     "Policy of the " + row.noun + " lets everybody in",
			Why:       row.why,
			Remedy:    "Name accounts, roles or services in `Principal`, or add a condition that only your own requests meet: `aws:PrincipalOrgID`, `aws:SourceArn`, `aws:SourceAccount` or `aws:SourceVpce`.",
			Severity:  row.severity,
			Precision: analyzers.HighPrecision,
			Same:      row.same,
			Check: analyzers.Each(iam.Documents, func(p *analyzers.Pass, d *iam.Document) {
				for _, u := range d.Uses {
					if types[u.Type()] {
						reportPublic(p, d, u, row.noun)
						return
					}
				}
			}),
		})
	}
	return rules
}

func reportPublic(p *analyzers.Pass, d *iam.Document, u iam.Use, noun string) {
	if !d.Known() {
		p.ReportIf(graph.Unsure, u.At, "the policy is not known")
		return
	}
	for s := range d.Statements() {
		at, public := s.Public()
		if public == graph.False {
			continue
		}
		f := p.ReportIf(public, at, "the statement lets everybody use the %s", noun)
		if u.Resource != d.Resource() {
			f.Note(u.At, "the policy is used here")
		}
	}
}
