package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
)

func driftCommand() *cobra.Command {
	var o options
	format := "text"
	cmd := &cobra.Command{
		Use:   "drift [PATH...]",
		Short: "Compare what is written with what runs in a cluster",
		Long: "Drift renders what is below each PATH (default: here), reads the cluster that\n" +
			"kubectl talks to, and prints the fields that are not what is written, each with\n" +
			"its line, its value in the cluster and who set that. What the server fills in and\n" +
			"what controllers and webhooks keep is no drift; a field that is only in the\n" +
			"cluster is, when somebody set it by hand or it was applied once.\n\n" +
			"A chart is compared as the release that the cluster has of it, unless\n" +
			"--release-name says which. Custom resources are compared too, of any kind that\n" +
			"is written.\n\n" +
			"It prints objects too that are written and not in the cluster, and those that the\n" +
			"same release made and that are not written. It writes nothing, anywhere. Values of\n" +
			"Secrets are not read.\n\n" +
			"Exit codes: 0 no drift; 1 drift; 2 wrong usage, or no such cluster;\n" +
			"3 incomplete, because something could not be read or rendered.",
		Example: "  seaworthy drift deploy/overlays/prod --context prod\n" +
			"  seaworthy drift charts/web --values prod.yaml --release-name web --namespace shop --format json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			at, err := locateAll(args)
			if err != nil {
				return err
			}
			return o.drift(cmd, at, format)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&format, "format", "f", format, "`format` of the output: text or json")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "list what could not be looked for and what was left out")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no summary")
	flags.BoolVar(&o.cluster.follow, "cluster", true, "read the cluster, which is what the command does")
	_ = flags.MarkHidden("cluster") // there is such a flag
	flags.BoolVar(&o.cluster.serverSide, "server-side", false, "ask the server, in a dry run, what applying would change; the user must be allowed to patch")
	o.registerSources(flags)
	o.cluster.registerSource(flags)
	return cmd
}

func (o *options) drift(cmd *cobra.Command, at *place, format string) error {
	if !o.cluster.follow {
		return fmt.Errorf("drift is about a cluster: leave --cluster out")
	}
	found := &cluster.Drift{}
	o.cluster.drift = found
	loaded, err := o.loadInstalled(cmd, at, found)
	if err != nil {
		return err
	}
	if len(loaded.Roots) == 0 {
		return nothing(at, loaded)
	}
	report, _ := driver.Run(loaded, nil, nil) // no rule, so none fails
	d := o.drifted(found, report)
	write := printer.DriftText
	if format == "json" {
		write = printer.DriftJSON
	}
	out := cmd.OutOrStdout()
	if err := write(out, d, printer.Options{
		Color: o.colours(out), Width: width(out), Display: at.display, Verbose: o.verbose, Quiet: o.quiet, Version: seaworthy.Version(),
	}); err != nil {
		return err
	}
	if err := incomplete(report); err != nil {
		return err
	}
	if len(d.Fields)+len(d.Absent)+len(d.Stray) > 0 {
		return exit{exitFindings}
	}
	return nil
}

// drifted is what was found, to be printed.
func (o *options) drifted(found *cluster.Drift, report *analyzers.Report) *printer.Drift {
	d := &printer.Drift{
		Context: found.Context, Day: found.Day, Compared: found.Compared, Others: found.Others, Secrets: found.Secrets, Elsewhere: found.Elsewhere,
		Skipped: report.Skipped, Problems: report.Problems,
	}
	for _, r := range found.Releases {
		d.Releases = append(d.Releases, printer.DriftRelease{Chart: o.config.dirs[r.Root], Name: r.Name, Namespace: r.Namespace})
	}
	value := func(text string, there bool) *string {
		if !there {
			return nil
		}
		return &text
	}
	for _, one := range found.Differences {
		f := printer.DriftField{At: one.Place(), Object: one.Object(), Path: one.Path(), Written: value(one.WrittenText()), Live: value(one.Live())}
		f.Manager, f.Time = one.Manager()
		for _, leaf := range one.Leaves() {
			f.Leaves = append(f.Leaves, printer.DriftLeaf(leaf))
		}
		d.Fields = append(d.Fields, f)
	}
	for _, r := range found.Absent {
		d.Absent = append(d.Absent, printer.DriftObject{At: r.Place.Cure(), Object: r.ID})
	}
	for _, s := range found.Stray {
		d.Stray = append(d.Stray, printer.DriftObject{Object: s.Object, Of: s.Of})
	}
	for _, u := range found.Unknown {
		d.Unknown = append(d.Unknown, printer.DriftObject{At: u.Place.Cure(), Object: u.ID, Why: u.Why})
	}
	return d
}
