package k8s

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// imageForms holds the rules about what an image's name alone gives away.
var imageForms = []*analyzers.Rule{{
	ID:        "k8s-image-digest-invalid",
	Title:     "Digest of an image is none",
	Why:       "No registry has an image of a digest that is too short or too long: no pod starts, on any node.",
	Remedy:    "Copy the digest in full: `sha256:` and 64 hexadecimal digits.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kubescape:C-0306"},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		if i.Digest != "" && !i.Pinned() {
			p.ReportAt(v, v.Part(len(v.Str())-len(i.Digest), len(v.Str())), "digest of the image %q of container %q is no digest", v.Str(), c.Name())
		}
	}),
}, {
	ID:        "k8s-registry-forbidden",
	Title:     "Image comes from a registry that is forbidden",
	Why:       "Images from there are not reviewed, not scanned or not trusted any more; one of them is code of somebody's that runs in the cluster.",
	Remedy:    "Copy the image to a registry of your own. The parameter `registries` lists those that are forbidden; an entry with a path stands for what is below it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0001"},
	Params:    &Forbidden{},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		forbidden := analyzers.ParamsOf[Forbidden](p).Registries
		if len(forbidden) == 0 {
			p.Look(-1)
		}
		if slices.ContainsFunc(forbidden, func(r string) bool { return strings.HasPrefix(home(i), strings.TrimSuffix(r, "/")+"/") }) {
			p.Report(v, "image %q of container %q comes from a registry that is forbidden", v.Str(), c.Name())
		}
	}),
}, {
	ID:        "k8s-image-known-hole",
	Title:     "Image is of a version with a hole that is used",
	Why:       "The hole lets others in without a login, or past what the program is there to check, and how to use it is public.",
	Remedy:    "Update the image to the version that is named, or a later one.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0081", "kubescape:C-0090", "kubescape:C-0091"},
	Check: eachImage(func(p *analyzers.Pass, c workload.Container, v graph.Value, i workload.Image) {
		version, ok := parseVersion(i.Tag)
		if !ok {
			return
		}
		for _, h := range holes {
			if strings.HasSuffix("/"+i.Path, h.image) && !version.before(h.from) && version.before(h.fixed) {
				p.ReportAt(v, v.Part(i.TagStart, i.TagEnd), "container %q runs %s %s, which has %s; %s mends it", c.Name(), h.program, i.Tag, h.name, h.fixed)
				return
			}
		}
	}),
}}

// Forbidden are the parameters of k8s-registry-forbidden.
type Forbidden struct {
	Registries []string `doc:"Registries that images must not come from; one with a path stands for what is below it."`
}

// home is where an image comes from: its registry and path.
func home(i workload.Image) string {
	if i.Registry == "" {
		return "docker.io/" + i.Path
	}
	return i.Registry + "/" + i.Path
}

// A version is the numbers of a tag such as v1.8.4.
type version [3]int

func (v version) before(o version) bool { return slices.Compare(v[:], o[:]) < 0 }

func (v version) String() string {
	return strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}

// parseVersion reads a tag of three numbers. What comes behind, as in
// 10.1.0-alpine, does not make another version but for the candidates of one.
func parseVersion(tag string) (version, bool) {
	text, rest, _ := strings.Cut(strings.TrimPrefix(tag, "v"), "-")
	if strings.HasPrefix(rest, "rc") || strings.HasPrefix(rest, "alpha") || strings.HasPrefix(rest, "beta") {
		return version{}, false
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return version{}, false
	}
	var v version
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil {
			return version{}, false
		}
		v[i] = n
	}
	return v, true
}

// A hole is one that versions of a program have, from the first to the one
// before fixed.
type hole struct {
	program, image string
	from, fixed    version
	name           string
}

// holes are those of programs that guard or steer a cluster. Sources: the
// projects' security advisories.
var holes = []hole{
	{"Argo CD", "/argoproj/argocd", version{0, 0, 0}, version{2, 1, 9}, "CVE-2022-24348, which reads files of other applications"},
	{"Argo CD", "/argoproj/argocd", version{2, 2, 0}, version{2, 2, 4}, "CVE-2022-24348, which reads files of other applications"},
	{"Grafana", "/grafana/grafana", version{9, 2, 0}, version{9, 2, 4}, "CVE-2022-39328, which lets others in under load"},
	{"Kyverno", "/kyverno/kyverno", version{1, 8, 3}, version{1, 8, 5}, "CVE-2022-47633, which passes images with forged signatures"},
	{"ingress-nginx", "/ingress-nginx/controller", version{0, 0, 0}, version{1, 11, 5}, "CVE-2025-1974, which runs code of whoever reaches the webhook"},
	{"ingress-nginx", "/ingress-nginx/controller", version{1, 12, 0}, version{1, 12, 1}, "CVE-2025-1974, which runs code of whoever reaches the webhook"},
}
