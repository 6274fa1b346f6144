package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

// complete tells the shell what may follow the flags of a command and of those
// below it. Files are the shell's own business.
func complete(root *cobra.Command) {
	lists := map[string]func() []string{
		"select":       ruleNames,
		"ignore":       ruleNames,
		"framework":    compliance.IDs,
		"fail-on":      severities,
		"color":        func() []string { return []string{"auto", "always", "never"} },
		"value-sets":   func() []string { return []string{"ci"} },
		"ecosystem":    osv.Ecosystems,
		"kube-version": func() []string { return []string{kube.DefaultRelease} },
		"namespace":    none, "context": none, "release-name": none, "sarif-category": none, "set": none, "var": none, "pod-template": none, "api-versions": none, "from": none,
	}
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			list, known := lists[f.Name]
			switch f.Name {
			case "format":
				list, known = func() []string { return formatsIn(f) }, true
			case "context":
				list, known = func() []string { return cluster.Contexts(cmd.Flag("kubeconfig").Value.String()) }, true
			}
			if known {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, listed(list, f.Value.Type() == "stringSlice")) // it fails for what is registered twice
			}
		})
		complete(cmd)
	}
}

func none() []string { return nil }

func severities() []string { return analyzers.Severities[:] }

// ruleNames are what stands for rules: IDs, families, profiles and all.
func ruleNames() []string {
	names := []string{"all", analyzers.Recommended.String(), analyzers.Strict.String()}
	names = append(names, compliance.IDs()...)
	for _, r := range rules.All() {
		if f := r.Family(); !slices.Contains(names, f) {
			names = append(names, f)
		}
		names = append(names, r.ID+"\t"+r.Title)
	}
	return names
}

// formatsIn are the formats that the help of a flag lists: "`format` of the
// list: table, json or markdown".
func formatsIn(f *pflag.Flag) []string {
	_, list, _ := strings.Cut(f.Usage, ": ")
	list, _, _ = strings.Cut(list, ";")
	return strings.FieldsFunc(strings.ReplaceAll(list, " or ", ", "), func(r rune) bool { return r == ',' || r == ' ' })
}

// listed completes with a list of names; in a flag that takes several, the one
// behind the last comma.
func listed(list func() []string, several bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := ""
		if i := strings.LastIndex(typed, ","); several && i >= 0 {
			before = typed[:i+1]
		}
		var all []string
		for _, name := range list() {
			if strings.HasPrefix(before+name, typed) {
				all = append(all, before+name)
			}
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
}
