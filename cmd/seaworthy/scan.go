package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/baseline"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

// options are the flags of the commands that analyse.
type options struct {
	formats     formats.Options
	config      configuration
	baseline    baselineFlags
	since       sinceFlags
	take, leave []string
	exclude     []string
	failOn      string
	exitZero    bool
	showUnsure  bool
	verbose     bool
	quiet       bool
	timed       bool
	timings     *driver.Timings
	colour      colourFlag
	category    string
	frameworks  []string
	outputs     outputs
	valueSets   []string
	helmCache   string
	templates   templatesFlag
	images      imageFlags
	cluster     clusterFlags
	namespaces  []string
}

func (o *options) register(flags *pflag.FlagSet) {
	o.registerOutput(flags)
	o.baseline.register(flags)
	o.since.register(flags)
	o.registerRules(flags)
}

// registerOutput adds the flags of all commands that report findings.
func (o *options) registerOutput(flags *pflag.FlagSet) {
	flags.VarP(formatFlag{&o.outputs}, "format", "f", "`format` of the output: "+strings.Join(formatNames, ", ")+"; may be repeated")
	flags.VarP(outputFlag{&o.outputs}, "output", "o", "write the format before it to this `file`")
	flags.StringVar(&o.failOn, "fail-on", "low", "lowest `severity` that makes the exit code 1: info, low, medium, high or critical")
	flags.BoolVar(&o.exitZero, "exit-zero", false, "exit with 0 in spite of findings")
	flags.BoolVar(&o.showUnsure, "show-unsure", false, "list the places where a rule could not tell")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "list what was analysed and what was left out")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no summary")
	flags.BoolVar(&o.timed, "timings", false, "print where the time went, to standard error")
	flags.StringVar(&o.category, "sarif-category", "", "`name` that tells several uploads of one commit apart")
}

// registerRules adds the flags of all commands that run rules on files.
func (o *options) registerRules(flags *pflag.FlagSet) {
	o.registerSelection(flags)
	o.registerSources(flags)
	o.images.register(flags)
	o.cluster.register(flags)
}

// registerSelection adds the flags of all commands that run rules.
func (o *options) registerSelection(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.take, "select", nil, "`rules` to run: IDs, globs, families, profiles, other tools' checks, or all (default recommended)")
	flags.StringSliceVar(&o.leave, "ignore", nil, "`rules` to leave out, named as for --select")
	o.config.registerIgnores(flags)
}

// registerShared adds the flags of all commands that analyse: the
// configuration, and when to use colours.
func (o *options) registerShared(flags *pflag.FlagSet) {
	o.config.register(flags)
	o.colour = "auto"
	flags.Var(&o.colour, "color", "`when` to use colours: auto, always or never")
}

// A colourFlag says when to use colours.
type colourFlag string

func (f *colourFlag) Set(when string) error {
	if when != "auto" && when != "always" && when != "never" {
		return errors.New("use auto, always or never")
	}
	*f = colourFlag(when)
	return nil
}

func (f *colourFlag) String() string { return string(*f) }

func (*colourFlag) Type() string { return "when" }

// colours tells whether what is written to w is coloured.
func (o *options) colours(w io.Writer) bool {
	return o.colour == "always" || o.colour == "auto" && colourful(w)
}

// registerSources adds the flags of all commands that load a graph and print
// what is in it: what to read, what to render it with.
func (o *options) registerSources(flags *pflag.FlagSet) {
	o.registerShared(flags)
	flags.StringSliceVar(&o.exclude, "exclude", nil, "`patterns` of files to leave out, as in .gitignore")
	flags.StringArrayVar(&o.formats.Helm.Values, "values", nil, "values `file` for charts; may be repeated")
	flags.StringArrayVar(&o.formats.Helm.Set, "set", nil, "`value` for charts, as in helm --set; may be repeated")
	flags.StringArrayVar(&o.valueSets, "value-sets", nil, "render charts once more with each `set`: ci for their ci/*-values.yaml, or NAME=FILE[,FILE...]; may be repeated")
	flags.StringVar(&o.helmCache, "helm-cache", "", "look for missing dependencies of charts in this `directory`; without one in Helm's cache")
	flags.Lookup("helm-cache").NoOptDefVal = helmsOwn
	flags.StringSliceVar(&o.namespaces, "namespace", nil, "`namespace` that charts are installed into (default not known)")
	flags.StringVar(&o.formats.Helm.ReleaseName, "release-name", "", "release `name` that charts are installed as")
	flags.Var(&o.templates, "pod-template", "`group/Kind=path` of the pod template in custom resources of a kind; may be repeated")
	flags.StringVar(&o.formats.Helm.KubeVersion, "kube-version", "", "Kubernetes `version` to render and judge for")
	flags.StringArrayVar(&o.formats.Helm.APIVersions, "api-versions", nil, "API `version` that the cluster serves beside the usual ones; may be repeated")
	flags.Var(varFlag{&o.formats.Terraform.Given, true}, "var-file", "variables `file` for Terraform; may be repeated")
	flags.Var(varFlag{&o.formats.Terraform.Given, false}, "var", "`name=value` of a Terraform variable; may be repeated; it and --var-file count in their order")
}

func scanCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "Analyse directories and files",
		Long: "Scan finds the Terraform root modules, charts, kustomizations and manifests below\n" +
			"each PATH (default: here), analyses them and prints what is unsafe. With --cluster\n" +
			"it looks at what runs in a cluster as well, with --images at the container images\n" +
			"that are run; only then is the network touched.\n\n" +
			"Exit codes: 0 clean; 1 findings; 2 wrong usage or nothing to analyse;\n" +
			"3 incomplete, because something could not be read, parsed or rendered.",
		Example: "  seaworthy scan\n" +
			"  seaworthy scan deploy/ --format sarif --output seaworthy.sarif --format text\n" +
			"  seaworthy scan charts/web --values prod.yaml --select all --ignore 'k8s-*-probe*'\n" +
			"  seaworthy scan --cluster --context 'prod (eu)' --images",
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := locateAll(args)
			if err != nil {
				return err
			}
			return o.analyse(cmd, at, nil)
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().StringSliceVar(&o.frameworks, "framework", nil, "`frameworks` to report on, control by control: "+strings.Join(compliance.IDs(), ", "))
	return cmd
}

// analyse does the work of scan and hook: changed files, when not nil, limit
// the roots to those that read one and the findings to those that touch one.
func (o *options) analyse(cmd *cobra.Command, at *place, changed []string) error {
	for _, id := range o.frameworks {
		if !slices.Contains(compliance.IDs(), id) {
			return fmt.Errorf("--framework: unknown framework %q: use %s", id, strings.Join(compliance.IDs(), ", "))
		}
	}
	if _, err := driver.Select(rules.All(), compliance.Load, o.take, o.leave); err != nil {
		return err
	}
	if _, err := analyzers.ParseSeverity(o.failOn); err != nil {
		return fmt.Errorf("--fail-on: %w", err)
	}
	if err := o.outputs.check(o.images.wanted()); err != nil {
		return err
	}
	if o.timed {
		o.timings = driver.NewTimings()
	}
	var wants func(parsers.Root) bool
	if changed != nil {
		wants = func(r parsers.Root) bool { return slices.ContainsFunc(changed, r.Reads) }
	}
	loaded, err := o.load(cmd, at, wants)
	if err != nil {
		return err
	}
	policies, err := o.policies(loaded.Graph)
	if err != nil {
		return err
	}
	// A control fails whether what is wrong is new or not.
	o.baseline.none = o.baseline.none || len(o.frameworks) > 0
	known, err := o.baseline.read(at)
	if err != nil {
		return err
	}
	before, err := o.before(cmd, at)
	if err != nil {
		return err
	}
	var taken filters
	if known.Set != nil {
		taken = append(taken, known)
	}
	if before != nil {
		taken = append(taken, before)
	}
	report, fault := driver.RunPolicies(loaded, policies, o.suppressions(loaded, at), taken)
	known.tell(report, loaded, at, changed != nil)
	before.tell(report)
	report.Skipped = slices.DeleteFunc(slices.Clone(report.Skipped), ours)
	if changed != nil {
		change := driver.NewChange(changed, loaded)
		report.Findings = change.Touching(report.Findings)
		report.Unsure = change.Touching(report.Unsure)
	} else if len(loaded.Roots) == 0 && report.Resources == 0 && incomplete(report) == nil {
		return nothing(at, loaded)
	}
	if err := o.assess(report, loaded.Graph); err != nil {
		return err
	}
	if err := o.write(cmd, at, report); err != nil {
		return err
	}
	if o.timed {
		writeTimings(cmd.ErrOrStderr(), o.timings)
	}
	if fault != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "seaworthy:", fault)
	}
	return o.outcome(report, fault)
}

// ours tells of the files that are read for what they say about the run.
func ours(s source.Skip) bool {
	name := path.Base(s.Path)
	return name == config.Name || name == baseline.Name
}

// assess judges the frameworks that were asked for.
func (o *options) assess(report *analyzers.Report, g *graph.Graph) error {
	wanted := o.frameworks
	if !o.config.given("framework") {
		for _, c := range o.config.all(g) {
			wanted = append(wanted, c.Frameworks...)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	all, err := compliance.Load()
	if err != nil {
		return err
	}
	for _, f := range all {
		if slices.Contains(wanted, f.ID) {
			report.Assessments = append(report.Assessments, report.Assess(f))
		}
	}
	return nil
}

// load makes the graph of what the flags say; wants limits the roots, nil
// means all.
func (o *options) load(cmd *cobra.Command, at *place, wants func(parsers.Root) bool) (driver.Loaded, error) {
	if err := o.prepare(cmd.Context(), at, cmd.ErrOrStderr()); err != nil {
		return driver.Loaded{}, err
	}
	return o.loadTree(cmd, at, wants)
}

// loadTree is load of what is prepared.
func (o *options) loadTree(cmd *cobra.Command, at *place, wants func(parsers.Root) bool) (driver.Loaded, error) {
	load := o.loading(at)
	load.Wants, load.Progress = wants, progress(cmd.ErrOrStderr(), "analysed")
	loaded, err := load.Graph(cmd.Context())
	o.rooted(loaded)
	if err != nil {
		return loaded, err
	}
	return loaded, o.config.finder.Err()
}

// prepare reads what the flags and the configuration say about loading.
func (o *options) prepare(ctx context.Context, at *place, stderr io.Writer) error {
	if v := o.formats.Helm.KubeVersion; v != "" {
		if _, err := kube.Minor(v); err != nil {
			return fmt.Errorf("--kube-version: %w", err)
		}
	}
	if err := o.placed(); err != nil {
		return err
	}
	if err := o.config.open(at); err != nil {
		return err
	}
	o.formats.Terraform.Env = os.Environ()
	if err := o.charts(at); err != nil {
		return err
	}
	for flag, name := range o.inputs() {
		admitted, err := at.tree.Admit(*name)
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		*name = admitted
	}
	o.configureFormats()
	if err := o.openCluster(stderr); err != nil {
		return err
	}
	o.images.progress = progress(stderr, "images read")
	return o.images.open(ctx, today())
}

// inputs are the files that flags name, each with its flag.
func (o *options) inputs() iter.Seq2[string, *string] {
	return func(yield func(string, *string) bool) {
		for i := range o.formats.Helm.Values {
			if !yield("--values", &o.formats.Helm.Values[i]) {
				return
			}
		}
		given := o.formats.Terraform.Given
		for i := range given {
			if given[i].File != "" && !yield("--var-file", &given[i].File) {
				return
			}
		}
	}
}

// nothing is the error of a run that found no root and no problem either.
func nothing(at *place, loaded driver.Loaded) error {
	var names []string
	for _, u := range at.under {
		names = append(names, at.display(u))
	}
	files := "1 file"
	if loaded.Files != 1 {
		files = fmt.Sprintf("%d files", loaded.Files)
	}
	return fmt.Errorf("nothing to analyse: no Terraform, chart, kustomization or manifest in %s (%s looked at)", strings.Join(names, ", "), files)
}

// outcome is the exit code as an error.
func (o *options) outcome(r *analyzers.Report, fault error) error {
	if fault != nil {
		return exit{exitIncomplete}
	}
	if err := incomplete(r); err != nil {
		return err
	}
	for _, f := range r.Findings {
		if lowest, err := o.severityToFail(f); err == nil && f.Rule.Severity >= lowest && !o.exitZero {
			return exit{exitFindings}
		}
	}
	return nil
}

// incomplete is the exit code of a run in which something could not be read.
func incomplete(r *analyzers.Report) error {
	for _, p := range r.Problems {
		if p.Level == graph.Error {
			return exit{exitIncomplete}
		}
	}
	return nil
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "seaworthy", seaworthy.Version())
			return err
		},
	}
}
