package image

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// origin holds the rules about where an image comes from and who vouches for
// it.
var origin = []*analyzers.Rule{{
	ID:        "image-not-signed",
	Title:     "Image is not signed by a key that is trusted",
	Why:       "Whoever may push to the registry decides what runs. A signature with a key that only the build has keeps a moved tag or a stolen account out.",
	Remedy:    "Sign the image in the build (`cosign sign --key …`), and give the public key with `--image-key`. Let `seaworthy-keyless` check keyless signatures, and give what it writes with `--image-verified`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0237"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		v := u.At("signature.state")
		switch v.Str() {
		case "none":
			u.Report(p, v, "image %q has no signature", u.Name)
		case "keyless":
			u.Report(p, v, "image %q has keyless signatures only, none by a key given", u.Name)
		}
	}),
}, {
	ID:        "image-signature-invalid",
	Title:     "Signature of the image is by no key that is trusted",
	Why:       "Somebody signed, and it was none of those who should: the image was exchanged, its signature was taken from another one, or the key is no longer the one in use.",
	Remedy:    "Find out who built and signed the image before it runs again. If the key is new, give the new public key with `--image-key`; if the signature is keyless, hold its identity and issuer against those that `seaworthy-keyless` was told.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0236"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		v := u.At("signature.state")
		if v.Str() == "invalid" {
			u.Report(p, v, "image %q has signatures, and none that verifies: %s", u.Name, u.At("signature.detail").Str())
		}
	}),
}, {
	ID:        "image-labels-missing",
	Title:     "Image does not say where it comes from",
	Why:       "When it breaks or has a hole, nobody finds the source and the commit that it was built from.",
	Remedy:    "Set the labels in the build: `docker buildx build --label org.opencontainers.image.revision=$(git rev-parse HEAD) …`. The parameter `labels` lists those that are wanted.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Params:    &Labels{Labels: []string{"org.opencontainers.image.source", "org.opencontainers.image.revision"}},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		labels := u.At("config.labels")
		var missing []string
		for _, name := range analyzers.ParamsOf[Labels](p).Labels {
			if labels.Get(name).Str() == "" {
				missing = append(missing, name)
			}
		}
		u.ReportIf(p, some(missing), labels, "image %q lacks the labels %s", u.Name, listed(missing)).Collect(missing)
	}),
}, {
	ID:        "image-base-unnamed",
	Title:     "Image does not say what it is built on",
	Why:       "When its base gets a fix, nobody knows which images to build anew.",
	Remedy:    "Set the labels `org.opencontainers.image.base.name` and `org.opencontainers.image.base.digest` in the build.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		v := u.At("config.labels").Get("org.opencontainers.image.base.name")
		// Without a distribution there is no base that gets fixes.
		built := u.At("os.id").Present().Or(u.Whole().Not().And(graph.Unsure))
		u.ReportIf(p, graph.Of(v.Str() == "").And(built), v, "image %q has no label %s", u.Name, "org.opencontainers.image.base.name")
	}),
}}

// Labels are the parameters of image-labels-missing.
type Labels struct {
	Labels []string `doc:"Labels that images must have."`
}
