package suppress

import (
	_ "embed" // the names that Trivy's checks have had
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// every stands for all rules.
const every = "all"

// A dialect is how another analyzer is told in a comment to leave something
// alone. The form's first group has the checks, a second one the reason.
type dialect struct {
	tool string
	form *regexp.Regexp
	// where is what the comment is about, given what Seaworthy would take.
	where func(source.Comment) Scope
	// check is the name of a check as our rules know it.
	check func(string) string
}

// dialects are the forms as the tools document them: Checkov's "Suppressing
// and Skipping Policies", Trivy's and tfsec's "Ignoring checks", KICS'
// "Running KICS: using commands on scanned files", Terrascan's in-file skips.
var dialects = sync.OnceValue(func() []dialect {
	lines := func(c source.Comment) Scope { return Lines(c.Scope) }
	block := func(c source.Comment) Scope { return Lines(c.Within) }
	file := func(c source.Comment) Scope { return WholeFile{c.Span.File} }
	return []dialect{
		{"checkov", regexp.MustCompile(`\bcheckov:skip=\s*([\w,.*-]+)(?::(.*))?`), block, same("checkov")},
		{"trivy", regexp.MustCompile(`\btrivy:ignore:([\w*-]+)(?:\[[^]]*\])?(.*)`), lines, trivyCheck},
		{"tfsec", regexp.MustCompile(`\btfsec:ignore:([\w*-]+)(?:\[[^]]*\])?(.*)`), lines, trivyCheck},
		{"kics", regexp.MustCompile(`^kics-scan\s+(?:ignore-line|ignore-block)\b()`), lines, nil},
		{"kics", regexp.MustCompile(`^kics-scan\s+ignore\s*$()`), file, nil},
		{"kics", regexp.MustCompile(`^kics-scan\s+disable=([\w,-]+)`), file, same("kics")},
		{"terrascan", regexp.MustCompile(`\bts:skip=([\w.-]+)(.*)`), block, same("terrascan")},
	}
})

func same(tool string) func(string) string {
	return func(check string) string { return tool + ":" + check }
}

//go:embed trivy_names.tsv
var trivyNames string

// trivyCheck is the present ID of a check that a comment names by any of the
// names it has had: AVD-AWS-0086, AWS-0086, KSV014 or the long one of tfsec.
func trivyCheck(name string) string {
	if name == "*" {
		return every
	}
	for line := range strings.Lines(trivyNames) {
		if long, id, _ := strings.Cut(strings.TrimSpace(line), "\t"); long == name {
			return "trivy:" + id
		}
	}
	name = strings.TrimPrefix(name, "AVD-")
	if number, ok := strings.CutPrefix(name, "KSV"); ok && len(number) == 3 {
		name = "KSV-0" + number
	}
	return "trivy:" + name
}

// expiry is how Trivy says until when; it is the first day without.
var expiry = late.Pattern(`\bexp:(\d{4}-\d\d-\d\d)`)

// dayBefore is the day before one. What is no day stays, which is neither
// before nor after anything for sure but does not hold for ever.
func dayBefore(day string) string {
	t, err := time.Parse(Day, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, -1).Format(Day)
}

// foreignComments reads what a comment says to other analyzers.
func foreignComments(c source.Comment) []*Directive {
	var all []*Directive
	for _, d := range dialects() {
		m := d.form.FindStringSubmatch(c.Text)
		if m == nil {
			continue
		}
		directive := &Directive{Tool: d.tool, At: commentPlace(c), Holds: d.where(c)}
		for check := range strings.SplitSeq(m[1], ",") {
			switch {
			case d.check == nil:
				directive.Names = []string{every}
			case check != "":
				directive.Names = append(directive.Names, d.check(check))
			}
		}
		if len(m) > 2 {
			directive.Reason = strings.Trim(m[2], " :")
			if e := expiry().FindStringSubmatch(m[2]); e != nil {
				directive.Until = dayBefore(e[1])
				directive.Reason = strings.TrimSpace(strings.Replace(m[2], e[0], "", 1))
			}
		}
		all = append(all, directive)
	}
	return all
}

// annotations reads what an object's annotations and labels, and those of its
// pods, say to us and to other analyzers.
func annotations(r *graph.Resource, foreign bool) []*Directive {
	var all []*Directive
	add := func(at graph.Value, d Directive, holds Scope) {
		d.At, d.Holds = at.Origin(), holds
		all = append(all, &d)
	}
	for _, path := range []string{"metadata", "spec.template.metadata", "spec.jobTemplate.spec.template.metadata"} {
		for _, part := range []string{"annotations", "labels"} {
			for key, v := range r.At(path + "." + part).Entries() {
				text, known := v.Text("")
				if !known {
					continue
				}
				if key == annotation {
					var d Directive
					d.parse(text)
					add(v, d, Object{Resource: r})
					continue
				}
				if foreign {
					foreignAnnotation(r, key, text, func(d Directive, holds Scope) { add(v, d, holds) })
				}
			}
		}
	}
	return all
}

// annotation is our own.
const annotation = "seaworthy.dev/ignore"

func foreignAnnotation(r *graph.Resource, key, text string, add func(Directive, Scope)) {
	domain, name, ok := strings.Cut(key, "/")
	if !ok {
		return
	}
	object := Object{Resource: r}
	switch {
	case domain == "checkov.io" && strings.HasPrefix(name, "skip"):
		check, reason, _ := strings.Cut(text, "=")
		add(Directive{Tool: "checkov", Names: []string{"checkov:" + strings.TrimSpace(check)}, Reason: reason}, object)
	case domain == "ignore-check.kube-linter.io":
		add(Directive{Tool: "kube-linter", Names: []string{"kube-linter:" + name}, Reason: text}, object)
	case domain == "kube-linter.io" && name == "ignore-all":
		add(Directive{Tool: "kube-linter", Names: []string{"kube-linter:*"}, Reason: text}, object)
	case domain == "kube-score" && name == "ignore":
		var names []string
		for check := range strings.SplitSeq(text, ",") {
			names = append(names, "kube-score:"+strings.TrimSpace(check))
		}
		add(Directive{Tool: "kube-score", Names: names}, object)
	case domain == "polaris.fairwinds.com" && text == "true":
		if name == "exempt" {
			add(Directive{Tool: "polaris", Names: []string{"polaris:*"}}, object)
		} else if check, ok := strings.CutSuffix(name, "-exempt"); ok {
			add(Directive{Tool: "polaris", Names: []string{"polaris:" + check}}, object)
		}
	case domain == "kubeaudit.io":
		object.Value = capability(name)
		add(Directive{Tool: "kubeaudit", Names: kubeauditResults(name), Reason: text}, object)
	case domain == "container.kubeaudit.io":
		object.Container, name, _ = strings.Cut(name, ".")
		object.Value = capability(name)
		add(Directive{Tool: "kubeaudit", Names: kubeauditResults(name), Reason: text}, object)
	}
}

// capability is the capability that an override of kubeaudit is about, "" for
// an override of another kind.
func capability(override string) string {
	name, ok := strings.CutPrefix(override, "allow-capability-")
	if !ok {
		return ""
	}
	return strings.ReplaceAll(strings.ToUpper(name), "-", "_")
}

// kubeauditResults are the results that an override of kubeaudit allows; see
// "Override Errors" in its documentation.
func kubeauditResults(override string) []string {
	if strings.HasPrefix(override, "allow-capability-") {
		return []string{"kubeaudit:Capability*"}
	}
	results := map[string][]string{
		"allow-automount-service-account-token":         {"kubeaudit:AutomountServiceAccountToken*"},
		"allow-namespace-host-IPC":                      {"kubeaudit:NamespaceHostIPC*"},
		"allow-namespace-host-PID":                      {"kubeaudit:NamespaceHostPID*"},
		"allow-namespace-host-network":                  {"kubeaudit:NamespaceHostNetwork*"},
		"allow-non-default-deny-egress-network-policy":  {"kubeaudit:MissingDefaultDeny*Egress*", "kubeaudit:AllowAllEgress*"},
		"allow-non-default-deny-ingress-network-policy": {"kubeaudit:MissingDefaultDenyIngress*", "kubeaudit:AllowAllIngress*"},
		"allow-privilege-escalation":                    {"kubeaudit:AllowPrivilegeEscalation*"},
		"allow-privileged":                              {"kubeaudit:Privileged*"},
		"allow-read-only-root-filesystem-false":         {"kubeaudit:ReadOnlyRootFilesystem*"},
		"allow-run-as-root":                             {"kubeaudit:RunAsNonRoot*", "kubeaudit:RunAsUser*"},
		"allow-apparmor-disabled":                       {"kubeaudit:AppArmor*"},
		"allow-seccomp-disabled":                        {"kubeaudit:Seccomp*"},
		"allow-sensitive-host-path":                     {"kubeaudit:SensitivePathsMounted"},
	}[override]
	return results
}
