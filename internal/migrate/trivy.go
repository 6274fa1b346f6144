package migrate

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// trivy reads whichever of Trivy's files it is: .trivyignore, the same in YAML,
// or trivy.yaml.
func (m *Migration) trivy() error {
	ext := path.Ext(m.from.Path)
	if ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".toml" {
		m.trivyIgnore()
		return nil
	}
	root, err := parse(m.from)
	if err != nil || root == nil {
		return err
	}
	if root.Kind() != graph.Map {
		return fmt.Errorf("%s: the file has to be a mapping, not a %s", m.from.Path, root.Kind())
	}
	known := trivyKeys()
	for _, section := range []string{"misconfigurations", "vulnerabilities", "secrets", "licenses"} {
		if f := root.Field(section); f != nil && f.Node.Kind() == graph.List {
			known = trivyIgnoreKeys()
		}
	}
	m.mapping(known, "", root)
	return nil
}

// misconfiguration is what a check of Trivy's configuration is called: it has
// had several names, none like those of vulnerabilities, secrets and licenses.
var misconfiguration = late.Pattern(`^(?:(?:AVD-)?[A-Z]+-?\d+|(?:AVD-)?[A-Z]+-[A-Z]+-\d+|\*|(?:aws|azure|gcp|google|kubernetes|ksv|github|digitalocean|nifcloud|oracle|openstack|cloudstack)[\w-]+)$`)

// trivyIgnore reads a check a line, with exp:DAY behind it; the comment above
// it is the reason.
func (m *Migration) trivyIgnore() {
	reason := ""
	for i := range m.from.Lines() {
		span := m.from.LineSpan(i + 1)
		line := strings.TrimSpace(span.Text())
		if text, comment := strings.CutPrefix(line, "#"); comment {
			reason = strings.TrimSpace(reason + " " + strings.TrimSpace(text))
			continue
		}
		fields := strings.Fields(line)
		if len(fields) == 0 {
			reason = ""
			continue
		}
		at := span.Origin()
		entry := ignore{choice: choice{check: fields[0]}, reason: reason}
		understood := true
		for _, word := range fields[1:] {
			day, dated := strings.CutPrefix(word, "exp:")
			if dated {
				entry.until, dated = lastDay(day)
			}
			understood = understood && dated
		}
		if !understood {
			m.leave(at, line, "what stands behind the check is not understood")
			continue
		}
		if !misconfiguration().MatchString(entry.check) {
			m.leave(at, entry.check, noVulnerabilities)
			continue
		}
		m.drop(at, entry)
	}
}

// lastDay is the last day on which something holds that ends with the first
// moment of a day.
func lastDay(day string) (string, bool) {
	for _, form := range []string{time.DateOnly, time.RFC3339, time.DateTime} {
		if t, err := time.Parse(form, day); err == nil {
			return t.UTC().Add(-time.Nanosecond).Format(suppress.Day), true
		}
	}
	return "", false
}

// trivyIgnoreKeys are the sections of .trivyignore.yaml.
func trivyIgnoreKeys() keys {
	return keys{
		"misconfigurations": func(m *Migration, key string, n *graph.Node) {
			for _, item := range n.Items() {
				m.trivyEntry(key, item)
			}
		},
		"vulnerabilities": because(noVulnerabilities),
		"secrets":         because("secrets have rules of their own here: ignore those by their IDs"),
		"licenses":        because("licenses are not looked at"),
	}
}

// trivyEntry reads an entry of a section. What is wrong with a part of it is
// left; the entry is taken only if nothing that narrows it is lost.
func (m *Migration) trivyEntry(key string, n *graph.Node) {
	id := n.Field("id")
	if id == nil || id.Node.Kind() != graph.String {
		return // left whole
	}
	entry := ignore{choice: choice{check: id.Node.Text()}}
	for _, f := range n.Fields() {
		text := f.Node.Text()
		switch {
		case f.Key == "id":
		case f.Key == "statement" && f.Node.Kind() == graph.String:
			entry.reason = strings.Join(strings.Fields(text), " ")
		case f.Key == "expired_at" && f.Node.Kind() == graph.String:
			until, ok := lastDay(text)
			if !ok {
				return
			}
			entry.until = until
		case f.Key == "paths" && f.Node.Kind() == graph.List:
			for _, p := range f.Node.Items() {
				if p.Kind() != graph.String {
					return
				}
				entry.paths = append(entry.paths, p.Text())
			}
		default:
			return
		}
	}
	m.done(key, n)
	m.drop(n.Handle().Origin(), entry)
}

// trivyKeys are the keys of trivy.yaml; see "Config file" in Trivy's
// documentation.
func trivyKeys() keys {
	exclusion := func(directory string) handler {
		return each(func(m *Migration, key, text string, at *source.Origin) {
			if pattern, ok := fromGlob(text); ok {
				m.excluded = append(m.excluded, exclude{strings.TrimSuffix(pattern, "/") + directory, ""})
				return
			}
			m.leave(at, key+": "+text, "a path outside of the project")
		})
	}
	add := func(to func(*Migration) *[]string) handler {
		return each(func(m *Migration, _, text string, _ *source.Origin) { *to(m) = append(*to(m), text) })
	}
	scanners := each(func(m *Migration, key, text string, at *source.Origin) {
		switch text {
		case "misconfig", "config":
		default:
			m.leave(at, key+": "+text, "not what Seaworthy looks for")
		}
	})
	scan := keys{"skip-dirs": exclusion("/"), "skip-files": exclusion(""), "scanners": scanners}
	helm := keys{
		"values":       add(func(m *Migration) *[]string { return &m.values }),
		"api-versions": add(func(m *Migration) *[]string { return &m.apiVersions }),
		"kube-version": text(func(m *Migration, text string) { m.kubeVersion = text }),
		"set":          because("a flag: seaworthy scan --set"),
		"set-string":   because("a flag: seaworthy scan --set"),
		"set-file":     because("a flag: seaworthy scan --set"),
	}
	misconfiguration := keys{
		"helm":                     under(helm),
		"terraform":                under(keys{"vars": add(func(m *Migration) *[]string { return &m.varFiles })}),
		"scanners":                 each(checkovFramework),
		"include-non-failures":     anyway("false"),
		"checks-bundle-repository": because("the rules are built in"),
	}
	k := keys{
		"scan":             under(scan),
		"misconfiguration": under(misconfiguration),
		"severity":         trivySeverity,
		"exit-code":        because("findings give the exit code 1 in any case: --exit-zero is a flag"),
		"ignorefile":       because("another file to migrate"),
		"ignore-policy":    because("checks and policies of your own are not carried over"),
	}
	k.all(because("flags: --format and --output, which may be repeated"), "format", "output", "template", "report")
	k.all(because("checks and policies of your own are not carried over"), "rego")
	k.all(because(noVulnerabilities), "vulnerability", "pkg", "db", "image", "vex")
	k.all(because("about the run of Trivy itself"), "cache", "debug", "quiet", "timeout", "insecure", "server", "registry", "module", "version")
	return k
}

// trivySeverity takes the lowest of the severities that are wanted as the
// lowest that fails; all are reported.
func trivySeverity(m *Migration, key string, n *graph.Node) {
	each(func(m *Migration, _, text string, at *source.Origin) {
		switch {
		case isSeverity(text):
			m.fails(strings.ToLower(text))
		case strings.EqualFold(text, "unknown"):
			m.fails("info")
		default:
			m.leave(at, key+": "+text, "no severity")
		}
	})(m, key, n)
	if m.failOn != "" {
		m.leave(n.Handle().Origin(), key+": "+shown(n), "findings are not left out by severity: they are reported, and fail-on says what fails")
	}
}
