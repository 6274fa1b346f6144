package image

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/seaworthy-iac/seaworthy/analyzers/credential"
)

// secretForms are what commands hand over a secret with. A value is quoted or
// has no blanks. They are made when the first image is looked at.
var secretForms = sync.OnceValue(func() (f struct{ assigned, flagged, asUser, header, chpasswd, says *regexp.Regexp }) {
	f.assigned = regexp.MustCompile(`(?:^|[\s;&|(])([A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|[^\s;&|"']+)`)
	f.flagged = regexp.MustCompile(`\s--?([A-Za-z][A-Za-z0-9-]*)[= ]("[^"]*"|'[^']*'|[^\s;&|"'-][^\s;&|"']*)`)
	f.asUser = regexp.MustCompile(`\b(?:curl|wget)\b[^;&|]*?\s(?:-u|--user)[= ]?["']?[^\s:"']+:([^\s"']+)`)
	f.header = regexp.MustCompile(`(?i)\b(Authorization|PRIVATE-TOKEN|X-Api-Key|X-Auth-Token|X-Vault-Token): *(?:(?:Bearer|Basic|token) +)?([^\s"']{8,})`)
	f.chpasswd = regexp.MustCompile(`\becho +(?:-[en]+ +)?["']?([a-z_][a-z0-9_-]*):([^\s"'|]+)["']? *\| *(?:\S*/)?chpasswd\b`)
	// Flags and variables that say something about a secret and are none:
	// --password-stdin, which is how it should be done, and
	// --with-password-argon2.
	f.says = regexp.MustCompile(`(?i)^(with|without|no|enable|disable)[-_]|stdin$`)
	return f
})

// told are the names of the secrets that a step of a build tells: a variable,
// a flag, a header, or the kind of a key.
func told(step string) []string {
	forms := secretForms()
	var names []string
	if m, ok := credential.Find(step); ok {
		names = append(names, m.Kind)
	}
	for _, form := range []*regexp.Regexp{forms.assigned, forms.flagged} {
		for _, m := range form.FindAllStringSubmatch(step, -1) {
			name, value := m[1], strings.Trim(m[2], `"'`)
			if forms.says.MatchString(name) {
				continue
			}
			if match, ok := credential.In(name, value); ok && match.Kind == "value" && literal(value) {
				names = append(names, name)
			}
		}
	}
	for _, m := range forms.asUser.FindAllStringSubmatch(step, -1) {
		if credential.Plausible(m[1]) && literal(m[1]) {
			names = append(names, "curl --user")
		}
	}
	for _, m := range forms.header.FindAllStringSubmatch(step, -1) {
		if credential.Plausible(m[2]) && literal(m[2]) {
			names = append(names, m[1])
		}
	}
	for _, m := range forms.chpasswd.FindAllStringSubmatch(step, -1) {
		if literal(m[2]) {
			names = append(names, "password of "+m[1])
		}
	}
	return names
}

// literal tells whether a value is what it says: it has nothing that a shell
// fills in when the command runs, and is no mere words, as those that a build
// gives to programs that will not start without a secret: SECRET_KEY=build-only.
func literal(value string) bool {
	ofNoWord := func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '_' }
	return !strings.ContainsAny(value, "$`<>()*") && strings.ContainsFunc(value, ofNoWord)
}
