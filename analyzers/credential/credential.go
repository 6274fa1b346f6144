// Package credential tells passwords, tokens and keys from other text by what
// they are called and what they look like.
//
// It would rather miss one than cry wolf: a name only counts with a value that
// could be a secret, and what is plainly a placeholder, a reference or a path
// is none. What has the form of a known kind of key counts under any name.
package credential

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// Named tells whether name is what a secret is called, such as DB_PASSWORD or
// apiKey, and not what something about a secret is called, such as
// PASSWORD_FILE or tokenUrl.
func Named(name string) bool {
	words := split(name)
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		if about[w] {
			return false
		}
	}
	for i, w := range words {
		if secret[w] {
			return true
		}
		if w == "key" && i > 0 && keys[words[i-1]] {
			return true
		}
	}
	return false
}

// secret are words that alone make the name of a secret.
var secret = set("password", "passwords", "passwd", "passphrase", "pwd", "pass", "passcode", "secret", "secrets", "token", "bearer",
	"apikey", "secretkey", "accesskey", "privatekey", "authtoken", "accesstoken", "dbpassword", "dbpass", "credential", "credentials")

// keys are words that make a secret of "key" after them.
var keys = set("api", "access", "secret", "private", "encryption", "signing", "master", "ssh", "account", "storage", "batch", "cli", "auth", "service", "app", "license", "webhook", "hmac", "jwt", "session", "cookie")

// about are words for something that is told of a secret.
var about = set("name", "names", "path", "paths", "file", "files", "filename", "dir", "directory", "folder", "mount", "url", "urls", "uri", "host", "hostname",
	"endpoint", "port", "arn", "id", "ids", "ref", "reference", "ttl", "expiry", "expires", "expiration", "expire", "lifetime", "age", "duration", "period",
	"interval", "timeout", "rotation", "length", "len", "size", "min", "max", "count", "limit", "limits", "type", "kind", "format", "algorithm", "alg", "algo", "method",
	"mode", "policy", "enabled", "enable", "disable", "disabled", "required", "require", "allow", "allowed", "use", "used", "uses", "provider", "store", "backend",
	"manager", "engine", "prefix", "suffix", "header", "headers", "field", "param", "query", "issuer", "audience", "scope", "scopes", "claim", "claims", "version",
	"region", "regex", "pattern", "validation", "validate", "check", "review", "reset", "recovery", "change", "public", "namespace", "class",
	"label", "selector", "annotation", "volume", "sync", "cache", "controller", "operator", "hash", "salt", "index", "number", "projected", "bucket", "table", "queue", "topic", "env", "var", "variable", "encoding", "rate", "budget")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// split takes a name apart into words in lower case: at marks, at case changes
// (apiKey, APIKey) and not inside words in one case.
func split(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(runes[i-1]):
			flush()
		case unicode.IsUpper(r) && i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1]):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// Plausible tells whether value could be a secret: a literal, not empty, no
// placeholder, no switch and no reference to something else.
func Plausible(value string) bool {
	v := strings.TrimSpace(value)
	lower := strings.ToLower(v)
	switch lower {
	case "", "true", "false", "yes", "no", "on", "off", "null", "nil", "none", "undefined", "unset", "empty", "disabled", "enabled", "optional", "required",
		"password", "secret", "token", "todo", "tbd", "redacted", "hidden", "masked", "changeit", "changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "placeholder",
		"env", "file", "vault", "aws", "gcp", "azure", "kubernetes", "k8s", "basic", "jwt", "oauth", "oauth2", "bearer", "default", "static", "dynamic", "always", "never":
		return false
	}
	if strings.ContainsAny(v, "<>") || strings.HasPrefix(v, "$") || strings.Contains(v, "${") || strings.Contains(v, "$(") || strings.Contains(v, "{{") {
		return false // written for something that fills it in
	}
	if strings.HasPrefix(v, "%") || strings.HasPrefix(v, "@") && strings.HasSuffix(v, "@") || strings.HasPrefix(v, "__") && strings.HasSuffix(v, "__") {
		return false
	}
	for _, prefix := range []string{"/", "./", "../", "file:", "vault:", "ref+", "secretref:", "arn:", "ssm:", "op://", "projects/", "enc[", "env:", "http://", "https://", "kms:", "doppler:", "bao:"} {
		if strings.HasPrefix(lower, prefix) {
			return false
		}
	}
	for _, part := range []string{"your-", "your_", "changeme", "change-me", "change_me", "replace", "placeholder", "example", "dummy", "insert", "redacted", "todo"} {
		if strings.Contains(lower, part) {
			return false
		}
	}
	return !constant().MatchString(v) && strings.Trim(lower, "x*.-_#") != "" && strings.IndexFunc(v, unicode.IsSpace) < 0
}

// constant are values that stand for another, as in API_KEY_VALUE.
var constant = late.Pattern(`^[A-Z]+(_[A-Z]+)+$`)

// number are values such as a count or a time, which tokens and keys are not
// but a PIN may be.
var number = late.Pattern(`^-?[0-9.]+[smhdkKMG]?i?$`)

// forms are kinds of keys that are known by their looks.
var forms = []struct {
	kind string
	form func() *regexp.Regexp
}{
	{"private key", late.Pattern(`-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----`)},
	{"AWS access key", late.Pattern(`\b(AKIA|ASIA)[A-Z2-7]{16}\b`)},
	{"GitHub token", late.Pattern(`\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})`)},
	{"GitLab token", late.Pattern(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"Slack token", late.Pattern(`\bxox[abeoprs]-[A-Za-z0-9-]{20,}`)},
	{"Slack webhook", late.Pattern(`https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}`)},
	{"Stripe key", late.Pattern(`\b[sr]k_live_[A-Za-z0-9]{20,}`)},
	{"Google API key", late.Pattern(`\bAIza[A-Za-z0-9_-]{35}\b`)},
	{"npm token", late.Pattern(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"SendGrid key", late.Pattern(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b`)},
	{"age secret key", late.Pattern(`\bAGE-SECRET-KEY-1[A-Z0-9]{50,}`)},
	{"password in an address", late.Pattern(`\b[a-z][a-z0-9+.-]*://[^\s/:@$<>{}"']*:([^\s/@$<>{}"'%*]{3,})@[\w\[]`)},
}

// A Match is a part [Start,End) of a text that looks like a secret.
type Match struct {
	Kind       string
	Start, End int
}

// Find is the first part of text that has the form of a known kind of key.
func Find(text string) (Match, bool) {
	for _, f := range forms {
		for _, m := range f.form().FindAllStringSubmatchIndex(text, -1) {
			if f.kind == "AWS access key" && strings.Contains(text[m[0]:m[1]], "EXAMPLE") {
				continue // the one in Amazon's manuals
			}
			if f.kind == "password in an address" {
				if p := text[m[2]:m[3]]; !Plausible(p) || number().MatchString(p) && len(p) < 6 {
					continue
				}
			}
			return Match{f.kind, m[0], m[1]}, true
		}
	}
	return Match{}, false
}

// In tells whether value is a secret when name is what it is called, and what
// part of it.
func In(name, value string) (Match, bool) {
	if m, ok := Find(value); ok {
		return m, true
	}
	if !Named(name) || !Plausible(value) || len(name) > 6 && strings.Contains(plain(value), plain(name)) {
		return Match{}, false
	}
	if number().MatchString(value) && !slices.ContainsFunc(split(name), func(w string) bool { return strings.HasPrefix(w, "pass") || w == "pwd" }) {
		return Match{}, false
	}
	return Match{"value", 0, len(value)}, true
}

// plain is text without case and marks: the value of DB_PASSWORD that is
// my-db-password-1 is made up.
func plain(text string) string { return strings.Join(split(strings.ToUpper(text)), "") }

// assignment is a line of a file of settings: KEY=value, key: value, "key": "value".
var assignment = late.Pattern(`(?m)^[ \t]*(?:export[ \t]+|-[ \t]+)?["']?([A-Za-z][A-Za-z0-9_.-]*)["']?[ \t]*[=:][ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',;#]+))[ \t]*[,;]?[ \t]*(?:#.*)?$`)

// code are endings of files that are programs, where "token = x" sets nothing.
var code = []string{".py", ".js", ".ts", ".lua", ".go", ".rb", ".php", ".pl", ".java", ".groovy", ".tpl", ".tmpl", ".html", ".md", ".sql", ".rego", ".jsonnet", ".cue", ".xsl", ".css"}

// InFile looks through the text of a file of settings for the first secret and
// the name that it has there.
func InFile(file, text string) (name string, m Match, ok bool) {
	if m, ok := Find(text); ok {
		return "", m, true
	}
	for _, ending := range code {
		if strings.HasSuffix(strings.ToLower(file), ending) {
			return "", Match{}, false
		}
	}
	for _, at := range assignment().FindAllStringSubmatchIndex(text, -1) {
		name := text[at[2]:at[3]]
		for group := 4; group < len(at); group += 2 {
			if at[group] < 0 {
				continue
			}
			value := text[at[group]:at[group+1]]
			if group == 8 && strings.ContainsAny(value, "()[]{}|&*!`") {
				continue // an expression, not a literal
			}
			if m, ok := In(name, value); ok {
				return name, Match{m.Kind, at[group] + m.Start, at[group] + m.End}, true
			}
		}
	}
	return "", Match{}, false
}
