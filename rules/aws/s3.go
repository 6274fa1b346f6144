package aws

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/analyzers/s3"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// buckets holds the rules about how a bucket keeps its objects.
var buckets = []*analyzers.Rule{{
	ID:        "aws-s3-versioning",
	Title:     "Bucket does not keep old versions",
	Why:       "Without versions, a deleted or overwritten object is gone. A wrong script, a bad deployment or somebody who encrypts the bucket for ransom destroys data with ordinary write access.",
	Remedy:    "Add an `aws_s3_bucket_versioning` resource for the bucket with `status = \"Enabled\"` (before version 4 of the provider: a `versioning` block with `enabled = true`), and a lifecycle rule that expires old versions.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"checkov:CKV_AWS_21", "trivy:AWS-0090", "kics:568a4d22-3517-44a6-a7ad-6a7eed88722c"},
	Check: analyzers.Each(s3.Buckets, func(p *analyzers.Pass, b *s3.Bucket) {
		parts := b.Part("versioning")
		for _, part := range parts {
			status := part.At("versioning_configuration.status")
			p.ReportIf(status.Is("Enabled").Not(), status, "versioning of the bucket is not Enabled").Note(b.Config, "the bucket")
		}
		if len(parts) == 0 {
			enabled := b.At("versioning.enabled")
			on := enabled.Bool(false).Or(b.At("versioning.status").Is("Enabled", "enabled", "true")) // the module takes both
			p.ReportIf(on.Or(b.Has("versioning")).Not(), enabled, "versioning is not enabled")
		}
	}),
}, {
	ID:        "aws-s3-access-logging",
	Title:     "Bucket does not log access",
	Why:       "When data leaks, the access log of the bucket is what tells who read which object. It cannot be had afterwards.",
	Remedy:    "Add an `aws_s3_bucket_logging` resource for the bucket that names another bucket as `target_bucket`, or record data events with CloudTrail.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_18", "trivy:AWS-0089", "kics:f861041c-8c9f-4156-acfc-5e6e524f5884"},
	Check: analyzers.Each(s3.Buckets, func(p *analyzers.Pass, b *s3.Bucket) {
		logged := attr.Set.Holds(b.At("logging")).Or(b.Has("logging"), b.HoldsLogs())
		p.ReportIf(logged.Not(), b.Config, "access to the bucket is not logged")
	}),
}, {
	ID:        "aws-s3-customer-key",
	Title:     "Bucket is not encrypted with a key of your own",
	Why:       "Since January 2023 S3 encrypts every object, with a key that S3 itself keeps. With a KMS key of your own, reading an object takes a second permission, every use of the key is recorded, and the key can be withdrawn.",
	Remedy:    "Add an `aws_s3_bucket_server_side_encryption_configuration` resource with `sse_algorithm = \"aws:kms\"` and the `kms_master_key_id` of your key.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_145", "trivy:AWS-0132"},
	Check: analyzers.Each(s3.Buckets, func(p *analyzers.Pass, b *s3.Bucket) {
		if b.HoldsLogs() == graph.True {
			return // S3 delivers access logs to no bucket with another key than its own
		}
		const block = "apply_server_side_encryption_by_default"
		parts := b.Part("server_side_encryption_configuration")
		for _, part := range parts {
			reportNoKey(p, part.At("rule").At(block), b)
		}
		if len(parts) > 0 {
			return
		}
		if b.Has("server_side_encryption_configuration") == graph.Unsure {
			p.ReportIf(graph.Unsure, b.Config, "the bucket may not be encrypted with a key of your own")
			return
		}
		reportNoKey(p, b.At("server_side_encryption_configuration.rule").At(block), b)
	}),
}, {
	ID:        "aws-s3-policy-plaintext",
	Title:     "Bucket policy takes requests in plain text",
	Why:       "S3 answers plain HTTP as well. A client that uses it sends objects, and signatures that can be used again for minutes, in the clear.",
	Remedy:    "Add a statement that denies `s3:*` to everybody on the bucket and its objects under the condition `Bool`, `aws:SecureTransport`, `false`.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:4bc4dd4c-7d8d-405e-a0fb-57fa4c31b4d9"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if r.Type == registry.CallType && !registry.Is(r, registry.S3Bucket) {
			return
		}
		if r.At("attach_deny_insecure_transport_policy").Bool(false) == graph.True {
			return // the module adds the statement
		}
		policy := r.At("policy")
		if policy.Present() == graph.False {
			return
		}
		denied, allowed := graph.False, graph.True // plain text is denied; what is allowed is encrypted
		for d := range iam.Of(p.Graph, r, iam.Resource) {
			if !d.Known() {
				allowed = allowed.And(graph.Unsure)
			}
			for s := range d.Statements() {
				encrypted := s.Encrypted()
				denied = denied.Or(graph.Of(s.Allows() == graph.False && encrypted == graph.False))
				allowed = allowed.And(graph.Of(s.Allows() == graph.True && encrypted == graph.True))
			}
		}
		p.ReportIf(denied.Or(allowed).Not(), policy, "%s does not deny requests in plain text", policy.Key())
	}, "aws_s3_bucket", "aws_s3_bucket_policy", registry.CallType),
}}

func reportNoKey(p *analyzers.Pass, v graph.Value, b *s3.Bucket) {
	key, algorithm := v.At("kms_master_key_id"), v.At("sse_algorithm")
	if algorithm.Present() == graph.False {
		p.ReportIf(graph.True, algorithm, "the bucket has no encryption with a key of your own").Note(b.Config, "the bucket")
		return
	}
	own := algorithm.Is("aws:kms", "aws:kms:dsse")
	text, known := algorithm.Text("")
	if own == graph.True || !known {
		p.ReportIf(attr.Set.Holds(key).And(key.Is("alias/aws/s3").Not()).Not().And(own), key, "kms_master_key_id names no key of your own").Note(b.Config, "the bucket")
		return
	}
	p.Report(algorithm, "%s is %q, which is a key that S3 keeps", algorithm.Key(), text).Note(b.Config, "the bucket")
}

// accessBlock is the prose that the four settings share.
const (
	accessBlockWhy    = " An aws_s3_bucket_public_access_block that leaves the setting out switches it off, although S3 has all four on for every new bucket since April 2023."
	accessBlockRemedy = "Set all four to `true` in the `aws_s3_bucket_public_access_block`: `block_public_acls`, `block_public_policy`, `ignore_public_acls` and `restrict_public_buckets`. Serve public content through CloudFront."
)

var bucketAccess = append(attr.Rules("aws_s3_bucket_public_access_block",
	attr.Must{
		ID: "aws-s3-block-public-acls", Path: "block_public_acls", Be: attr.True, Modules: []string{registry.S3Bucket},
		Title:    "Bucket accepts public ACLs",
		Why:      "Whoever may write an object can publish it with an ACL." + accessBlockWhy,
		Remedy:   accessBlockRemedy,
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_53", "trivy:AWS-0086", "kics:d0cc8694-fcad-43ff-ac86-32331d7e867f"},
	},
	attr.Must{
		ID: "aws-s3-block-public-policy", Path: "block_public_policy", Be: attr.True, Modules: []string{registry.S3Bucket},
		Title:    "Bucket accepts a public policy",
		Why:      "One mistaken principal in the bucket's policy and the whole Internet reads the bucket." + accessBlockWhy,
		Remedy:   accessBlockRemedy,
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_54", "trivy:AWS-0087", "kics:1a4bc881-9f69-4d44-8c9a-d37d08f54c50"},
	},
	attr.Must{
		ID: "aws-s3-ignore-public-acls", Path: "ignore_public_acls", Be: attr.True, Modules: []string{registry.S3Bucket},
		Title:    "Bucket honours public ACLs",
		Why:      "Objects that once got a public ACL stay public, also when new ones are refused." + accessBlockWhy,
		Remedy:   accessBlockRemedy,
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_55", "trivy:AWS-0091", "kics:4fa66806-0dd9-4f8d-9480-3174d39c7c91"},
	},
	attr.Must{
		ID: "aws-s3-restrict-public-buckets", Path: "restrict_public_buckets", Be: attr.True, Modules: []string{registry.S3Bucket},
		Title:    "Bucket with a public policy is open to strangers",
		Why:      "If the bucket has or gets a public policy, everybody in every account can use it; with the setting only the own account and AWS services can." + accessBlockWhy,
		Remedy:   accessBlockRemedy,
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_56", "trivy:AWS-0093", "kics:1ec253ab-c220-4d63-b2de-5b40e0af9293"},
	},
), []*analyzers.Rule{{
	ID:        "aws-s3-no-public-access-block",
	Title:     "Bucket has no public access block",
	Why:       "Nothing in the configuration keeps the bucket from becoming public. Buckets made since April 2023 start with a block, but older ones do not, and nothing puts it back when somebody takes it away in the console.",
	Remedy:    "Add an `aws_s3_bucket_public_access_block` for the bucket with all four settings `true`, or an `aws_s3_account_public_access_block` for the account.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:AWS-0094"},
	Check: analyzers.Each(s3.Buckets, func(p *analyzers.Pass, b *s3.Bucket) {
		if b.Type == registry.CallType {
			return // the module makes one
		}
		account := anyOf(p.Graph, b.Root, "aws_s3_account_public_access_block", func(r *graph.Resource) graph.Tri {
			return r.At("block_public_acls").Bool(false).And(r.At("block_public_policy").Bool(false))
		})
		p.ReportIf(b.Has("public_access_block").Or(account).Not(), b.Config, "no aws_s3_bucket_public_access_block is for this bucket")
	}),
}, {
	ID:        "aws-s3-public-acl",
	Title:     "Bucket is public through its ACL",
	Why:       "The ACL lets the whole Internet, or everybody with any AWS account, list or read the bucket; with public-read-write they also fill and overwrite it. Scanners find such buckets within hours.",
	Remedy:    "Set `acl = \"private\"` or remove the ACL, and add an `aws_s3_bucket_public_access_block`. Serve public content through CloudFront with an origin access control.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"checkov:CKV_AWS_20", "trivy:AWS-0092",
		"kics:38c5ee0d-7f22-4260-ab72-5073048df100", "kics:57b9893d-33b1-4419-bcea-a717ea87e139",
	},
	Check: func(p *analyzers.Pass) {
		owner := map[*graph.Resource]*s3.Bucket{}
		for _, b := range s3.Buckets.Of(p.Graph) {
			p.Look(1)
			reportACL(p, b.Resource)
			for _, part := range b.Part("acl") {
				owner[part] = b
			}
		}
		for part := range p.Graph.OfType("aws_s3_bucket_acl") {
			b := owner[part]
			for _, f := range reportACL(p, part) {
				if b != nil {
					f.Note(b.Config, "the bucket")
				}
			}
		}
	},
}}...)

// groups are the grantees that stand for strangers.
var groups = []string{
	"http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
	"https://acs.amazonaws.com/groups/global/AllUsers", "https://acs.amazonaws.com/groups/global/AuthenticatedUsers",
}

func reportACL(p *analyzers.Pass, r *graph.Resource) (found []*analyzers.Finding) {
	acl := r.At("acl")
	public := acl.Is("public-read", "public-read-write", "authenticated-read", "website")
	found = append(found, p.ReportIf(public, acl, "%s is %q, which is public", acl.Key(), acl.Str()))
	for _, path := range [...]string{"grant.uri", "access_control_policy.grant.grantee.uri"} {
		for uri := range r.Config.All(path) {
			found = append(found, p.ReportIf(uri.Is(groups...), uri, "a grant is for %q", uri.Str()))
		}
	}
	return found
}
