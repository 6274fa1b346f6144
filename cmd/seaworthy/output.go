package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy"
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/printer"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
	"github.com/seaworthy-iac/seaworthy/sarif"
)

// An output is one format and where it goes; file is "" for standard output.
type output struct{ format, file string }

// outputs are what --format and --output said, in their order.
type outputs []output

var formatNames = []string{"text", "line", "sarif", "json", "junit", "github", "gitlab", "markdown", "html", "cyclonedx"}

// formatFlag adds an output; outputFlag sends the last one to a file.
type (
	formatFlag struct{ *outputs }
	outputFlag struct{ *outputs }
)

func (f formatFlag) String() string { return "" }
func (f formatFlag) Type() string   { return "format" }
func (f formatFlag) Set(name string) error {
	if !slices.Contains(formatNames, name) {
		return fmt.Errorf("use one of %v", formatNames)
	}
	*f.outputs = append(*f.outputs, output{format: name})
	return nil
}

func (f outputFlag) String() string { return "" }
func (f outputFlag) Type() string   { return "file" }
func (f outputFlag) Set(file string) error {
	if len(*f.outputs) == 0 {
		return errors.New("name the --format first")
	}
	last := &(*f.outputs)[len(*f.outputs)-1]
	if last.file != "" {
		return fmt.Errorf("the format %s goes to %s already", last.format, last.file)
	}
	last.file = file
	return nil
}

// check refuses two formats on standard output: one would spoil the other; and
// those about images where none are read.
func (o outputs) check(images bool) error {
	first := ""
	for _, out := range o {
		switch {
		case out.format == "cyclonedx" && !images:
			return errors.New("the format cyclonedx is about images: add --images")
		case out.file != "":
		case first != "":
			return fmt.Errorf("the formats %s and %s both go to standard output: give one a file with --output", first, out.format)
		default:
			first = out.format
		}
	}
	return nil
}

// write prints the report in every format asked for.
func (o *options) write(cmd *cobra.Command, at *place, r *analyzers.Report) error {
	wanted := o.outputs
	if len(wanted) == 0 {
		format := "line" // which has no place for the controls of frameworks
		if interactive(cmd.OutOrStdout()) || len(o.frameworks) > 0 {
			format = "text"
		}
		wanted = outputs{{format: format}}
	}
	for _, out := range wanted {
		if out.file == "" {
			if err := o.print(cmd.OutOrStdout(), out.format, at, r); err != nil {
				return err
			}
			continue
		}
		if err := o.save(out, at, r); err != nil {
			return fmt.Errorf("write %s: %w", out.file, err)
		}
	}
	return nil
}

func (o *options) save(out output, at *place, r *analyzers.Report) error {
	f, err := os.Create(out.file)
	if err != nil {
		return err
	}
	return errors.Join(o.print(f, out.format, at, r), f.Close())
}

func (o *options) print(w io.Writer, format string, at *place, r *analyzers.Report) error {
	opt := printer.Options{
		Color: o.colours(w), Width: width(w), Display: at.display,
		Verbose: o.verbose, ShowUnsure: o.showUnsure, Quiet: o.quiet, Version: seaworthy.Version(),
	}
	switch format {
	case "cyclonedx":
		if os.Getenv(epoch) != "" {
			opt.Time = now().UTC().Format(time.RFC3339)
		}
		return printer.CycloneDX(w, r, opt)
	case "text":
		return printer.Text(w, r, opt)
	case "json":
		return printer.JSON(w, r, opt)
	case "junit":
		return printer.JUnit(w, r, opt)
	case "github":
		return printer.GitHub(w, r, opt)
	case "gitlab":
		return printer.GitLab(w, r)
	case "markdown":
		return printer.Markdown(w, r, opt)
	case "html":
		return printer.HTML(w, r, opt)
	case "sarif":
		frameworks, err := compliance.Load()
		if err != nil {
			return err
		}
		return sarif.Write(w, r, sarif.Options{
			Version: seaworthy.Version(), Category: o.category, Unsure: o.showUnsure, Memberships: analyzers.Memberships(frameworks),
		})
	}
	return printer.Line(w, r, opt)
}
