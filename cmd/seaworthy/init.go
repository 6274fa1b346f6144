package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/survey"
)

func initCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Look at the tree and write a " + config.Name + " with comments",
		Long: "Init looks for charts and root modules with environments, for what is vendored,\n" +
			"generated or test data, and for the Kubernetes version, and writes a " + config.Name + "\n" +
			"into DIR (default: here). What it is not sure of is in the file, commented out.",
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return writeConfiguration(cmd, dir, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a "+config.Name+" that is there")
	return cmd
}

func writeConfiguration(cmd *cobra.Command, dir string, force bool) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("%s is no directory", dir), err)
	}
	name := filepath.Join(dir, config.Name)
	if _, err := os.Lstat(name); err == nil && !force {
		return fmt.Errorf("%s is there already: --force writes over it", name)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	at, err := locate([]string{dir}, false)
	if err != nil {
		return err
	}
	found, err := survey.Look(at.tree, at.under[0])
	if err != nil {
		return err
	}
	if err := writeFile(name, found.Write); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	fmt.Fprintln(cmd.OutOrStdout(), name)
	return found.Tell(cmd.OutOrStdout())
}
