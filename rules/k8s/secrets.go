package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/credential"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// secrets holds the rules about passwords and keys in the wrong place.
var secrets = []*analyzers.Rule{{
	ID:        "k8s-secret-in-env",
	Title:     "Secret is written into an environment variable",
	Why:       "Whoever reads the manifest has it: in the repository and its history, in the API server for everybody who may see pods, in the output of pipelines.",
	Remedy:    "Put the value into a Secret that is not in the repository (Sealed Secrets, External Secrets, SOPS) and refer to it with `valueFrom.secretKeyRef`, or mount it. Then change the value: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0012", "kubescape:C-0259", "polaris:sensitiveContainerEnvVar", "kube-linter:env-var-secret"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for e := range c.At("env").Each() {
			name, v := e.At("name").Str(), e.At("value")
			if !v.Known() {
				p.ReportIf(graph.Unsure.And(graph.Of(credential.Named(name))), v, "value of %s in container %q is not known", name, c.Name())
				continue
			}
			if m, ok := credential.In(name, v.Str()); ok {
				p.ReportAt(v, v.Part(m.Start, m.End), "%s of the variable %s in container %q looks like a secret", m.Kind, name, c.Name())
			}
		}
	}),
}, {
	ID:        "k8s-secret-in-args",
	Title:     "Secret is written into the command line",
	Why:       "Whoever reads the manifest has it, and so has every process in the container and everybody on the node: a command line is no secret to them.",
	Remedy:    "Put the value into a Secret, mount it and name the file on the command line; most programs have a flag for it.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for _, list := range []string{"command", "args"} {
			flag := ""
			for v := range c.At(list).Each() {
				text := v.Str()
				if m, found := inArgument(flag, text); found {
					p.ReportAt(v, v.Part(m.Start, m.End), "%s in %s of container %q looks like a secret", m.Kind, list, c.Name())
				}
				flag = ""
				if strings.HasPrefix(text, "-") && !strings.Contains(text, "=") {
					flag = text
				}
			}
		}
	}),
}, {
	ID:        "k8s-secret-in-configmap",
	Title:     "Secret is kept in a ConfigMap",
	Why:       "ConfigMaps are for everybody to read: most roles that may read anything may read them, they are not encrypted at rest, and tools show them in full. In the repository the value stays in the history.",
	Remedy:    "Move the value into a Secret that is not in the repository (Sealed Secrets, External Secrets, SOPS), mount it, and change the value: it is known.",
	Severity:  analyzers.High,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kubescape:C-0012", "polaris:sensitiveConfigmapContent", "trivy:KSV-0109", "trivy:KSV-01010"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for key, v := range r.At("data").Entries() {
			text, known := v.Text("")
			switch {
			case !known:
				p.ReportIf(graph.Unsure.And(graph.Of(credential.Named(key))), v, "value of %s is not known", key)
			case !strings.Contains(text, "\n"):
				if m, ok := credential.In(key, text); ok {
					p.ReportAt(v, v.Part(m.Start, m.End), "%s of %s looks like a secret", m.Kind, key)
					continue
				}
				fallthrough
			default:
				name, m, ok := credential.InFile(key, text)
				if ok && name != "" {
					p.ReportAt(v, v.Part(m.Start, m.End), "value of %s in %s looks like a secret", name, key)
				} else if ok {
					p.ReportAt(v, v.Part(m.Start, m.End), "%s in %s", m.Kind, key)
				}
			}
		}
	}, "core/ConfigMap"),
}, {
	ID:        "k8s-secret-as-env",
	Title:     "Secret is handed over as an environment variable",
	Why:       "Environment variables end up in crash reports, in logs that print them all and in every child process. A file is read by who opens it, and changes when the Secret does.",
	Remedy:    "Mount the Secret as a volume and have the program read the file; many images take `…_FILE` beside the variable.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same: []string{
		"kubescape:C-0012", "kubescape:C-0259",
		"checkov:CKV_K8S_35", "kubescape:C-0207", "kube-linter:read-secret-from-env-var",
		"kics:3d658f8b-d988-41a0-a841-40043121de1e", "kics:6d8f1a10-b6cd-48f0-b960-f7c535d5cdb8",
	},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for e := range c.At("env").Each() {
			v := e.At("valueFrom.secretKeyRef")
			p.ReportIf(v.Present(), v, "the variable %s of container %q is a key of the Secret %q", e.At("name").Str(), c.Name(), v.At("name").Str())
		}
		for e := range c.At("envFrom").Each() {
			v := e.At("secretRef")
			p.ReportIf(v.Present(), v, "all keys of the Secret %q are variables of container %q", v.At("name").Str(), c.Name())
		}
	}),
}}

// inArgument looks for a secret in one argument; flag is the option in front
// of it when that waits for a value.
func inArgument(flag, text string) (credential.Match, bool) {
	if m, ok := credential.Find(text); ok {
		return m, true
	}
	if strings.ContainsAny(text, "\n;|&") {
		return credential.Match{}, false // a script, where a name and a value say little
	}
	if name, value, ok := strings.Cut(text, "="); ok && strings.HasPrefix(name, "-") {
		m, found := credential.In(strings.TrimLeft(name, "-"), value)
		m.Start, m.End = m.Start+len(name)+1, m.End+len(name)+1
		return m, found
	}
	if strings.HasPrefix(flag, "--") && !strings.HasPrefix(text, "-") {
		return credential.In(strings.TrimLeft(flag, "-"), text)
	}
	return credential.Match{}, false
}
