package printer

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// RuleFormats are the formats that [Rules] knows.
var RuleFormats = [...]string{"table", "json", "markdown"}

// A Catalogue is a list of rules and the controls of frameworks that each of
// them answers, by its ID.
type Catalogue struct {
	Rules       []*analyzers.Rule
	Memberships map[string][]analyzers.Membership
}

// Rules writes a list of rules as a table, json or markdown.
func Rules(w io.Writer, c Catalogue, format string) error {
	var b strings.Builder
	switch format {
	case "table":
		rulesTable(&b, c.Rules)
	case "markdown":
		rulesMarkdown(&b, c.Rules)
	case "json":
		return rulesJSON(w, c)
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

// ruleJSON is a rule in JSON output. Profiles are all that have the rule,
// Frameworks the controls it answers, as framework:control.
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

	Params []paramJSON `json:"params"`
}

func rulesJSON(w io.Writer, c Catalogue) error {
	out := make([]ruleJSON, 0, len(c.Rules))
	for _, r := range c.Rules {
		in := c.Memberships[r.ID]
		out = append(out, ruleJSON{
			ID: r.ID, Title: r.Title, Why: r.Why, Remedy: r.Remedy,
			Severity: r.Severity.String(), Precision: r.Precision.String(), Family: r.Family(),
			Profiles: profiles(r, in), Frameworks: controls(in), Same: append([]string{}, r.Same...),
			Fixable: r.Fix != analyzers.NoFix, Fix: r.Fix.String(), Params: paramsJSON(r),
		})
	}
	return encode(w, out)
}

// profiles are the names of all profiles that have the rule, the smallest
// first.
func profiles(r *analyzers.Rule, in []analyzers.Membership) []string {
	var all []string
	if r.Profile == analyzers.Recommended {
		all = append(all, analyzers.Recommended.String())
	}
	all = append(all, analyzers.Strict.String())
	for _, m := range in {
		if !slices.Contains(all, m.Framework.ID) {
			all = append(all, m.Framework.ID)
		}
	}
	return append(all, "all")
}

func controls(in []analyzers.Membership) []string {
	names := make([]string, 0, len(in))
	for _, m := range in {
		names = append(names, m.Name())
	}
	return names
}
