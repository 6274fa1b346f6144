// Package scaffold writes the two files of a new rule: the entry and the
// fixture. What it writes compiles, is registered and fails its test until
// somebody says what is wrong and how to see it.
package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var form = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)

// Rule writes a rule and its fixture into the repository at dir, registers the
// rule with its family and returns the paths of what it wrote. The family must
// exist; nothing that exists is overwritten.
func Rule(dir, id string) ([]string, error) {
	if !form.MatchString(id) {
		return nil, fmt.Errorf("rule ID %q: write it in kebab-case with its family first, such as k8s-privileged-container", id)
	}
	family, rest, _ := strings.Cut(id, "-")
	all := filepath.Join(dir, "rules", family, "all.go")
	code := filepath.Join(dir, "rules", family, strings.ReplaceAll(rest, "-", "_")+".go")
	fixture := filepath.Join(dir, "fixtures", "rules", family, id+".txtar")
	for _, path := range []string{code, fixture} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s exists already", path)
		}
	}
	list, err := os.ReadFile(all)
	if err != nil {
		return nil, fmt.Errorf("family %q: %w", family, err)
	}
	slice := camel(rest)
	end := bytes.LastIndex(list, []byte("\n\t)\n"))
	if end < 0 {
		return nil, fmt.Errorf("%s: no list of slices to add %s to", all, slice)
	}
	list = fmt.Appendf(nil, "%s\n\t\t%s,%s", list[:end], slice, list[end:])
	if list, err = format.Source(list); err != nil {
		return nil, fmt.Errorf("%s: %w", all, err)
	}
	text, err := format.Source([]byte(strings.NewReplacer("FAMILY", family, "SLICE", slice, "RULE", id).Replace(ruleText)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", code, err)
	}
	for _, f := range []struct {
		path string
		text []byte
	}{{code, text}, {fixture, []byte(fixtureText)}, {all, list}} {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(f.path, f.text, 0o644); err != nil {
			return nil, err
		}
	}
	return []string{code, fixture, all}, nil
}

// camel turns kebab-case into the name of a Go variable.
func camel(kebab string) string {
	words := strings.Split(kebab, "-")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	name := strings.Join(words, "")
	if name[0] >= '0' && name[0] <= '9' {
		name = "rule" + name
	}
	return name + "Rules"
}

const ruleText = `package FAMILY

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
)

// SLICE holds the rules about … .
var SLICE = []*analyzers.Rule{{
	ID:       "RULE",
	Title:    "What is wrong, in a few words",
	Why:      "What an attacker or an outage makes of it.",
	Remedy:   "What to do about it, in the format it is written in.",
	Severity: analyzers.Medium,
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		v := c.At("securityContext.someField")
		p.ReportIf(v.Bool(false), v, "container %q …", c.Name())
	}),
}}
`

const fixtureText = `Say what is tricky about it, and when it is not wrong.

-- bad.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: bad
spec:
  containers:
    - name: app
      image: registry.example.com/app:1.0 # want: "write what the message says"
-- good.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: good
spec:
  containers:
    - name: app
      image: registry.example.com/app:1.0
`
