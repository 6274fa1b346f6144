package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
)

// databaseFlag names the directory of the database of vulnerabilities.
type databaseFlag struct{ dir string }

func (f *databaseFlag) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.dir, "vulnerability-db", "", "`directory` of the database of vulnerabilities (default in the user's data directory)")
}

// place is the directory.
func (f *databaseFlag) place() (string, error) {
	if f.dir != "" {
		return f.dir, nil
	}
	return osv.DefaultDir()
}

// open opens the database; nil is none.
func (f *databaseFlag) open() (*osv.DB, error) {
	dir, err := f.place()
	if err != nil {
		return nil, nil //nolint:nilerr // a user without a home has no database
	}
	db, err := osv.Open(dir)
	switch {
	case errors.Is(err, osv.ErrNone) && f.dir == "":
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("--vulnerability-db: %w", err)
	}
	return db, nil
}

func dbCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Keep the database of vulnerabilities that images are held against",
		Long: "Db makes the database of known vulnerabilities on this machine, of records of\n" +
			"OSV (https://osv.dev). Images are held against it; without one their\n" +
			"vulnerabilities are not checked, and reports say so.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(dbUpdateCommand(), dbImportCommand(), dbStatusCommand())
	return cmd
}

func dbUpdateCommand() *cobra.Command {
	var at databaseFlag
	var ecosystems []string
	var from string
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Fetch the records that OSV publishes",
		Long: "Update fetches all records of ecosystems from OSV, or from a mirror of it, unless\n" +
			"the server has nothing new. Proxies are taken from the environment (HTTPS_PROXY,\n" +
			"NO_PROXY). This is the only command that fetches vulnerabilities.\n\n" +
			"Without --ecosystem those in the database are updated, or where there is none:\n" + strings.Join(osv.Ecosystems(), ", ") + ".",
		Example: "  seaworthy db update --ecosystem Debian,Go\n" +
			"  seaworthy db update --from https://mirror.example.com/osv",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := at.place()
			if err != nil {
				return err
			}
			if u, err := url.Parse(from); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
				return fmt.Errorf("--from: %q is not the address of a server", from)
			}
			if len(ecosystems) == 0 {
				if ecosystems, err = present(dir); err != nil {
					return err
				}
			}
			u := osv.Updater{
				Dir: dir, From: from, Day: today(), Version: seaworthy.Version(),
				Tell: func(info osv.Info, changed bool) {
					what := ""
					if !changed {
						what = ", as before"
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s%s\n", info, what)
				},
			}
			return u.Update(cmd.Context(), ecosystems)
		},
	}
	at.register(cmd.Flags())
	cmd.Flags().StringSliceVar(&ecosystems, "ecosystem", nil, "`names` of ecosystems as OSV has them, such as Debian,Go,npm")
	cmd.Flags().StringVar(&from, "from", osv.Published, "`address` of the server, which has ECOSYSTEM/all.zip")
	return cmd
}

// present are the ecosystems of a database, or of one that is to be made. A
// file that cannot be read is fetched anew.
func present(dir string) ([]string, error) {
	db, err := osv.Open(dir)
	if errors.Is(err, osv.ErrNone) || errors.Is(err, osv.ErrFormat) {
		return osv.Ecosystems(), nil
	} else if err != nil {
		return nil, err
	}
	var names []string
	for _, info := range db.Infos() {
		names = append(names, info.Ecosystem)
	}
	return names, db.Close()
}

func dbImportCommand() *cobra.Command {
	var at databaseFlag
	var opt osv.Options
	cmd := &cobra.Command{
		Use:   "import PATH...",
		Short: "Make the database of records in files",
		Long: "Import takes in records in the format of OSV: JSON files with one record or several,\n" +
			"the all.zip that OSV publishes for an ecosystem, and directories of these. What the\n" +
			"database had of the ecosystems that they are about is replaced, but for --add.",
		Example: "  seaworthy db import Debian/all.zip Go/all.zip\n" +
			"  seaworthy db import --add our-advisories/",
		Args: arguments(1, many),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := at.place()
			if err != nil {
				return err
			}
			done, err := osv.ImportFiles(cmd.Context(), dir, args, opt)
			if err != nil {
				return err
			}
			left := ""
			if done.Withdrawn > 0 {
				left += fmt.Sprintf(", %d withdrawn left out", done.Withdrawn)
			}
			if done.Nowhere > 0 {
				left += fmt.Sprintf(", %d about no version of a package left out", done.Nowhere)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s imported%s\n", osv.Count(done.Records), left)
			return writeInfos(cmd.OutOrStdout(), done.Infos)
		},
	}
	at.register(cmd.Flags())
	cmd.Flags().BoolVar(&opt.Add, "add", false, "keep what the database has of the ecosystems that the records are about")
	return cmd
}

func dbStatusCommand() *cobra.Command {
	var at databaseFlag
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell what is in the database, and how old it is",
		Long:  "Status tells what is in the database.\n\nExit codes: 0 there is one; 1 there is none, or it is old.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := at.place()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			db, err := osv.Open(dir)
			if errors.Is(err, osv.ErrNone) {
				fmt.Fprintf(out, "%v: vulnerabilities of images are not checked\n", err)
				return exit{exitFindings}
			} else if err != nil {
				return err
			}
			defer db.Close() //nolint:errcheck // only read
			state := db.State(today())
			fmt.Fprintf(out, "%s: %s\n", dir, state)
			if err := writeInfos(out, db.Infos()); err != nil {
				return err
			}
			if state.State == osv.Old {
				return exit{exitFindings}
			}
			return nil
		},
	}
	at.register(cmd.Flags())
	return cmd
}

// writeInfos writes a line for each ecosystem, with its releases.
func writeInfos(w io.Writer, infos []osv.Info) error {
	for _, info := range infos {
		var releases []string
		for r := range info.Releases {
			if _, release, ok := strings.Cut(r, ":"); ok {
				releases = append(releases, release)
			}
		}
		slices.Sort(releases)
		of := ""
		if len(releases) > 0 {
			of = ", for the releases " + strings.Join(releases, ", ")
		}
		if _, err := fmt.Fprintf(w, "  %s%s\n", info, of); err != nil {
			return err
		}
	}
	return nil
}
