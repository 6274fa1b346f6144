package aws

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// policies holds the rules about what identities may do and who may become
// one.
var policies = []*analyzers.Rule{{
	ID:        "aws-iam-admin-policy",
	Title:     "Policy allows every action on every resource",
	Why:       "Whoever has the policy owns the account: data, keys, billing and the logs that would tell. A leaked key or a taken-over instance with it is the end of the account's security.",
	Remedy:    "Name the actions and resources that are needed. IAM Access Analyzer writes such a policy from what CloudTrail has seen. Keep full rights to a break-glass role.",
	Severity:  analyzers.Critical,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"checkov:CKV_AWS_1", "checkov:CKV_AWS_62",
		"kics:2f37c4a3-58b9-4afe-8a87-d7f1d2286f84", "kics:575a2155-6af1-4026-b1af-d5bc8fe2a904",
	},
	Check: statements(iam.Identity, func(p *analyzers.Pass, s iam.Statement) {
		at, bad := s.GrantsAll()
		p.ReportIf(bad, at, "the statement allows every action on every resource").Note(first(s.Resources(), "*"), "every resource")
	}),
}, {
	ID:        "aws-iam-wildcard-action",
	Title:     "Policy allows every action",
	Why:       "A statement with the action `*` allows what nobody thought of: to change the resource's own policy, to delete it, to hand it on.",
	Remedy:    "Name the actions that are needed, at least with the service in front, such as `s3:Get*`.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_49", "checkov:CKV_AWS_63"},
	Check: statements(iam.Identity, func(p *analyzers.Pass, s iam.Statement) {
		actions := s.Actions()
		p.ReportIf(s.Allows().And(actions.Contains("*", "*:*")), first(actions, "*", "*:*"), "the statement allows every action")
	}),
}, {
	ID:        "aws-iam-service-wildcard",
	Title:     "Policy allows every action of a service that guards others",
	Why:       "All actions of IAM, of KMS or of another service that guards the rest, on every resource, include those by which the holder becomes administrator or deletes the keys.",
	Remedy:    "Name the actions, such as `iam:GetRole`, and the resources they are needed for.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check:     wildcards(func(service string) bool { return guarding[service] }),
}, {
	ID:        "aws-iam-broad-access",
	Title:     "Policy allows every action of a service on every resource",
	Why:       "Every bucket, table or instance of the account can be read, changed and deleted by whoever gets hold of the policy, also those that are made later.",
	Remedy:    "Name the actions, such as `s3:GetObject`, or the resources they are needed for.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"trivy:AWS-0345"},
	Check:     wildcards(func(service string) bool { return !guarding[service] && !harmless[service] }),
}, {
	ID:        "aws-iam-trust-anyone",
	Title:     "Everybody may assume the role",
	Why:       "The trust policy names every principal. Anybody with any AWS account becomes this role by asking for it.",
	Remedy:    "Name the account, role or service in `Principal`. For a partner's account add a condition on `sts:ExternalId`; for an organisation one on `aws:PrincipalOrgID`.",
	Severity:  analyzers.Critical,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_AWS_60"},
	Check: statements(iam.Trust, func(p *analyzers.Pass, s iam.Statement) {
		at, public := s.Public()
		p.ReportIf(public, at, "the role can be assumed by everybody")
	}),
}, {
	ID:        "aws-iam-user-policy",
	Title:     "Policy is attached to a user",
	Why:       "Rights that hang on single users are not seen when roles and groups are reviewed, and stay when people change jobs.",
	Remedy:    "Attach the policy to a group or, better, a role that people assume through single sign-on.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_40", "trivy:AWS-0143", "kics:b4378389-a9aa-44ee-91e7-ef183f11079e"},
	Check: func(p *analyzers.Pass) {
		for r := range p.Graph.OfType("aws_iam_user_policy", "aws_iam_user_policy_attachment") {
			p.Look(1)
			f := p.Report(r.Config, "a policy is attached to a user")
			for e := range p.Graph.Out(r, graph.References) {
				if e.To.Type == "aws_iam_user" {
					f.Note(e.To.Config, "the user")
				}
			}
		}
		for r := range p.Graph.OfType("aws_iam_policy_attachment") {
			p.Look(1)
			users := r.At("users")
			p.ReportIf(attr.Set.Holds(users), users, "%s attaches the policy to single users", users.Key())
		}
	},
}, {
	ID:        "aws-iam-administrator-access",
	Title:     "The AdministratorAccess policy is attached",
	Why:       "Whoever has the policy owns the account. Attached to a role of a program it turns every hole in the program into the loss of the account.",
	Remedy:    "Attach a policy with the rights that are needed. Keep AdministratorAccess to a break-glass role.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_274"},
	Check: func(p *analyzers.Pass) {
		for _, at := range []struct{ typ, path string }{
			{"aws_iam_role", "managed_policy_arns"}, {"aws_iam_policy_attachment", "policy_arn"},
			{"aws_iam_role_policy_attachment", "policy_arn"}, {"aws_iam_user_policy_attachment", "policy_arn"},
			{"aws_iam_group_policy_attachment", "policy_arn"}, {"aws_ssoadmin_managed_policy_attachment", "managed_policy_arn"},
			{"aws_iam_role_policy_attachments_exclusive", "policy_arns"},
		} {
			for r := range p.Graph.OfType(at.typ) {
				p.Look(1)
				for v := range iam.Texts(r.At(at.path)) {
					s, known := v.Text("")
					bad := graph.Of(strings.HasPrefix(s, "arn:") && strings.HasSuffix(s, ":iam::aws:policy/AdministratorAccess"))
					if !known && len(v.Refs()) == 0 { // a policy of the project's own is not this one
						bad = graph.Unsure
					}
					p.ReportIf(bad, v, "%q is attached", s)
				}
			}
		}
	},
}}

// guarding are the services whose actions decide about all others.
var guarding = map[string]bool{"iam": true, "kms": true, "organizations": true, "sts": true, "secretsmanager": true, "sso": true}

// harmless are the services that hold nothing but what programs report.
var harmless = map[string]bool{"": true, "*": true, "cloudwatch": true, "logs": true, "xray": true, "ec2messages": true, "ssmmessages": true}

// wildcards makes a Check for statements that allow all actions of some
// services on every resource, on no condition.
func wildcards(of func(service string) bool) func(*analyzers.Pass) {
	return statements(iam.Identity, func(p *analyzers.Pass, s iam.Statement) {
		wild := s.Resources().Contains("*").And(s.Allows(), s.Conditional().Not())
		for v := range iam.Texts(s.Actions()) {
			text, known := v.Text("")
			if !known {
				p.ReportIf(graph.Unsure.And(wild), v, "the statement may allow every action of a service")
				continue
			}
			service, action, _ := strings.Cut(strings.ToLower(text), ":")
			p.ReportIf(graph.Of(action == "*" && of(service)).And(wild), v, "the statement allows %q on every resource", text)
		}
	})
}

// statements makes a Check of a function that looks at every statement of the
// policies of one kind. A policy that cannot be seen is counted as unsure.
func statements(kind iam.Kind, fn func(*analyzers.Pass, iam.Statement)) func(*analyzers.Pass) {
	return analyzers.Each(iam.Documents, func(p *analyzers.Pass, d *iam.Document) {
		is := d.Is(kind)
		if is == graph.False {
			return
		}
		if is == graph.Unsure || !d.Known() {
			p.ReportIf(graph.Unsure, d.Value, "the policy is not known")
			return
		}
		for s := range d.Statements() {
			fn(p, s)
		}
	})
}

// first is the first item that is one of the texts, else the value itself.
func first(v graph.Value, texts ...string) graph.Value {
	for item := range iam.Texts(v) {
		if item.Is(texts...) == graph.True {
			return item
		}
	}
	return v
}
