// Command seaworthy tells people, before they commit, whether their
// infrastructure code is safe to sail. This file has what all its commands
// share: exit codes, the terminal, the tree that paths belong to.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The exit codes; the largest that applies is returned.
const (
	exitClean      = 0
	exitFindings   = 1 // findings at or above --fail-on
	exitUsage      = 2 // wrong usage or configuration, or nothing to analyse
	exitIncomplete = 3 // a file could not be read, parsed or rendered

	exitInterrupted = 130 // as shells count what ends by SIGINT
)

// An exit is an outcome that is no failure to run but has an exit code.
type exit struct{ code int }

func (e exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

func main() {
	collectLate()
	os.Exit(program())
}

// collectLate lets the heap grow to 16 MiB before the first collection, which
// most runs then never come to. What comes after is collected as usual.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(400)
	runtime.AddCleanup(new([16]byte), func(usual int) { debug.SetGCPercent(usual) }, usual)
}

// program is run in the surroundings of the process. Libraries find no stderr:
// kustomize's warns there of fields that are deprecated.
func program() int {
	stderr := os.Stderr
	os.Stderr = nil
	return run(os.Args[1:], os.Stdout, stderr)
}

// run is the program with its surroundings as arguments.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log.SetOutput(io.Discard) // Helm's loader warns there; what matters is a Problem
	root := &cobra.Command{
		Use:   "seaworthy",
		Short: "Find what is unsafe in Terraform, Helm, Kustomize and Kubernetes files",
		Long: "Seaworthy reads Terraform, Helm charts, Kustomize overlays and Kubernetes manifests,\n" +
			"renders them into one graph and points at the lines that are not safe.\n" +
			"It needs no network, no account and no cluster, and can look at a cluster and at\n" +
			"container images beside the files when it is asked to.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(
		scanCommand(),
		hookCommand(),
		fixCommand(),
		imageCommand(),
		blameCommand(),
		driftCommand(),
		rulesCommand(),
		explainCommand(),
		baselineCommand(),
		initCommand(),
		migrateCommand(),
		dbCommand(),
		matcherCommand(),
		versionCommand(),
	)
	complete(root)
	err := root.ExecuteContext(ctx)
	var outcome exit
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &outcome):
		return outcome.code
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "seaworthy: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "seaworthy:", err)
	return exitUsage
}

// many is as many arguments as somebody likes to name.
const many = math.MaxInt

// arguments holds how many arguments a command takes; the error shows them.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return fmt.Errorf("usage: %s (see %s --help)", cmd.UseLine(), cmd.CommandPath())
		}
		return nil
	}
}

// interactive tells whether w is a terminal that a person looks at. Under
// pre-commit stdout may be one too, but what is written there is captured.
func interactive(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("PRE_COMMIT") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// colourful tells whether w may be coloured; see https://no-color.org.
func colourful(w io.Writer) bool { return interactive(w) && os.Getenv("NO_COLOR") == "" }

// width is the number of columns of the terminal, 80 where there is none.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 80
}
