package image

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/credential"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// secrets holds the rules about what an image gives away to whoever may pull
// it.
var secrets = []*analyzers.Rule{{
	ID:        "image-secret-in-env",
	Title:     "Image has a secret in its environment",
	Why:       "Whoever may pull the image reads it, and so does every program in the container. It stays in the registry and on nodes when a later image is without it.",
	Remedy:    "Take the variable out of the Dockerfile and give it to the container from a Secret. Replace the secret: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:DS-0031"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		env := u.At("config.env")
		names := secretsIn(env)
		u.ReportIf(p, some(names), env, "image %q has secrets in its environment: %s", u.Name, listed(names)).Collect(names)
	}),
}, {
	ID:        "image-secret-in-label",
	Title:     "Image has a secret in a label",
	Why:       "Labels are shown by every tool and kept by every registry. Whoever may pull the image reads them without even that.",
	Remedy:    "Take the label out of the build. Replace the secret: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		labels := u.At("config.labels")
		names := secretsIn(labels)
		u.ReportIf(p, some(names), labels, "image %q has secrets in labels: %s", u.Name, listed(names)).Collect(names)
	}),
}, {
	ID:        "image-secret-in-history",
	Title:     "Image tells a secret in its history",
	Why:       "An image keeps the commands that built it, with build arguments and what was written on their lines. Whoever may pull the image reads them; that a later step removes a file does not help.",
	Remedy:    "Hand secrets to the build with `RUN --mount=type=secret`, which leaves nothing behind. Replace the secret: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:DS-0031"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		history := u.At("history")
		env := secretsIn(u.At("config.env")) // told by image-secret-in-env
		var names []string
		for step := range history.Each() {
			for _, name := range told(step.At("createdBy").Str()) {
				if !slices.Contains(env, name) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		u.ReportIf(p, some(names), history, "image %q tells secrets in its history: %s", u.Name, listed(names)).Collect(names)
	}),
}, {
	ID:        "image-private-key",
	Title:     "Image holds a private key",
	Why:       "Whoever may pull the image has the key, and can be whatever it stands for: a server, a user of a machine, a signer.",
	Remedy:    "Take the file out of the build, not only in a later step, which leaves it in the layer below. Mount a Secret where the program needs it, and replace the key: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		files, found := u.Found("privateKeys")
		u.ReportIf(p, found, u.At("files.privateKeys"), "image %q holds private keys: %s", u.Name, listed(files)).Collect(files)
	}),
}}

// secretsIn are the keys of a map whose values are secrets.
func secretsIn(pairs graph.Value) []string {
	var names []string
	for name, v := range pairs.Entries() {
		if _, ok := credential.In(name, v.Str()); ok {
			names = append(names, name)
		}
	}
	return names
}
