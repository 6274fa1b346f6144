package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
)

func blameCommand() *cobra.Command {
	var o options
	var wanted blamed
	format := "text"
	cmd := &cobra.Command{
		Use:   "blame [PATH...]",
		Short: "Print what was rendered, each line with the line that wrote it",
		Long: "Blame renders the charts, kustomizations, Terraform root modules and manifests\n" +
			"below each PATH (default: here) and prints their resources. In front of each line\n" +
			"stands the line that wrote it and, behind an arrow, the one that drove it: a\n" +
			"chart's value, a variable. A mark tells of a place that is known less well than\n" +
			"to the line: ~ it is in the block that begins there, ? it is in the file.\n\n" +
			"A --field that is a single value is printed with its whole chain; one that is\n" +
			"absent, with the branch of the template that would have written it. On a terminal\n" +
			"the output goes through $PAGER, or less; PAGER=cat switches that off.\n\n" +
			"Exit codes: 0 printed; 2 wrong usage or nothing matches; 3 incomplete, because a\n" +
			"file could not be read, parsed or rendered.",
		Example: "  seaworthy blame charts/web --values prod.yaml --resource Deployment/web\n" +
			"  seaworthy blame --resource 'Deployment/**' --field 'spec.template.spec.containers[0].image'\n" +
			"  seaworthy blame infra --resource 'module.db.**' --format json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			at, err := locateAll(args)
			if err != nil {
				return err
			}
			return o.blame(cmd, at, wanted, format)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&format, "format", "f", format, "`format` of the output: text or json")
	flags.StringArrayVarP(&wanted.resources, "resource", "r", nil, "`resource` to print: an ID such as Deployment/shop/web or aws_s3_bucket.logs, with or without the namespace, or a glob; may be repeated")
	flags.StringVar(&wanted.field, "field", "", "`path` of what to print of each resource, such as spec.containers[0].image")
	o.registerSources(flags)
	return cmd
}

// blamed is what to print: resources by ID or glob, all without one, and what
// of each, all without a field.
type blamed struct {
	resources []string
	field     string
}

func (o *options) blame(cmd *cobra.Command, at *place, wanted blamed, format string) error {
	loaded, err := o.load(cmd, at, nil)
	if err != nil {
		return err
	}
	report, _ := driver.Run(loaded, nil, nil) // no rule, so none fails
	if len(report.Roots) == 0 && len(report.Problems) == 0 {
		return nothing(at, loaded)
	}
	stderr := cmd.ErrOrStderr()
	if err := printer.Line(stderr, &analyzers.Report{Problems: report.Problems}, printer.Options{Display: at.display}); err != nil {
		return err
	}
	outcome := o.outcome(report, nil)
	parts, err := wanted.of(loaded.Graph.Resources())
	if err != nil {
		if outcome == nil {
			return err
		}
		fmt.Fprintln(stderr, "seaworthy:", err) // it may be in what could not be rendered
		return outcome
	}
	w := cmd.OutOrStdout()
	if format == "json" {
		err = printer.BlameJSON(w, parts)
	} else {
		opt := printer.Options{
			Color: o.colours(w), Width: unlimited, Display: at.display,
		}
		if interactive(w) {
			opt.Width = width(w)
		}
		err = paged(w, func(w io.Writer) error { return printer.Blame(w, parts, opt) })
	}
	if err != nil {
		return err
	}
	return outcome
}

// unlimited is the width where nobody looks: what reads the output wants
// whole names.
const unlimited = 1 << 20

// of finds what is wanted; the error says what comes near when nothing is it.
func (b blamed) of(all []*graph.Resource) ([]printer.Part, error) {
	var found, absent []printer.Part
	for _, r := range all {
		if !b.names(r) {
			continue
		}
		part := printer.PartOf(r, b.field)
		if b.field != "" && part.Value.Kind() == graph.Absent && !part.Explained() {
			absent = append(absent, part)
		} else {
			found = append(found, part)
		}
	}
	switch {
	case len(found) > 0 || len(all) == 0 && len(b.resources) == 0:
		return found, nil
	case len(absent) > 0:
		return nil, b.missing(absent)
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return nil, fmt.Errorf("no resource matches %s%s", strings.Join(b.resources, ", "), nearest(b.resources[0], ids))
}

// missing says what fields come near one that no resource has.
func (b blamed) missing(absent []printer.Part) error {
	known := map[string]bool{}
	for _, part := range absent {
		for _, path := range printer.Paths(part.Value.Resource()) {
			known[path] = true
		}
	}
	who := fmt.Sprintf("none of %d resources has", len(absent))
	if len(absent) == 1 {
		who = printer.Clean(absent[0].Value.Resource().ID) + " has no"
	}
	return fmt.Errorf("%s %s%s", who, b.field, nearest(b.field, slices.Collect(maps.Keys(known))))
}

// nearest is a list of the names most like the one that is not there.
func nearest(name string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	list := []string{"; the nearest are"}
	for _, n := range driver.Nearest(name, names, 8) {
		list = append(list, printer.Clean(n))
	}
	return strings.Join(list, "\n  ")
}

// names tells whether the resource is wanted.
func (b blamed) names(r *graph.Resource) bool {
	if len(b.resources) == 0 {
		return true
	}
	ids := []string{r.ID}
	if parts := strings.Split(r.ID, "/"); len(parts) == 3 && strings.HasSuffix(r.Type, "/"+parts[0]) {
		ids = append(ids, parts[0]+"/"+parts[2]) // Kind/name without the namespace
	}
	return slices.ContainsFunc(b.resources, func(pattern string) bool {
		return slices.ContainsFunc(ids, func(id string) bool {
			return id == pattern || doublestar.MatchUnvalidated(brackets.Replace(pattern), id)
		})
	})
}

// brackets are the instance key of a Terraform address, not a class of
// characters.
var brackets = strings.NewReplacer("[", `\[`, "]", `\]`)
