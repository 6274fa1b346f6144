package aws

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const tlsWhy = "Versions before TLS 1.2 are broken: who sits on the line can read or change what is sent."

// edge holds the rules about load balancers and CloudFront.
var edge = slices.Concat([]*analyzers.Rule{{
	ID:        "aws-lb-listener-http",
	Title:     "Load balancer takes plain HTTP",
	Why:       "Who sits on the line reads passwords and sessions, and puts anything into the pages.",
	Remedy:    "Set `protocol = \"HTTPS\"` with a certificate, and let the HTTP listener do nothing but redirect to it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"checkov:CKV_AWS_2", "trivy:AWS-0054"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		protocol := r.At("protocol")
		redirects := graph.True
		for action := range r.Config.All("default_action") {
			secure := action.At("redirect.protocol").Is("HTTPS")
			redirects = redirects.And(action.At("type").Is("redirect").And(secure))
		}
		p.ReportIf(protocol.Is("HTTP").And(redirects.Not()), protocol, "%s is %q and does not redirect to HTTPS", protocol.Key(), protocol.Str())
	}, "aws_lb_listener", "aws_alb_listener"),
}, {
	ID:        "aws-lb-listener-old-tls",
	Title:     "Load balancer takes old TLS versions",
	Why:       tlsWhy,
	Remedy:    "Set `ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\"`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:AWS-0047"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		secure := r.At("protocol").Is("HTTPS", "TLS")
		policy := r.At("ssl_policy")
		text, known := policy.Text("")
		if !known {
			p.ReportIf(graph.Unsure.And(secure), policy, "ssl_policy is not known")
			return
		}
		if policy.Present() == graph.False {
			p.ReportIf(secure, policy, "ssl_policy is not set, and the default of AWS takes TLS 1.0")
			return
		}
		p.ReportIf(secure.And(graph.Of(oldPolicy(text))), policy, "%s is %q, which takes versions before TLS 1.2", policy.Key(), text)
	}, "aws_lb_listener", "aws_alb_listener"),
}}, attr.Rules("aws_lb",
	attr.Must{
		ID: "aws-lb-invalid-headers", Path: "drop_invalid_header_fields", Be: attr.True, Types: []string{"aws_alb"},
		If: func(r *graph.Resource) graph.Tri {
			return attr.OneOfOrUnset("application").Holds(r.At("load_balancer_type"))
		},
		Title:    "Load balancer passes invalid headers on",
		Why:      "Headers with odd names are how requests are smuggled past a proxy: the server behind reads them in another way than the load balancer did.",
		Remedy:   "Set `drop_invalid_header_fields = true`.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_131", "trivy:AWS-0052"},
	},
	attr.Must{
		ID: "aws-lb-deletion-protection", Path: "enable_deletion_protection", Be: attr.True, Types: []string{"aws_alb"},
		Title:    "Load balancer can be deleted by one call",
		Why:      "A wrong plan deletes the load balancer, and what stands behind it is away; its name changes when it comes back.",
		Remedy:   "Set `enable_deletion_protection = true`.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_150"},
	},
), attr.Rules("aws_cloudfront_distribution",
	attr.Must{
		ID: "aws-cloudfront-old-tls", Path: "viewer_certificate.minimum_protocol_version",
		Be:    attr.OneOf("TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
		Title: "CloudFront takes old TLS versions", Why: tlsWhy,
		Remedy:   "Set `minimum_protocol_version = \"TLSv1.2_2021\"` with a certificate of your own. With the certificate of cloudfront.net the version is always TLS 1.0.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_174", "trivy:AWS-0013", "kics:00e5e55e-c2ff-46b3-a757-a7a1cd802456"},
	},
), []*analyzers.Rule{{
	ID:        "aws-cloudfront-http",
	Title:     "CloudFront takes plain HTTP",
	Why:       "Who sits on the line reads passwords and sessions, and puts anything into the pages.",
	Remedy:    "Set `viewer_protocol_policy = \"redirect-to-https\"` in every cache behaviour.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_34", "trivy:AWS-0012", "kics:55af1353-2f62-4fa0-a8e1-a210ca2708f5"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, path := range [...]string{"default_cache_behavior", "ordered_cache_behavior"} {
			for v := range r.Config.All(path + ".viewer_protocol_policy") {
				p.ReportIf(v.Is("allow-all"), v, "%s is %q", v.Key(), v.Str()).
					Fix("Redirect to HTTPS", edit.Set(v, edit.Text("redirect-to-https")))
			}
		}
	}, "aws_cloudfront_distribution"),
}})

// oldPolicy tells whether a policy of a load balancer takes TLS 1.0 or 1.1:
// all but those that say otherwise in their names.
func oldPolicy(name string) bool {
	for _, part := range [...]string{"TLS-1-2-", "TLS13-1-2-", "TLS13-1-3-", "FS-1-2-"} {
		if strings.Contains(name, part) {
			return false
		}
	}
	return true
}
