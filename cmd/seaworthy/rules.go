package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/rules"
)

func rulesCommand() *cobra.Command {
	var format string
	var take, leave []string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			selected, err := driver.Select(rules.All(), take, leave)
			if err != nil {
				return err
			}
			return printer.Rules(cmd.OutOrStdout(), selected, format)
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
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := driver.Select(rules.All(), args, nil)
			if err != nil {
				return err
			}
			w := cmd.OutOrStdout()
			for i, r := range found {
				example, err := exampleOf(r)
				if err != nil {
					return err
				}
				if i > 0 {
					fmt.Fprintln(w)
				}
				if err := printer.Explain(w, r, example, printer.Options{Color: colourful(w), Width: width(w)}); err != nil {
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

// exampleOf takes a rule's examples from its fixture: the files with the marks
// of the tests left out.
func exampleOf(r *analyzers.Rule) (printer.Example, error) {
	name := "fixtures/rules/" + r.Family() + "/" + r.ID + ".txtar"
	data, err := fs.ReadFile(seaworthy.Fixtures, name)
	if err != nil {
		return printer.Example{}, fmt.Errorf("the example of %s: %w", r.ID, err)
	}
	archive := txtar.Parse(data)
	example := printer.Example{Prose: strings.TrimSpace(string(archive.Comment))}
	for _, f := range archive.Files {
		text := string(f.Data)
		switch {
		case example.Bad == "" && strings.Contains(text, "want"):
			example.Bad = withoutWants(text)
		case example.Good == "" && strings.Contains(f.Name, "good"):
			example.Good = withoutWants(text)
		}
	}
	return example, nil
}

// withoutWants cuts the comments that only the tests read.
func withoutWants(text string) string {
	lines := strings.Split(text, "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasPrefix(strings.TrimSpace(l), "# want") || strings.HasPrefix(strings.TrimSpace(l), "# unsure")
	})
	for i, l := range lines {
		for _, mark := range []string{"# want", "# unsure"} {
			if before, _, ok := strings.Cut(l, mark); ok {
				lines[i] = strings.TrimRight(before, " ")
			}
		}
	}
	return strings.Join(lines, "\n")
}
