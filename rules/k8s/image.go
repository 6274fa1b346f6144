package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// imageNames holds the rules about what containers run and where it comes from.
var imageNames = []*analyzers.Rule{{
	ID:        "k8s-image-latest",
	Title:     "Image has the tag latest or none",
	Why:       "What runs is whatever was pushed last when a node happened to pull. Pods of one Deployment differ, there is nothing to roll back to, and nobody sees in review that the program changed.",
	Remedy:    "Name a version, as in `nginx:1.27.3`, or better a digest, `nginx:1.27.3@sha256:…`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same: []string{
		"checkov:CKV_K8S_14", "trivy:KSV-0013", "kube-linter:latest-tag", "kube-score:container-image-tag",
		"polaris:tagNotSpecified", "kubeaudit:ImageTagMissing", "kubescape:C-0304",
		"kics:583053b7-e632-46f0-b989-f81ff8045385", "kics:e76cca7c-c3f9-4fc9-884c-b2831168ebd8",
	},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		switch {
		case i.Floats() && i.Tag == "":
			p.Report(v, "image %q of container %q has no tag, which means latest", v.Str(), c.Name())
		case i.Floats():
			p.ReportAt(v, v.Part(i.TagStart, i.TagEnd), "image %q of container %q has the tag latest", v.Str(), c.Name())
		}
	}),
}, {
	ID:        "k8s-image-not-pinned",
	Title:     "Image is not pinned by digest",
	Why:       "A tag can be moved. Whoever gets into the registry, or the account that pushes to it, runs code in the cluster under a name that was reviewed.",
	Remedy:    "Add the digest behind the tag: `nginx:1.27.3@sha256:…`. With `--images` the registry is asked for it. Renovate and Dependabot keep both up to date.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"checkov:CKV_K8S_43", "kubescape:C-0306",
		"kics:7c81d34c-8e5a-402b-9798-9f442630e678", "kics:228c4c19-feeb-4c18-848c-800ac70fdfb7",
	},
	Fix: analyzers.Unsafe,
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		if i.Digest != "" {
			return
		}
		image, read := images.Of(p.Graph, c)
		digest := ""
		if read {
			digest = image.Pin()
		}
		if digest == "" {
			p.Report(v, "image %q of container %q has no digest", v.Str(), c.Name())
			return
		}
		f := image.Report(p, v, "image %q of container %q has no digest; it was %s when the image was read", v.Str(), c.Name(), digest)
		if i.Tag != "" {
			f.Fix("Pin the image to the digest it has", edit.Replace(v, i.TagStart, i.TagEnd, i.Tag+"@"+digest))
			return
		}
		f.Fix("Pin the image to the digest it has", edit.Replace(v, 0, len(v.Str()), v.Str()+"@"+digest))
	}),
}, {
	ID:        "k8s-image-pull-policy",
	Title:     "Image is not pulled anew for every start",
	Why:       "A node that has the image starts it without asking the registry: an old build under a moved tag, or a private image for a pod that has no right to pull it.",
	Remedy:    "Set `imagePullPolicy: Always`. The layers are only fetched when they changed. Or pin the image by digest.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"checkov:CKV_K8S_15", "kube-score:container-image-pull-policy", "polaris:pullPolicyNotAlways",
		"kics:caa3479d-885d-4882-9aac-95e5e78ef5c2", "kics:aa737abf-6b1d-4aba-95aa-5c160bd7f96e",
	},
	Fix: analyzers.Unsafe,
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		policy := c.At("imagePullPolicy")
		always := policy.Is("Always").Or(policy.Present().Not().And(graph.Of(i.Floats())))
		bad := always.Not().And(graph.Of(i.Digest == ""))
		if policy.Present() == graph.False {
			p.ReportIf(bad, policy, "container %q does not set %s", c.Name(), policy.Key()).Fix(pullAlways, edit.Set(policy, edit.Text("Always")))
			return
		}
		p.ReportIf(bad, policy, "%s of container %q is %q", policy.Key(), c.Name(), policy.Str()).Fix(pullAlways, edit.Set(policy, edit.Text("Always")))
	}),
}, {
	ID:        "k8s-image-stale",
	Title:     "Image with the tag latest is not pulled anew",
	Why:       "Every node keeps the latest it pulled first. Pods of one Deployment run different builds, and a fix does not reach nodes that have an old one.",
	Remedy:    "Name a version or a digest. Until then remove `imagePullPolicy`: for the tag latest the default is `Always`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubescape:C-0075"},
	Fix:       analyzers.Unsafe,
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		policy := c.At("imagePullPolicy")
		p.ReportIf(policy.Is("IfNotPresent", "Never").And(graph.Of(i.Floats())), policy,
			"%s of container %q is %q for the image %q", policy.Key(), c.Name(), policy.Str(), v.Str()).Fix(pullAlways, edit.Set(policy, edit.Text("Always")))
	}),
}, {
	ID:        "k8s-image-retired-registry",
	Title:     "Image comes from a registry that is no longer served",
	Why:       "The registry gets no new images and no fixes, and what is left of it can go away at any time: pods then do not start on new nodes.",
	Remedy:    "Use `registry.k8s.io` for images of the Kubernetes project (`k8s.gcr.io`, `gcr.io/google_containers`), and the present home of the others.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubescape:C-0253"},
	Fix:       analyzers.Unsafe,
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		retired := i.Registry == "k8s.gcr.io" || i.Registry == "gcr.io" && strings.HasPrefix(i.Path, "google_containers/") ||
			strings.HasSuffix(i.Registry, ".k8s.gcr.io") || i.Registry == "docker.pkg.github.com"
		if retired {
			f := p.ReportAt(v, v.Part(0, len(i.Registry)), "image %q of container %q comes from %s", v.Str(), c.Name(), i.Registry)
			switch old := i.Registry + "/"; {
			case i.Registry == "gcr.io":
				old += "google_containers/"
				fallthrough
			case strings.HasSuffix(i.Registry, "k8s.gcr.io"):
				f.Fix("Use registry.k8s.io", edit.Replace(v, 0, len(old), "registry.k8s.io/"))
			}
		}
	}),
}, {
	ID:        "k8s-tiller",
	Title:     "Tiller runs in the cluster",
	Why:       "Tiller, the server of Helm 2, does what anybody in the cluster asks of it, mostly with the rights of cluster-admin. It has had no fixes since 2020.",
	Remedy:    "Move to Helm 3, which needs no server (`helm 2to3 convert`), and delete Tiller with its account.",
	Severity:  analyzers.Critical,
	Precision: analyzers.HighPrecision,
	Same: []string{
		"checkov:CKV_K8S_34", "trivy:KSV-0102",
		"kics:6d173be7-545a-46c6-a81d-2ae52ed1605d", "kics:ca2fba76-c1a7-4afd-be67-5249f861cb0e",
	},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		name := i.Path[strings.LastIndexByte(i.Path, '/')+1:]
		p.ReportIf(graph.Of(name == "tiller"), v, "container %q runs the image %q", c.Name(), v.Str())
	}),
}}

const pullAlways = "Set imagePullPolicy to Always"

// eachImage makes a Check of a function that looks at one container's image.
// One that is not known, or that another tool fills in, is left out.
func eachImage(fn func(*analyzers.Pass, workload.Container, graph.Value, workload.Image)) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("image")
		text := v.Str()
		if !v.Known() || workload.Templated(text) {
			p.ReportIf(graph.Unsure, v, "image of container %q is not known", c.Name())
			return
		}
		if text != "" {
			fn(p, c, v, workload.ParseImage(text))
		}
	})
}
