package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// RuleFormats are the formats that [Rules] knows.
var RuleFormats = [...]string{"table", "json", "markdown"}

// Rules writes a list of rules as a table, json or markdown.
func Rules(w io.Writer, rules []*analyzers.Rule, format string) error {
	var b strings.Builder
	switch format {
	case "table":
		rulesTable(&b, rules)
	case "markdown":
		rulesMarkdown(&b, rules)
	case "json":
		return rulesJSON(w, rules)
	default:
		return fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(RuleFormats[:], ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func rulesTable(b *strings.Builder, rules []*analyzers.Rule) {
	widest := len("RULE")
	for _, r := range rules {
		widest = max(widest, columns(r.ID))
	}
	fmt.Fprintf(b, "%s  %-8s  %-11s  %s\n", pad("RULE", widest), "SEVERITY", "PROFILE", "WHAT IS WRONG")
	for _, r := range rules {
		fmt.Fprintf(b, "%s  %-8s  %-11s  %s\n", pad(r.ID, widest), r.Severity, r.Profile, r.Title)
	}
}

func rulesMarkdown(b *strings.Builder, rules []*analyzers.Rule) {
	b.WriteString("| Rule | Severity | Profile | What is wrong | Same in other tools |\n|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, r := range rules {
		var same []string
		for _, s := range r.Same {
			same = append(same, "`"+s+"`")
		}
		fmt.Fprintf(b, "| [`%s`](rules/%s.md) | %s | %s | %s | %s |\n",
			r.ID, r.ID, r.Severity, r.Profile, cell.Replace(r.Title), cell.Replace(strings.Join(same, ", ")))
	}
}

// ruleJSON is a rule in JSON output. Profiles are all that have the rule.
type ruleJSON struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Why        string   `json:"why"`
	Remedy     string   `json:"remedy"`
	Severity   string   `json:"severity"`
	Precision  string   `json:"precision"`
	Family     string   `json:"family"`
	Profiles   []string `json:"profiles"`
	Frameworks []string `json:"frameworks"`
	Same       []string `json:"same"`
	Fixable    bool     `json:"fixable"`
	Fix        string   `json:"fix"` // safe, unsafe or none
}

func rulesJSON(w io.Writer, rules []*analyzers.Rule) error {
	out := make([]ruleJSON, 0, len(rules))
	for _, r := range rules {
		out = append(out, ruleJSON{
			ID: r.ID, Title: r.Title, Why: r.Why, Remedy: r.Remedy,
			Severity: r.Severity.String(), Precision: r.Precision.String(), Family: r.Family(),
			Profiles: profiles(r), Frameworks: []string{}, Same: append([]string{}, r.Same...),
			Fixable: r.Fix != analyzers.NoFix, Fix: r.Fix.String(),
		})
	}
	return encode(w, out)
}

func profiles(r *analyzers.Rule) []string {
	all := []string{analyzers.Strict.String(), "all"}
	if r.Profile == analyzers.Recommended {
		all = append([]string{analyzers.Recommended.String()}, all...)
	}
	return all
}
