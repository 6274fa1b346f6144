package printer

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// Page writes the page about a rule in Markdown. in are the controls that it
// answers, prose is what its fixture says about the difficult cases.
func Page(w io.Writer, r *analyzers.Rule, in []analyzers.Membership, prose string, example Example) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", r.ID, r.Title)
	fmt.Fprintf(&b, "| severity | precision | fix | profiles |\n|---|---|---|---|\n| %s | %s | %s | %s |\n\n",
		r.Severity, r.Precision, r.Fix, strings.Join(profiles(r, in), ", "))
	fmt.Fprintf(&b, "## Why\n\n%s\n\n## What to do\n\n%s\n\n", r.Why, r.Remedy)
	if how := byFix(r); how != "" {
		fmt.Fprintf(&b, "%s\n\n", how)
	}
	if params := r.Parameters(); len(params) > 0 {
		b.WriteString("## Parameters\n\n| parameter | type | default | what it is |\n|---|---|---|---|\n")
		for _, p := range params {
			fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", p.Name, p.Type, written(p), p.Doc)
		}
		fmt.Fprintf(&b, "\nThey are set in [`.seaworthy.yaml`](../configuration.md):\n\n```yaml\n%s```\n\n", setting(r))
	}
	if prose != "" {
		fmt.Fprintf(&b, "## Details\n\n%s\n\n", prose)
	}
	for _, e := range []struct{ title, text string }{{"Wrong", example.Bad}, {"Right", example.Good}} {
		if text := strings.Trim(e.text, "\n"); text != "" {
			fmt.Fprintf(&b, "## %s\n\n```%s\n%s\n```\n\n", e.title, example.Lang, text)
		}
	}
	if len(r.Same) > 0 {
		b.WriteString("## In other tools\n\n")
		for _, s := range r.Same {
			tool, check, _ := strings.Cut(s, ":")
			fmt.Fprintf(&b, "- %s `%s`\n", tool, check)
		}
		b.WriteString("\n")
	}
	if len(in) > 0 {
		b.WriteString("## In frameworks\n\n")
		for _, m := range in {
			fmt.Fprintf(&b, "- %s %s, [%s](../compliance.md#%s): %s\n", m.Framework.Title, m.Version, m.Control.ID, m.Framework.ID, m.Control.Title)
		}
		b.WriteString("\n")
	}
	b.WriteString("[All rules](../rules.md)\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// byFix says how the rule's findings can be mended by the program; "" when
// they cannot.
func byFix(r *analyzers.Rule) string {
	switch r.Fix {
	case analyzers.Safe:
		return fmt.Sprintf("`seaworthy fix --select %s` does it; the fix does not change what works today.", r.ID)
	case analyzers.Unsafe:
		return fmt.Sprintf("`seaworthy fix --unsafe --select %s` does it; look at the change, for what relies on the old setting stops working.", r.ID)
	case analyzers.NoFix:
	}
	return ""
}

// LangOf is the language of a file for a fenced block in Markdown.
func LangOf(file string) string {
	switch path.Ext(file) {
	case ".tf", ".tofu", ".tfvars":
		return "hcl"
	case ".json":
		return "json"
	}
	return "yaml"
}
