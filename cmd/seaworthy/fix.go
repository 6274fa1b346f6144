package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

func fixCommand() *cobra.Command {
	var o options
	var how fixing
	cmd := &cobra.Command{
		Use:   "fix [PATH...] [RULE...]",
		Short: "Mend what has one obviously right value",
		Long: "Fix edits the files below each PATH (default: here) where a finding has one\n" +
			"obviously right value and is written in the tree as it stands. Comments, quotes\n" +
			"and indentation stay. Every file is read and analysed again before it is written:\n" +
			"the finding must be gone and nothing else may mean anything else.\n\n" +
			"An argument that is no file or directory names rules to fix, as --select does.\n\n" +
			"Fixes that may break what works today need --unsafe. What a person has to\n" +
			"choose is listed with -v.\n\n" +
			"Exit codes: 0 done; 1 with --check, when there is something to fix; 2 wrong usage\n" +
			"or nothing to analyse; 3 incomplete, because a file could not be read or written.",
		Example: "  seaworthy fix --diff\n" +
			"  seaworthy fix deploy/ --unsafe k8s-privilege-escalation",
		RunE: func(cmd *cobra.Command, args []string) error {
			paths, named, err := pathsAndRules(args)
			if err != nil {
				return err
			}
			for _, name := range named {
				if err := cmd.Flags().Set("select", name); err != nil {
					return err
				}
			}
			at, err := locate(paths, false)
			if err != nil {
				return err
			}
			return o.fix(cmd, at, how)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.take, "select", nil, "`rules` to fix: IDs, globs, families, profiles, other tools' checks, or all (default recommended)")
	flags.StringSliceVar(&o.leave, "ignore", nil, "`rules` to leave out, named as for --select")
	flags.BoolVar(&how.unsafe, "unsafe", false, "fix also what may break something that works today")
	flags.BoolVar(&how.diff, "diff", false, "print the changes as a unified diff and write nothing")
	flags.BoolVar(&how.check, "check", false, "write nothing, and exit with 1 when there is something to fix")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "list every fix, and why what is left needs a person")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no summary")
	o.config.registerIgnores(flags)
	o.registerSources(flags)
	o.images.register(flags)
	return cmd
}

// pathsAndRules tells arguments that are files or directories from those that
// name rules. Without paths it is the directory we are in.
func pathsAndRules(args []string) (paths, named []string, err error) {
	all := rules.All()
	for _, arg := range args {
		_, err := os.Lstat(arg)
		switch {
		case err == nil:
			paths = append(paths, arg)
		case slices.ContainsFunc(all, func(r *analyzers.Rule) bool { return driver.Names(r, arg) }):
			named = append(named, arg)
		case strings.ContainsAny(arg, `/\.`):
			paths = append(paths, arg) // it is said to be missing
		default:
			return nil, nil, fmt.Errorf("no file, directory or rule is named %q%s", arg, driver.Suggestion(all, nil, arg))
		}
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return paths, named, nil
}

// fixing is how to fix.
type fixing struct{ unsafe, diff, check bool }

func (o *options) fix(cmd *cobra.Command, at *place, how fixing) error {
	if _, err := driver.Select(rules.All(), compliance.Load, o.take, o.leave); err != nil {
		return err
	}
	if err := o.prepare(cmd.Context(), at, cmd.ErrOrStderr()); err != nil {
		return err
	}
	load := o.loading(at)
	load.Progress = progress(cmd.ErrOrStderr(), "analysed")
	fixer := driver.Fixer{
		Load: load, Unsafe: how.unsafe, May: at.writable,
		Look: func(tree *source.Tree, loaded driver.Loaded) (*analyzers.Report, error) {
			o.rooted(loaded)
			if err := o.config.finder.Err(); err != nil {
				return nil, err
			}
			policies, err := o.policies(loaded.Graph)
			if err != nil {
				return nil, err
			}
			then := *at
			then.tree = tree
			return driver.RunPolicies(loaded, policies, o.suppressions(loaded, &then), nil)
		},
	}
	fixed, err := fixer.Run(cmd.Context())
	if err != nil {
		return err
	}
	if len(fixed.Loaded.Roots) == 0 && len(fixed.Report.Problems) == 0 {
		return nothing(at, fixed.Loaded)
	}
	w := cmd.OutOrStdout()
	opt := printer.Options{Color: o.colours(w), Width: width(w), Display: at.display, Verbose: o.verbose, Quiet: o.quiet}
	if how.diff {
		err = o.diff(w, fixed.Texts, at)
	} else {
		if !how.check {
			err = at.write(fixed.Texts)
		}
		err = errors.Join(err, printer.Fixes(w, fixed.Repairs, how.check, opt))
	}
	switch {
	case err != nil:
		fmt.Fprintln(cmd.ErrOrStderr(), "seaworthy:", err)
		return exit{exitIncomplete}
	case how.check && len(fixed.Done) > 0:
		return exit{exitFindings}
	}
	for _, p := range fixed.Report.Problems {
		if p.Level == graph.Error {
			return exit{exitIncomplete}
		}
	}
	return nil
}

// diff prints what would be changed.
func (o *options) diff(w io.Writer, texts map[string][]byte, at *place) error {
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f, err := at.tree.Read(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", at.display(name), err)
		}
		if err := printer.Diff(w, at.display(name), f.Data, texts[name], !interactive(w)); err != nil {
			return err
		}
	}
	return nil
}

// writable tells why a file of the tree is not to be written: it is outside
// of the paths that were named, or behind a symbolic link.
func (p *place) writable(name string) error {
	if !slices.ContainsFunc(p.under, func(under string) bool {
		return under == "." || name == under || strings.HasPrefix(name, strings.TrimSuffix(under, "/")+"/")
	}) {
		return fmt.Errorf("%s is outside of the paths to fix", name)
	}
	full := filepath.Join(p.tree.Dir(), filepath.FromSlash(name))
	if real, err := filepath.EvalSymlinks(full); err != nil || real != full {
		return fmt.Errorf("%s is behind a symbolic link", name)
	}
	return nil
}

// write replaces files by their new texts. What can be written is, and the
// error tells of the rest.
func (p *place) write(texts map[string][]byte) error {
	root, err := os.OpenRoot(p.tree.Dir())
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := replace(root, name, texts[name]); err != nil {
			errs = append(errs, fmt.Errorf("write %s: %w", p.display(name), err))
		}
	}
	return errors.Join(errs...)
}

// replace writes a file anew: to a file beside it that then takes its place,
// so that nobody sees half of it. The mode stays.
func replace(root *os.Root, name string, text []byte) (err error) {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "replace", Path: name, Err: errors.New("not a regular file")}
	}
	temporary := path.Join(path.Dir(name), "."+path.Base(name)+".seaworthy")
	f, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(temporary))
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close()); err != nil {
		return err
	}
	return root.Rename(temporary, name)
}
