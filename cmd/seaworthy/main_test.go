package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"seaworthy": func() { os.Exit(program()) },
	})
}

// TestScript runs the commands as people and hooks do.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       exits,
			"grow":        grow,
			"nest":        nest,
			"action-step": actionStep,
			"docs-block":  docsBlock,
			"pack-image":  packImage,
			"host-image":  hostImage,
			"cluster-of":  clusterOf,

			"switch-off": switchOff,
		},
		Setup:         setup,
		UpdateScripts: *update,
	})
}

// setup names a real project for scripts: one of the corpus where that is at
// hand, else one of the fixtures.
func setup(env *testscript.Env) error {
	project, err := filepath.Abs("../../fixtures/projects/webshop")
	if corpus := os.Getenv("SEAWORTHY_CORPUS"); corpus != "" {
		project = filepath.Join(corpus, "microservices-demo")
	}
	env.Setenv("PROJECT", project)
	return err
}

// exits CODE COMMAND... runs a command that must end with that exit code. Its
// output is left for stdout and stderr, as by exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Exec returns it as it is
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// grow FILE MEGABYTES fills a file with a YAML list of that size.
func grow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: grow FILE MEGABYTES")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	chunk := make([]byte, 0, 1<<20)
	for len(chunk) < 1<<20-16 {
		chunk = append(chunk, "  - some: value\n"...)
	}
	for range size {
		_, err := f.Write(chunk)
		ts.Check(err)
	}
	ts.Check(f.Close())
}

// nest FILE TEXT DEPTH appends a text to a file over and over.
func nest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: nest FILE TEXT DEPTH")
	}
	depth, err := strconv.Atoi(args[2])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	for range depth {
		_, err := f.WriteString(args[1])
		ts.Check(err)
	}
	ts.Check(f.Close())
}

// switchOff FILE KEY... comments out top-level keys of a YAML file with all
// that is in them.
func switchOff(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: switch-off FILE KEY...")
	}
	var out strings.Builder
	within := false
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if key, _, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(line[:1], " #") {
			within = slices.Contains(args[1:], key)
		}
		if within {
			out.WriteString("#")
		}
		out.WriteString(line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(out.String()), 0o644))
}
