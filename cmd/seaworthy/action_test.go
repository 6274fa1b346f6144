package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// An action is what GitHub reads of action.yml.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			Name, ID, Shell, Uses, Run string
			Env, With                  map[string]string
		}
	}
}

func readAction() (*action, error) {
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		return nil, err
	}
	a := &action{}
	return a, yaml.Unmarshal(data, a)
}

var expression = regexp.MustCompile(`\$\{\{\s*([^}]*?)\s*\}\}`)

// TestAction holds the action against what GitHub asks of one, and that what a
// workflow says reaches the shell as variables only.
func TestAction(t *testing.T) {
	a, err := readAction()
	if err != nil {
		t.Fatal(err)
	}
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 || a.Branding["icon"] == "" {
		t.Errorf("a key that GitHub asks for is missing: %+v", a)
	}
	used := map[string]bool{}
	ids := map[string]bool{}
	for _, s := range a.Runs.Steps {
		ids[s.ID] = true
		if (s.Run == "") == (s.Uses == "") {
			t.Errorf("step %q has to have either run or uses", s.Name)
		}
		if s.Run != "" && s.Shell != "bash" {
			t.Errorf("step %q names no shell", s.Name)
		}
		if expression.MatchString(s.Run) {
			t.Errorf("step %q puts an expression into a script: hand it over in env", s.Name)
		}
		for name, value := range s.Env {
			if !strings.Contains(s.Run, name) {
				t.Errorf("step %q does not use %s", s.Name, name)
			}
			for _, m := range expression.FindAllStringSubmatch(value, -1) {
				used[m[1]] = true
			}
		}
		for _, value := range s.With {
			for _, m := range expression.FindAllStringSubmatch(value, -1) {
				used[m[1]] = true
			}
		}
	}
	for name, input := range a.Inputs {
		if input.Description == "" || input.Default == nil {
			t.Errorf("the input %s has no description or no default", name)
		}
		if !used["inputs."+name] {
			t.Errorf("the input %s is not used", name)
		}
		delete(used, "inputs."+name)
	}
	if len(used) > 0 {
		t.Errorf("not an input: %v", slices.Sorted(maps.Keys(used)))
	}
	for name, output := range a.Outputs {
		m := expression.FindStringSubmatch(output.Value)
		if output.Description == "" || m == nil {
			t.Errorf("the output %s says nothing", name)
			continue
		}
		parts := strings.Split(m[1], ".") // steps.ID.outputs.NAME
		if len(parts) != 4 || !ids[parts[1]] || parts[3] != name {
			t.Errorf("the output %s is taken from %s", name, m[1])
		}
	}
}

// actionStep ID FILE writes the script of a step of action.yml to a file, and
// the values that its inputs have by default to the environment.
func actionStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: action-step ID FILE")
	}
	a, err := readAction()
	ts.Check(err)
	for _, s := range a.Runs.Steps {
		if s.ID != args[0] {
			continue
		}
		for name, value := range s.Env {
			input := strings.TrimPrefix(expression.FindStringSubmatch(value)[1], "inputs.")
			ts.Setenv(name, *a.Inputs[input].Default)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(s.Run), 0o600))
		return
	}
	ts.Fatalf("no step has the ID %s", args[0])
}
