package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seaworthy-iac/seaworthy"
)

// TestGolden scans whole projects and holds the SARIF against what it was,
// byte for byte and whatever the number of cores, and against the schema.
func TestGolden(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../sarif/testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	projects, err := filepath.Glob("../../fixtures/projects/*")
	if err != nil || len(projects) < 3 {
		t.Fatalf("projects %v: %v", projects, err)
	}
	for _, project := range projects {
		name := filepath.Base(project)
		t.Run(name, func(t *testing.T) {
			one := scanned(t, project, 1)
			if eight := scanned(t, project, 8); !bytes.Equal(one, eight) {
				t.Error("one core and eight give different bytes")
			}
			var lines bytes.Buffer // so that a difference can be read
			if err := json.Indent(&lines, one, "", " "); err != nil {
				t.Fatal(err)
			}
			golden(t, "../../fixtures/golden/"+name+".sarif", lines.Bytes())
			instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(one))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(instance); err != nil {
				t.Error(err)
			}
		})
	}
}

// scanned is the SARIF of a project, copied out of this repository so that
// paths start at the project, with the version masked.
func scanned(t *testing.T, project string, cores int) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(project)); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	var out, messages bytes.Buffer
	code := run([]string{"scan", dir, "--select", "all", "--format", "sarif", "--show-unsure"}, &out, &messages)
	if code != exitFindings {
		t.Errorf("exit code %d, want %d; %s", code, exitFindings, messages.String())
	}
	if !json.Valid(out.Bytes()) {
		t.Fatalf("no JSON: %s", out.String())
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(`"`+seaworthy.Version()+`"`), []byte(`"VERSION"`))
}

// TestSameBytesTwice runs every machine format twice over every project.
func TestSameBytesTwice(t *testing.T) {
	for _, format := range []string{"sarif", "json", "line", "junit", "github", "gitlab", "markdown", "html"} {
		var runs [2]strings.Builder
		for i := range runs {
			run([]string{"scan", "../../fixtures/projects", "--select", "all", "--framework", "cis-kubernetes", "--format", format}, &runs[i], io.Discard)
		}
		if runs[0].String() != runs[1].String() || runs[0].Len() == 0 {
			t.Errorf("%s: two runs differ or say nothing", format)
		}
	}
}
