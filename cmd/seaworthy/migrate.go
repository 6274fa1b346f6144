package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/migrate"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/rules"
)

func migrateCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "migrate TOOL FILE",
		Short: "Turn the configuration of another analyzer into a " + config.Name,
		Long: "Migrate reads the configuration or the skip list of another analyzer (" + strings.Join(migrate.Tools, ", ") + ")\n" +
			"and prints the same for Seaworthy. What has no equal is listed in comments and on\n" +
			"standard error; nothing is dropped in silence.",
		Example: "  seaworthy migrate checkov .checkov.yaml --output .seaworthy.yaml\n" +
			"  seaworthy migrate trivy .trivyignore",
		Args: arguments(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return migrateFile(cmd, args[0], args[1], output)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return migrate.Tools, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`file` to write, which must not be there (default: standard output)")
	return cmd
}

func migrateFile(cmd *cobra.Command, tool, name, output string) error {
	data, err := readLimited(name)
	if err != nil {
		return err
	}
	m, err := migrate.From(tool, source.NewFile(filepath.ToSlash(name), data), rules.All())
	if err != nil {
		return err
	}
	if output == "" {
		err = m.Write(cmd.OutOrStdout())
	} else if _, there := os.Lstat(output); !errors.Is(there, fs.ErrNotExist) {
		err = fmt.Errorf("%s is there already: put the two together by hand", output)
	} else {
		err = writeFile(output, m.Write)
	}
	if err != nil {
		return err
	}
	for _, l := range m.Left() {
		fmt.Fprintln(cmd.ErrOrStderr(), config.OneLine(m.Line(l)))
	}
	return nil
}

// readLimited reads a file that is no larger than one of a tree may be.
func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, source.MaxFileSize+1))
	if err == nil && len(data) > source.MaxFileSize {
		err = fmt.Errorf("%s: %w", name, source.ErrTooLarge)
	}
	return data, err
}
