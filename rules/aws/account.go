package aws

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
)

const guessed = "Passwords of IAM users open the console to whoever guesses or finds them."

// account holds the rules about the password policy of an account. They are
// strict: people should come in through single sign-on and have no such
// password.
var account = attr.Rules("aws_iam_account_password_policy",
	attr.Must{
		ID: "aws-iam-password-length", Path: "minimum_password_length", Be: attr.AtLeast(14, 6),
		Title: "Passwords may be short", Why: guessed + " Length is what makes guessing hard.",
		Remedy:   "Set `minimum_password_length = 14` or more.",
		Severity: analyzers.Medium, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_10", "trivy:AWS-0063", "kics:1bc1c685-e593-450e-88fb-19db4c82aa1d"},
	},
	attr.Must{
		ID: "aws-iam-password-reuse", Path: "password_reuse_prevention", Be: attr.AtLeast(24, 0),
		Title: "Old passwords may be used again", Why: guessed + " One that leaked comes back.",
		Remedy:   "Set `password_reuse_prevention = 24`.",
		Severity: analyzers.Low, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_13", "kics:89806cdc-9c2e-4bd1-a0dc-53f339bcfb2a"},
	},
	attr.Must{
		ID: "aws-iam-password-age", Path: "max_password_age", Be: attr.AtMost(90, 1e9),
		Title:    "Passwords never expire",
		Why:      guessed + " Benchmarks ask for a new one every 90 days; newer advice is to change it when it leaked and to ask for a second factor.",
		Remedy:   "Set `max_password_age = 90` if your benchmark asks for it.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_9", "trivy:AWS-0062", "kics:ce60d060-efb8-4bfd-9cf7-ff8945d00d90"},
	},
	attr.Must{
		ID: "aws-iam-password-symbols", Path: "require_symbols", Be: attr.True,
		Title: "Passwords need no symbols", Why: guessed,
		Remedy:   "Set `require_symbols = true`.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_14", "trivy:AWS-0060"},
	},
	attr.Must{
		ID: "aws-iam-password-numbers", Path: "require_numbers", Be: attr.True,
		Title: "Passwords need no digits", Why: guessed,
		Remedy:   "Set `require_numbers = true`.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_12", "trivy:AWS-0059", "kics:0df2ce76-ba56-445a-89f8-5ba34b7fafe3"},
	},
	attr.Must{
		ID: "aws-iam-password-uppercase", Path: "require_uppercase_characters", Be: attr.True,
		Title: "Passwords need no capitals", Why: guessed,
		Remedy:   "Set `require_uppercase_characters = true`.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_15", "trivy:AWS-0061", "kics:2c3d4ghwt-e5f6-7890-ab12-cd34ef567890"},
	},
	attr.Must{
		ID: "aws-iam-password-lowercase", Path: "require_lowercase_characters", Be: attr.True,
		Title: "Passwords need no small letters", Why: guessed,
		Remedy:   "Set `require_lowercase_characters = true`.",
		Severity: analyzers.Info, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_11", "trivy:AWS-0058", "kics:a1b2c3d4-e5f6-7890-ab12-cd34ef567890"},
	},
)
