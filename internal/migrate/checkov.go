package migrate

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// checkovKeys are the keys of .checkov.yaml, which are the long names of
// Checkov's flags; see "CLI Command Reference" in its documentation.
func checkovKeys() keys {
	k := keys{
		"check": each(func(m *Migration, key, text string, at *source.Origin) {
			if isSeverity(text) {
				m.leave(at, key+": "+text, "rules are not selected by severity: fail-on says what fails")
				return
			}
			m.take(at, text)
		}),
		"skip-check": each(func(m *Migration, key, text string, at *source.Origin) {
			switch {
			case isSeverity(text):
				m.leave(at, key+": "+text, "rules are not left out by severity: fail-on says what fails")
			case strings.HasPrefix(text, "CVE-") || strings.HasPrefix(text, "BC_CVE_"):
				m.leave(at, text, noVulnerabilities)
			default:
				m.drop(at, ignore{choice: choice{check: text}})
			}
		}),
		"skip-path": each(func(m *Migration, key, text string, at *source.Origin) {
			if pattern, ok := fromRegexp(text); ok {
				m.excluded = append(m.excluded, exclude{pattern, "the regular expression " + text})
				return
			}
			m.leave(at, key+": "+text, "a regular expression that is no pattern of .gitignore: write one under exclude")
		}),
		"framework":      each(checkovFramework),
		"skip-framework": each(checkovSkippedFramework),
		"hard-fail-on":   each(checkovFailOn(0)),
		"soft-fail-on":   each(checkovFailOn(1)),
		"var-file": each(func(m *Migration, _, text string, _ *source.Origin) {
			m.varFiles = append(m.varFiles, text)
		}),
		"evaluate-variables":             anyway("true"),
		"soft-fail":                      because("a flag: seaworthy scan --exit-zero"),
		"quiet":                          because("a flag: seaworthy scan --quiet"),
		"compact":                        because("a flag: seaworthy scan --format line"),
		"baseline":                       because("the baseline has to be written anew: seaworthy baseline"),
		"create-baseline":                because("a command: seaworthy baseline"),
		"external-modules-download-path": because("nothing is downloaded; run terraform init, and the modules in .terraform are read"),
		"download-external-modules":      because("nothing is downloaded; run terraform init, and the modules in .terraform are read"),
	}
	k.all(because("paths are arguments: seaworthy scan PATH"), "directory", "file")
	k.all(because("flags: --format and --output, which may be repeated"), "output", "output-file-path")
	k.all(because("checks of your own are not carried over"), "external-checks-dir", "external-checks-git", "load-all-external-checks")
	return k
}

const noVulnerabilities = "vulnerabilities in packages and images are not looked for"

func isSeverity(text string) bool {
	_, err := analyzers.ParseSeverity(strings.ToLower(text))
	return err == nil
}

// reads are the frameworks, types and scanners of other tools whose files are
// read in any case.
var reads = late.Pattern(`(?i)^(?:all|config|misconfig|terraform|terraform_plan|terraformplan(?:-json|-snapshot)?|kubernetes|helm|kustomize)$`)

func checkovFramework(m *Migration, key, text string, at *source.Origin) {
	if !reads().MatchString(text) {
		m.leave(at, key+": "+text, "not read")
		return
	}
	if strings.EqualFold(text, "all") {
		return
	}
	m.leave(at, key+": "+text, "read in any case, as are Terraform and its plans, Helm, Kustomize and Kubernetes: exclude leaves files out")
}

func checkovSkippedFramework(m *Migration, key, text string, at *source.Origin) {
	if reads().MatchString(text) {
		m.leave(at, key+": "+text, "all formats are read: exclude leaves files out")
	} // what is not read is skipped in any case
}

// checkovFailOn takes a severity as the lowest that fails, or so many above
// it.
func checkovFailOn(above int) func(m *Migration, key, text string, at *source.Origin) {
	return func(m *Migration, key, text string, at *source.Origin) {
		s, err := analyzers.ParseSeverity(strings.ToLower(text))
		switch {
		case err != nil:
			m.leave(at, key+": "+text, "what fails is a matter of severity: set that of a rule under severity")
		case int(s)+above >= len(analyzers.Severities):
			m.leave(at, key+": "+text, "a flag: seaworthy scan --exit-zero")
		default:
			m.fails(analyzers.Severities[int(s)+above])
		}
	}
}

// fails makes a severity the lowest that fails, where none that is lower does.
func (m *Migration) fails(name string) {
	s, err := analyzers.ParseSeverity(name)
	if err != nil {
		return
	}
	if now, err := analyzers.ParseSeverity(m.failOn); m.failOn == "" || err == nil && s < now {
		m.failOn = name
	}
}

var (
	leading  = late.Pattern(`^(?:\^|\.\*/|/|\./)+`)
	trailing = late.Pattern(`(?:\$|/\.\*\$?)$`)
	special  = late.Pattern(`[\\^$*+?()\[\]{}|#!]`)
)

// fromRegexp is a pattern as in .gitignore for a regular expression that
// stands for a path or a part of one. The pattern is about whole names, so it
// leaves out the same or less.
func fromRegexp(text string) (string, bool) {
	p := leading().ReplaceAllString(text, "")
	if end := trailing().FindString(p); end != "" {
		p = strings.TrimSuffix(p, end) + strings.Repeat("/", min(1, strings.Count(end, "/")))
	}
	p = strings.ReplaceAll(strings.ReplaceAll(p, `\.`, "."), `\/`, "/")
	p = strings.ReplaceAll(p, ".*", "*")
	if special().MatchString(strings.ReplaceAll(p, "*", "")) || strings.Trim(p, "/*. ") == "" || strings.Contains(p, "//") {
		return "", false
	}
	if strings.Contains(strings.TrimSuffix(p, "/"), "/") {
		p = "**/" + p
	}
	return p, true
}
