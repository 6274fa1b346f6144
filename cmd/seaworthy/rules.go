package main

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

func rulesCommand() *cobra.Command {
	var format string
	var take, leave []string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			selected, err := driver.Select(rules.All(), compliance.Load, take, leave)
			if err != nil {
				return err
			}
			list := printer.Catalogue{Rules: selected}
			if format == "json" {
				frameworks, err := compliance.Load()
				if err != nil {
					return err
				}
				list.Memberships = analyzers.Memberships(frameworks)
			}
			return printer.Rules(cmd.OutOrStdout(), list, format)
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "table", "`format` of the list: table, json or markdown")
	cmd.Flags().StringSliceVar(&take, "select", []string{"all"}, "`rules` to list, named as for scan")
	cmd.Flags().StringSliceVar(&leave, "ignore", nil, "`rules` to leave out, named as for scan")
	return cmd
}

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain RULE",
		Short:   "Explain a rule: why it matters, what to do, examples",
		Example: "  seaworthy explain k8s-privileged-container\n  seaworthy explain CKV_K8S_16",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := driver.Select(rules.All(), compliance.Load, args, nil)
			if err != nil {
				return err
			}
			frameworks, err := compliance.Load()
			if err != nil {
				return err
			}
			in := analyzers.Memberships(frameworks)
			w := cmd.OutOrStdout()
			for i, r := range found {
				example, _, err := exampleOf(r)
				if err != nil {
					return err
				}
				if i > 0 {
					fmt.Fprintln(w)
				}
				if err := printer.Explain(w, r, in[r.ID], example, printer.Options{Color: colourful(w), Width: width(w)}); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range rules.All() {
				ids = append(ids, r.ID)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// exampleOf takes a rule's examples from its fixture, the files without what
// only the tests read, and the prose in front of them.
func exampleOf(r *analyzers.Rule) (printer.Example, string, error) {
	data, err := fs.ReadFile(seaworthy.Fixtures, "fixtures/rules/"+r.Family()+"/"+r.ID+".txtar")
	if err != nil {
		return printer.Example{}, "", fmt.Errorf("the example of %s: %w", r.ID, err)
	}
	archive := txtar.Parse(data)
	var example printer.Example
	for _, f := range archive.Files {
		text := string(f.Data)
		switch {
		case f.Name == "want", strings.HasPrefix(f.Name, "@fix/"):
		case example.Bad == "" && marks().MatchString(text):
			example.Bad, example.Lang = withoutMarks(text), printer.LangOf(f.Name)
		case example.Good == "" && strings.Contains(f.Name, "good"):
			example.Good = withoutMarks(text)
		}
	}
	return example, strings.TrimSpace(string(archive.Comment)), nil
}

// marks are the comments that only the tests read, with their line when there
// is nothing else on it.
var marks = late.Pattern(`(?m)(^[ \t]*(#|//|/\*)[ \t]*(want|unsure)(\+\d+)?:.*\n|[ \t]*(#|//|/\*)[ \t]*(want|unsure)(\+\d+)?:.*$)`)

func withoutMarks(text string) string { return marks().ReplaceAllString(text, "") }
