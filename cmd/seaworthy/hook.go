package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/internal/gittree"
)

func hookCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "hook FILE...",
		Short: "Analyse what the given changed files are part of (for pre-commit)",
		Long: "Hook takes the changed files, analyses as a whole every chart, kustomization,\n" +
			"Terraform root module and set of manifests that one of them is part of, and\n" +
			"reports what touches the changed files. It may be run in several processes,\n" +
			"each with a part of the files. Where a file is gone, all that was not there at\n" +
			"HEAD is reported.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil // pre-commit may have nothing for us
			}
			at, err := locate(args, true)
			if err != nil {
				return err
			}
			changed := at.under
			at.under = []string{"."} // a base is changed, its overlays are elsewhere
			if at.gone(changed) && o.since.ref() == "" && gittree.Has(cmd.Context(), at.tree.Dir(), "HEAD") {
				// What a file did that is gone shows only beside what was there.
				o.since.commit, changed = "HEAD", nil
			}
			return o.analyse(cmd, at, changed)
		},
	}
	o.register(cmd.Flags())
	return cmd
}

// gone tells whether one of the files is no longer there.
func (p *place) gone(files []string) bool {
	return slices.ContainsFunc(files, func(f string) bool { return !p.tree.Exists(f) })
}
