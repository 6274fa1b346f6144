package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// messaging holds the rules about queues, topics, brokers and functions.
var messaging = slices.Concat(attr.Rules("aws_sqs_queue",
	attr.Must{
		ID: "aws-sqs-unencrypted", Path: "sqs_managed_sse_enabled", Be: attr.NotFalse,
		If:       func(r *graph.Resource) graph.Tri { return attr.Set.Holds(r.At("kms_master_key_id")).Not() },
		Title:    "Queue is not encrypted",
		Why:      "Messages lie in the clear in the queue. SQS encrypts every queue since October 2022 unless it is switched off, and here it is.",
		Remedy:   "Remove `sqs_managed_sse_enabled = false`, or set `kms_master_key_id`.",
		Severity: analyzers.Medium,
		Same:     []string{"trivy:AWS-0096"},
	},
), attr.Rules("aws_sns_topic",
	attr.Must{
		ID: "aws-sns-unencrypted", Path: "kms_master_key_id", Be: attr.Set,
		Title:    "Topic is not encrypted",
		Why:      "Messages that wait for delivery lie in the clear on the disks of SNS.",
		Remedy:   "Set `kms_master_key_id = \"alias/aws/sns\"`, or a key of your own that the publishing services may use.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_26", "trivy:AWS-0095", "kics:28545147-2fc6-42d5-a1f9-cf226658e591"},
	},
), attr.Rules("aws_mq_broker",
	attr.Must{
		ID: "aws-mq-public", Path: "publicly_accessible", Be: attr.NotTrue,
		Title:    "Message broker has a public address",
		Why:      "Everybody can try passwords and new holes on the broker and its console.",
		Remedy:   "Remove `publicly_accessible = true` and reach the broker from inside the VPC.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_69", "trivy:AWS-0072"},
	},
), attr.Rules("aws_msk_cluster",
	attr.Must{
		ID: "aws-msk-plaintext", Path: "encryption_info.encryption_in_transit.client_broker", Be: attr.OneOfOrUnset("TLS"),
		Title:    "Kafka brokers take plain text",
		Why:      "Whoever is on the network reads the messages and the passwords of clients that do not use TLS.",
		Remedy:   "Set `client_broker = \"TLS\"`, which is the default.",
		Severity: analyzers.Medium, Precision: analyzers.VeryHighPrecision,
	},
	attr.Must{
		ID: "aws-msk-public", Path: "broker_node_group_info.connectivity_info.public_access.type", Be: attr.NoneOf("SERVICE_PROVIDED_EIPS").Rather("DISABLED"),
		Title:    "Kafka brokers have public addresses",
		Why:      "Everybody can try to log in to the brokers.",
		Remedy:   "Remove `public_access` or set its `type` to `DISABLED`.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_291", "kics:54378d69-dd7c-4b08-a43e-80d563396857"},
	},
), attr.Rules("aws_lambda_function_url",
	attr.Must{
		ID: "aws-lambda-url-public", Path: "authorization_type", Be: attr.NoneOf("NONE"),
		Title:    "Function can be called by everybody",
		Why:      "The URL runs the function for anybody who finds it, with what it may do and at your cost.",
		Remedy:   "Set `authorization_type = \"AWS_IAM\"`, or put an API Gateway with an authorizer in front. Where the function checks callers itself (a webhook's signature), ignore this with that reason.",
		Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_258"},
	},
), []*analyzers.Rule{{
	ID:        "aws-lambda-permission-public",
	Title:     "Everybody may invoke the function",
	Why:       "Any AWS account can run the function, with what it may do and at your cost.",
	Remedy:    "Name the service or account in `principal`, and `source_arn` or `source_account` with a service.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		narrow := graph.False
		for _, path := range [...]string{"source_arn", "source_account", "principal_org_id"} {
			narrow = narrow.Or(attr.Set.Holds(r.At(path)))
		}
		if r.At("function_url_auth_type").Is("NONE") == graph.True {
			return // aws-lambda-url-public says it
		}
		v := r.At("principal")
		p.ReportIf(v.Is("*").And(narrow.Not()), v, "%s is %q, which is everybody", v.Key(), v.Str())
	}, "aws_lambda_permission"),
}, {
	ID:        "aws-lambda-permission-unscoped",
	Title:     "A service may invoke the function for any account",
	Why:       "The principal is a service, and the service acts for all its customers. Somebody else's bucket, topic or API can call the function (the confused deputy).",
	Remedy:    "Set `source_arn` to the bucket, topic, rule or API that calls, or `source_account`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_364"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("principal")
		principal, known := v.Text("")
		if !known || !service(principal) {
			return
		}
		narrow := attr.Set.Holds(r.At("source_arn")).Or(attr.Set.Holds(r.At("source_account")), attr.Set.Holds(r.At("principal_org_id")))
		p.ReportIf(narrow.Not(), v, "%s is %q and neither source_arn nor source_account is set", v.Key(), principal)
	}, "aws_lambda_permission"),
}})
