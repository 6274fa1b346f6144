package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/baseline"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
)

// baselineFlags say which baseline counts.
type baselineFlags struct {
	file string
	none bool
}

func (b *baselineFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&b.file, "baseline", "", "baseline `file` of findings that are known (default: "+baseline.Name+" at the top of the tree, where it is)")
	flags.BoolVar(&b.none, "no-baseline", false, "report also what the baseline has")
}

// path is where the baseline is, on disk.
func (b *baselineFlags) path(at *place) string {
	if b.file != "" {
		return b.file
	}
	return filepath.Join(at.tree.Dir(), baseline.Name)
}

// read is the baseline in use; it has no Set where there is none.
func (b *baselineFlags) read(at *place) (knownFindings, error) {
	if b.none {
		return knownFindings{}, nil
	}
	f, err := os.Open(b.path(at))
	if errors.Is(err, fs.ErrNotExist) && b.file == "" {
		return knownFindings{}, nil
	}
	if err != nil {
		return knownFindings{}, fmt.Errorf("--baseline: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	set, err := baseline.Read(f)
	if err != nil {
		return knownFindings{}, fmt.Errorf("read the baseline %s: %w", b.path(at), err)
	}
	return knownFindings{set}, nil
}

// knownFindings are those of a baseline, if there is one.
type knownFindings struct{ *baseline.Set }

// tell puts into the report what became of the baseline.
func (k knownFindings) tell(r *analyzers.Report, loaded driver.Loaded, at *place, part bool) {
	if k.Set != nil {
		r.InBaseline = k.Found()
		r.Fixed = len(k.Fixed(looked(r, loaded, at, part)))
	}
}

// looked tells of which rules and roots a run can say that something is gone:
// of the rules that ran and the roots that were loaded and, when all of the
// tree was looked at, also of roots that are no longer there. Of the manifests
// that lie about only a part may have been loaded.
func looked(r *analyzers.Report, loaded driver.Loaded, at *place, part bool) func(rule, root string) bool {
	rules, roots := map[string]bool{}, map[string]bool{}
	for _, rule := range r.Rules {
		rules[rule.ID] = true
	}
	for _, root := range loaded.Roots {
		roots[root.ID()] = !strings.HasPrefix(root.ID(), "kubernetes:")
	}
	whole := !part && slices.Contains(at.under, ".")
	return func(rule, root string) bool { return rules[rule] && (whole || roots[root]) }
}

func baselineCommand() *cobra.Command {
	var o options
	var prune bool
	cmd := &cobra.Command{
		Use:   "baseline [PATH...]",
		Short: "Remember what is found now, so that scans report what is new",
		Long: "Baseline writes what a scan of each PATH (default: here) finds to " + baseline.Name + "\n" +
			"at the top of the tree. Scans take it from there and report what is new. A finding\n" +
			"is known again by its rule, resource and path, never by its line. Commit the file,\n" +
			"and shrink it with --prune as findings are fixed.",
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := locateAll(args)
			if err != nil {
				return err
			}
			return o.writeBaseline(cmd, at, prune)
		},
	}
	o.registerRules(cmd.Flags())
	cmd.Flags().StringVarP(&o.baseline.file, "output", "o", "", "`file` to write (default "+baseline.Name+" at the top of the tree)")
	cmd.Flags().BoolVar(&prune, "prune", false, "only take out what is no longer found")
	return cmd
}

// collector remembers everything and takes out nothing.
type collector struct{ *baseline.Set }

func (c collector) Filter(found []*analyzers.Finding) []*analyzers.Finding {
	c.Add(found)
	return found
}

func (o *options) writeBaseline(cmd *cobra.Command, at *place, prune bool) error {
	set := baseline.New()
	var filter driver.Filter = collector{set}
	if prune {
		known, err := o.baseline.read(at)
		if err != nil {
			return err
		}
		if known.Set == nil {
			return fmt.Errorf("there is no baseline at %s", o.baseline.path(at))
		}
		set, filter = known.Set, known.Set
	}
	loaded, err := o.load(cmd, at, nil)
	if err != nil {
		return err
	}
	policies, err := o.policies(loaded.Graph)
	if err != nil {
		return err
	}
	report, fault := driver.RunPolicies(loaded, policies, o.suppressions(loaded, at), filter)
	if fault != nil {
		return fault
	}
	before := set.Size()
	if prune {
		set.Prune(looked(report, loaded, at, false))
	}
	name := o.baseline.path(at)
	if err := writeFile(name, set.Write); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	if o.baseline.file == "" {
		name = at.display(baseline.Name)
	}
	out := cmd.OutOrStdout()
	if prune {
		_, err = fmt.Fprintf(out, "%s: %d of %d findings taken out\n", name, before-set.Size(), before)
		return err
	}
	each := ""
	if len(report.Findings) != set.Size() {
		each = fmt.Sprintf(", %d with each resource counted", set.Size())
	}
	_, err = fmt.Fprintf(out, "%s: %d findings%s\n", name, len(report.Findings), each)
	return errors.Join(err, incomplete(report))
}
