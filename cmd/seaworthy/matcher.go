package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/internal/printer"
)

func matcherCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "matcher " + strings.Join(printer.MatcherTargets, "|"),
		Short: "Print a problem matcher for an editor or a build agent",
		Long: "Matcher prints what makes findings in the output of a scan visible where they are:\n" +
			"a tasks.json for Visual Studio Code, or a problem matcher for GitHub Actions.",
		Example: "  seaworthy matcher vscode > .vscode/tasks.json\n" +
			"  seaworthy matcher github > matcher.json && echo '::add-matcher::matcher.json'",
		Args:      arguments(1, 1),
		ValidArgs: printer.MatcherTargets,
		RunE: func(cmd *cobra.Command, args []string) error {
			return printer.Matcher(cmd.OutOrStdout(), args[0])
		},
	}
}
