package migrate

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/config"
)

// Write writes the configuration, and in its comments what has no equal.
func (m *Migration) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + config.SchemaURL + "\n")
	fmt.Fprintf(&b, "# Made from %s by seaworthy migrate %s.\n", config.OneLine(m.from.Path), m.tool)
	if len(m.left) > 0 {
		b.WriteString("#\n# What has no equal here:\n")
		for _, l := range m.left {
			fmt.Fprintf(&b, "#   %s\n", config.OneLine(m.Line(l)))
		}
	}
	m.writeSelect(&b)
	m.writeIgnore(&b)
	if len(m.excluded) > 0 {
		b.WriteString("\nexclude:\n")
		for _, e := range m.excluded {
			fmt.Fprintf(&b, "  - %s%s\n", config.Quote(e.pattern), comment(e.was))
		}
	}
	single := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "\n%s: %s\n", key, config.Quote(value))
		}
	}
	single("fail-on", m.failOn)
	single("kube-version", m.kubeVersion)
	list := func(key string, values []string) {
		if len(values) > 0 {
			fmt.Fprintf(&b, "  %s: %s\n", key, config.QuoteAll(values))
		}
	}
	if len(m.values)+len(m.apiVersions) > 0 {
		b.WriteString("\nhelm:\n")
		list("values", m.values)
		list("api-versions", m.apiVersions)
	}
	if len(m.varFiles) > 0 {
		b.WriteString("\nterraform:\n")
		list("var-files", m.varFiles)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Line is what has no equal, in words with its line.
func (m *Migration) Line(l Left) string {
	where := m.from.Path
	if l.At != nil && l.At.Span.File != nil && l.At.Exact > 0 {
		where = fmt.Sprintf("%s:%d", where, l.At.Span.From().Line)
	}
	return fmt.Sprintf("%s: %s: %s", where, l.What, l.Why)
}

func comment(text string) string {
	if text == "" {
		return ""
	}
	return " # " + config.OneLine(text)
}

// writeSelect writes the rules to run, each once, with all checks that it
// stands for.
func (m *Migration) writeSelect(b *strings.Builder) {
	if len(m.selected) == 0 {
		return
	}
	b.WriteString("\nselect:\n")
	for _, r := range byRule(m.selected) {
		fmt.Fprintf(b, "  - %s%s\n", config.Quote(r.rules[0]), comment(r.check))
	}
}

// byRule turns checks with their rules into rules with their checks, in the
// order in which the rules come first.
func byRule(choices []choice) []choice {
	at := map[string]int{}
	var all []choice
	for _, c := range choices {
		for _, id := range c.rules {
			i, seen := at[id]
			switch {
			case !seen:
				at[id] = len(all)
				all = append(all, choice{[]string{id}, c.check})
			case !slices.Contains(strings.Split(all[i].check, ", "), c.check):
				all[i].check += ", " + c.check
			}
		}
	}
	return all
}

// writeIgnore writes the rules to leave out: those without further words in
// one line each, the others as what was said about each check.
func (m *Migration) writeIgnore(b *strings.Builder) {
	if len(m.ignored) == 0 {
		return
	}
	b.WriteString("\nignore:\n")
	var plain []choice
	for _, i := range m.ignored {
		if len(i.paths) == 0 && i.reason == "" && i.until == "" {
			plain = append(plain, i.choice)
		}
	}
	for _, r := range byRule(plain) {
		fmt.Fprintf(b, "  - %s%s\n", config.Quote(r.rules[0]), comment(r.check))
	}
	for _, i := range m.ignored {
		if len(i.paths) == 0 && i.reason == "" && i.until == "" {
			continue
		}
		fmt.Fprintf(b, "  - rules: %s%s\n", config.QuoteAll(i.rules), comment(i.check))
		if len(i.paths) > 0 {
			fmt.Fprintf(b, "    paths: %s\n", config.QuoteAll(i.paths))
		}
		if i.reason != "" {
			fmt.Fprintf(b, "    reason: %s\n", config.Quote(i.reason))
		}
		if i.until != "" {
			fmt.Fprintf(b, "    until: %s\n", i.until)
		}
	}
}
