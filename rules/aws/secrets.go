package aws

import (
	"encoding/base64"
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

var (
	accessKeyID = late.Pattern(`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`)
	secretKey   = late.Pattern(`(?i)secret_?(?:access_?)?key["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)`)
	privateKey  = late.Pattern(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----`)
)

// secrets holds the rules about credentials that are written down.
var secrets = []*analyzers.Rule{{
	ID:        "aws-provider-credentials",
	Title:     "Credentials stand in the provider block",
	Why:       "Whoever reads the repository, a fork or a backup of it has the keys, and the keys of Terraform can do nearly everything.",
	Remedy:    "Remove `access_key` and `secret_key`; use a role (`assume_role`), OpenID Connect in CI, or a profile. Then delete the key in IAM: it stays in the history.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_41"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for _, key := range [...]string{"access_key", "secret_key", "token"} {
			v := r.At(key)
			text, _ := v.Text("")
			p.ReportIf(v.Present().And(graph.Of(credential(key, text)).Or(graph.Of(!v.Known()).And(graph.Unsure))), v, "%s is written down in the provider block", v.Key())
		}
	}, "provider.aws"),
}, {
	ID:        "aws-user-data-credentials",
	Title:     "Credentials stand in the user data",
	Why:       "User data can be read by every program on the instance and by everybody who may describe instances, and it stands in the repository.",
	Remedy:    "Give the instance a role (`iam_instance_profile`) and read other secrets from Secrets Manager when it starts. Then delete the key: it stays in the history.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_46", "trivy:AWS-0029", "kics:443488f5-c734-460b-a36d-5b3f330174dc"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if r.Type == registry.CallType && !registry.Is(r, registry.Autoscaling, registry.EC2Instance) {
			return
		}
		for _, path := range [...]string{"user_data", "user_data_base64"} {
			for v := range r.Config.All(path) {
				reportSecrets(p, v)
			}
		}
	}, "aws_instance", "aws_launch_template", "aws_launch_configuration", "aws_spot_instance_request", registry.CallType),
}, {
	ID:        "aws-lambda-environment-credentials",
	Title:     "Credentials stand in the environment of a function",
	Why:       "The environment can be read by everybody who may describe the function, and it stands in the repository. The function has a role and needs no key.",
	Remedy:    "Give the rights to the function's `role`, and read other secrets from Secrets Manager. Then delete the key: it stays in the history.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_45"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for name, v := range r.At("environment.variables").Entries() {
			p.ReportIf(graph.Of(holdsCredential(name, v.Str())), v, "the variable %q holds a credential", name)
		}
	}, "aws_lambda_function"),
}}

// placeholders are keys that people write for local stacks, where any will do.
var placeholders = []string{"", "test", "mock", "fake", "foo", "dummy", "local", "localstack", "anaccesskey", "asecretkey", "mock_access_key", "mock_secret_key"}

func credential(key, text string) bool {
	if key == "access_key" {
		return accessKeyID().MatchString(text)
	}
	return len(text) >= 20 && !slices.Contains(placeholders, text)
}

// holdsCredential tells whether the value of a variable looks like a credential.
func holdsCredential(name, text string) bool {
	return accessKeyID().MatchString(text) || privateKey().MatchString(text) || secretKey().MatchString(name+"="+text)
}

// reportSecrets reports the credentials in a text at the bytes they are.
func reportSecrets(p *analyzers.Pass, v graph.Value) {
	text := v.Str()
	at := v.Part
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		text = string(decoded)
	}
	report := func(start, end int, what string) {
		place := v.Place()
		if text == v.Str() {
			place = at(start, end)
		}
		p.ReportAt(v, place, "%s holds %s", v.Key(), what)
	}
	for _, m := range accessKeyID().FindAllStringIndex(text, -1) {
		report(m[0], m[1], "an AWS access key")
	}
	for _, m := range secretKey().FindAllStringSubmatchIndex(text, -1) {
		report(m[2], m[3], "an AWS secret key")
	}
	for _, m := range privateKey().FindAllStringIndex(text, -1) {
		report(m[0], m[1], "a private key")
	}
}
