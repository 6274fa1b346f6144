package image

import (
	"regexp"
	"strings"
	"sync"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// builds holds the rules about how an image was built, as its history tells.
var builds = []*analyzers.Rule{{
	ID:        "image-unverified-download",
	Title:     "Image was built of downloads that nobody verified",
	Why:       "The build was told not to look at certificates or signatures. Whoever sat in between could put code of their own into the image.",
	Remedy:    "Take the option out of the Dockerfile. Give the build the certificate of an inner registry or proxy, and compare downloads with a checksum.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same: []string{
		"checkov:CKV2_DOCKER_2", "checkov:CKV2_DOCKER_3", "checkov:CKV2_DOCKER_4", "checkov:CKV2_DOCKER_7", "checkov:CKV2_DOCKER_8",
		"checkov:CKV2_DOCKER_9", "checkov:CKV2_DOCKER_10", "checkov:CKV2_DOCKER_11", "checkov:CKV2_DOCKER_13", "checkov:CKV2_DOCKER_15",
	},
	Check: eachStep(func(step string) string {
		for _, form := range commands().unverified {
			if m := form.FindStringSubmatch(step); m != nil {
				return strings.TrimSpace(m[1]) + " " + strings.TrimSpace(m[2])
			}
		}
		return ""
	}, "image %q was built with %s"),
}, {
	ID:        "image-download-into-shell",
	Title:     "Image was built by a script from the network",
	Why:       "The build runs whatever the server sends that day. It may be another script for builds than for people who look at it, and nothing in the image says which one it was.",
	Remedy:    "Download a version of the script, compare it with a checksum, then run it; or install a package.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Check: eachStep(func(step string) string {
		if m := commands().intoShell.FindStringSubmatch(step); m != nil {
			return m[1]
		}
		return ""
	}, "image %q was built by a script that was downloaded with %s"),
}, {
	ID:        "image-add-from-network",
	Title:     "Image was built of a file from the network",
	Why:       "`ADD` of an address takes what is there at the time of the build and compares it with nothing.",
	Remedy:    "Use `ADD --checksum=sha256:…`, or download and compare in a `RUN` step.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Check: eachStep(func(step string) string {
		if m := commands().added.FindStringSubmatch(step); m != nil && !strings.Contains(step, "--checksum") {
			return m[1]
		}
		return ""
	}, "image %q was built of what was at %q"),
}, {
	ID:        "image-tls-off",
	Title:     "Image switches off the check of certificates",
	Why:       "The program believes every server that answers. Whoever is in between reads and changes what it sends, passwords among it.",
	Remedy:    "Take the variable out of the Dockerfile. Give the program the certificate of the authority that it does not know (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`).",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"checkov:CKV2_DOCKER_5", "checkov:CKV2_DOCKER_6", "checkov:CKV2_DOCKER_12", "checkov:CKV2_DOCKER_14", "checkov:CKV2_DOCKER_16",
	},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		env := u.At("config.env")
		for name, v := range env.Entries() {
			off, ok := unchecked[name]
			u.ReportIf(p, graph.Of(ok && off(v.Str())).And(overridden(u, name).Not()), v, "image %q sets %s to %q", u.Name, name, shortened(v.Str()))
		}
	}),
}}

// commands are what builds say that make a download unsafe. Patterns cost time
// when they are made, and most runs look at no image.
var commands = sync.OnceValue(func() (c struct {
	// unverified are options that switch off the check of certificates and
	// signatures, each with the program that takes it.
	unverified       []*regexp.Regexp
	intoShell, added *regexp.Regexp
}) {
	const end = `(?:[\s=;&|"']|$)`
	c.unverified = []*regexp.Regexp{
		regexp.MustCompile(`\b(curl)\b[^;&|]*?\s(-[fsSLOJgiv#]*k[fsSLOJgiv#]*|--insecure)` + end),
		regexp.MustCompile(`\b(wget)\b[^;&|]*?\s(--no-check-certificate)` + end),
		regexp.MustCompile(`\b(pip3?|uv)\b[^;&|]*?\s(--trusted-host)` + end),
		regexp.MustCompile(`\b(apk)\b[^;&|]*?\s(--allow-untrusted)` + end),
		regexp.MustCompile(`\b(apt-get|apt)\b[^;&|]*?\s(--allow-unauthenticated|--allow-insecure-repositories|--force-yes)` + end),
		regexp.MustCompile(`\b(yum|dnf|tdnf|microdnf)\b[^;&|]*?\s(--nogpgcheck)` + end),
		regexp.MustCompile(`\b(zypper)\b[^;&|]*?\s(--no-gpg-checks)` + end),
		regexp.MustCompile(`\b(rpm)\b[^;&|]*?\s(--nosignature|--nodigest|--noverify|--nofiledigest)` + end),
		regexp.MustCompile(`\b(npm|yarn|pnpm)\b[^;&|]*?\s(strict-ssl[ =]false)` + end),
		regexp.MustCompile(`\b(git)\b[^;&|]*?\s(?:--global |--system )?(http\.sslVerify[ =]["']?(?:false|0))` + end),
	}
	c.intoShell = regexp.MustCompile(`\b(curl|wget)\b[^|;&]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+(?:\w+=\S+\s+)*)?(?:\S*/)?(?:ba|z|da|k|a)?sh(?:[\s;&|"')]|$)`)
	c.added = regexp.MustCompile(`(?:^|\s)ADD\s+(?:--\S+\s+)*(https?://[^\s?#@]+)`)
	return c
})

// unchecked are variables that switch off the check of certificates, and the
// values that do.
var unchecked = map[string]func(string) bool{
	"NODE_TLS_REJECT_UNAUTHORIZED": func(v string) bool { return v == "0" },
	"PYTHONHTTPSVERIFY":            func(v string) bool { return v == "0" },
	"NPM_CONFIG_STRICT_SSL":        func(v string) bool { return v == "false" },
	"npm_config_strict_ssl":        func(v string) bool { return v == "false" },
	"GIT_SSL_NO_VERIFY":            func(v string) bool { return v != "" && v != "0" && v != "false" },
	"PIP_TRUSTED_HOST":             func(v string) bool { return v != "" },
}

// eachStep makes a Check of a function that looks at one step of a build and
// says what is wrong with it, "" for nothing.
func eachStep(fn func(step string) string, format string) func(*analyzers.Pass) {
	return each(func(p *analyzers.Pass, u images.Use) {
		history := u.At("history")
		for step := range history.Each() {
			if what := fn(step.At("createdBy").Str()); what != "" {
				u.Report(p, step, format, u.Name, what)
				return
			}
		}
	})
}

// overridden tells whether the container sets a variable of the image's.
func overridden(u images.Use, name string) graph.Tri {
	if !u.Contained() {
		return graph.Of(!u.Alone()).And(graph.Unsure)
	}
	env := u.Container.At("env")
	if !env.Known() {
		return graph.Unsure
	}
	set := u.Container.At("envFrom").Present().And(graph.Unsure)
	for e := range env.Each() {
		set = set.Or(e.At("name").Is(name))
	}
	return set
}
