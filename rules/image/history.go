package image

import (
	"regexp"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/credential"
)

// What commands hand over a secret with. A value is quoted or has no blanks.
var (
	assigned = regexp.MustCompile(`(?:^|[\s;&|(])([A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|[^\s;&|"']+)`)
	flagged  = regexp.MustCompile(`\s--?([A-Za-z][A-Za-z0-9-]*)[= ]("[^"]*"|'[^']*'|[^\s;&|"'-][^\s;&|"']*)`)
	asUser   = regexp.MustCompile(`\b(?:curl|wget)\b[^;&|]*?\s(?:-u|--user)[= ]?["']?[^\s:"']+:([^\s"']+)`)
	header   = regexp.MustCompile(`(?i)\b(Authorization|PRIVATE-TOKEN|X-Api-Key|X-Auth-Token|X-Vault-Token): *(?:(?:Bearer|Basic|token) +)?([^\s"']{8,})`)
	chpasswd = regexp.MustCompile(`\becho +(?:-[en]+ +)?["']?([a-z_][a-z0-9_-]*):([^\s"'|]+)["']? *\| *(?:\S*/)?chpasswd\b`)
)

// told are the names of the secrets that a step of a build tells: a variable,
// a flag, a header, or the kind of a key.
func told(step string) []string {
	var names []string
	if m, ok := credential.Find(step); ok {
		names = append(names, m.Kind)
	}
	for _, form := range []*regexp.Regexp{assigned, flagged} {
		for _, m := range form.FindAllStringSubmatch(step, -1) {
			name, value := m[1], strings.Trim(m[2], `"'`)
			if strings.HasSuffix(name, "stdin") {
				continue // --password-stdin, which is how it should be done
			}
			if match, ok := credential.In(name, value); ok && match.Kind == "value" && literal(value) {
				names = append(names, name)
			}
		}
	}
	for _, m := range asUser.FindAllStringSubmatch(step, -1) {
		if credential.Plausible(m[1]) && literal(m[1]) {
			names = append(names, "curl --user")
		}
	}
	for _, m := range header.FindAllStringSubmatch(step, -1) {
		if credential.Plausible(m[2]) && literal(m[2]) {
			names = append(names, m[1])
		}
	}
	for _, m := range chpasswd.FindAllStringSubmatch(step, -1) {
		if literal(m[2]) {
			names = append(names, "password of "+m[1])
		}
	}
	return names
}

// literal tells whether a shell takes a word as it is: it has nothing that is
// filled in when the command runs.
func literal(word string) bool { return word != "" && !strings.ContainsAny(word, "$`<>()*") }
