package migrate

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "write what is expected anew")

func catalogue() []*analyzers.Rule {
	return []*analyzers.Rule{
		{ID: "k8s-privileged", Same: []string{"checkov:CKV_K8S_16", "trivy:KSV-0017", "kube-linter:privileged-container", "kics:dd29336b-fe57-445b-a26e-e6aa867ae609"}},
		{ID: "k8s-tag", Same: []string{"checkov:CKV_K8S_14", "trivy:KSV-0013", "kube-linter:latest-tag"}},
		{ID: "k8s-tag-missing", Same: []string{"checkov:CKV_K8S_14"}},
		{ID: "aws-log", Same: []string{"checkov:CKV_AWS_18", "trivy:AWS-0089", "kics:f861041c-8c9f-4156-acfc-5e6e524f5884"}},
		{ID: "aws-key", Same: []string{"checkov:CKV_AWS_145", "trivy:AWS-0132"}},
		{ID: "aws-own"},
	}
}

// TestMigrations reads the configurations in testdata/TOOL-*.txtar: the first
// file is the other tool's, "want" is Seaworthy's.
func TestMigrations(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 8 {
		t.Fatalf("cases %v: %v", names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tool := toolOf(name)
			got := migrated(t, tool, archive.Files[0].Name, archive.Files[0].Data)
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func toolOf(name string) string {
	base := filepath.Base(name)
	for _, tool := range Tools {
		if strings.HasPrefix(base, tool) {
			return tool
		}
	}
	return ""
}

// migrated is what a file becomes, which has to be a configuration.
func migrated(t *testing.T, tool, name string, data []byte) string {
	t.Helper()
	m, err := From(tool, source.NewFile(name, data), catalogue())
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := m.Write(&text); err != nil {
		t.Fatal(err)
	}
	tree := source.NewTree(fstest.MapFS{config.Name: {Data: text.Bytes()}})
	if _, err := config.Read(tree, config.Name); err != nil {
		t.Errorf("%v in\n%s", err, text.String())
	}
	return text.String()
}

func TestWhatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ tool, name, text, want string }{
		{"checkov", ".checkov.yaml", "check: [", "checkov.yaml:1"},
		{"checkov", ".checkov.yaml", "- a", "has to be a mapping, not a list"},
		{"kics", "kics.toml", "a = ", "kics.toml"},
		{"kics", "kics.config", "a: 1\n---\nb: 1\n", "more than one document"},
		{"snyk", ".snyk", "", `unknown tool "snyk"`},
	} {
		if _, err := From(c.tool, source.NewFile(c.name, []byte(c.text)), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %q", c.tool, c.text, err, c.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for re, want := range map[string]string{
		"examples": "examples", "examples/": "examples/", `^tests/unit/.*`: "**/tests/unit/", `.*\.gen\.yaml$`: "*.gen.yaml",
		`/modules/legacy`: "**/modules/legacy", `a.*b/c`: "**/a*b/c", `(a|b)/`: "", ".*": "", "": "", "[a-z]+": "", `\d`: "",
	} {
		if got, ok := fromRegexp(re); got != want || ok != (want != "") {
			t.Errorf("the regular expression %q gives %q, %v, want %q", re, got, ok, want)
		}
	}
	for glob, want := range map[string]string{
		"./a/**": "/a/**", "**/b.yaml": "**/b.yaml", "/**/b.yaml": "**/b.yaml", "a": "/a", "~/a": "", "/etc": "", "../a": "", ".": "",
	} {
		if got, ok := fromGlob(glob); got != want || ok != (want != "") {
			t.Errorf("the glob %q gives %q, %v, want %q", glob, got, ok, want)
		}
	}
}

// FuzzFrom holds that whatever is read, what is written is a configuration.
func FuzzFrom(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(toolOf(name), archive.Files[0].Name, archive.Files[0].Data)
	}
	f.Add("checkov", "a.yaml", []byte("skip-check: [&a nosuch-check, *a]\nother: *a\n"))
	f.Fuzz(func(t *testing.T, tool, name string, data []byte) {
		m, err := From(tool, source.NewFile(name, data), catalogue())
		if err != nil {
			return
		}
		var text bytes.Buffer
		if err := m.Write(&text); err != nil {
			t.Fatal(err)
		}
		tree := source.NewTree(fstest.MapFS{config.Name: {Data: text.Bytes()}})
		if _, err := config.Read(tree, config.Name); err != nil {
			t.Errorf("%v in\n%s", err, text.String())
		}
	})
}
