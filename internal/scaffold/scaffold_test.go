package scaffold

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// family is a repository with one family that has one slice.
func family(t *testing.T) string {
	dir := t.TempDir()
	text, err := os.ReadFile("../../rules/k8s/all.go")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "rules/k8s"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rules/k8s/all.go"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRuleIsWrittenAndRegistered(t *testing.T) {
	dir := family(t)
	paths, err := Rule(dir, "k8s-some-new-thing")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 3 {
		t.Fatalf("wrote %v", paths)
	}
	for _, p := range paths {
		if filepath.Ext(p) == ".go" {
			if _, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.AllErrors); err != nil {
				t.Error(err)
			}
		}
	}
	all, err := os.ReadFile(filepath.Join(dir, "rules/k8s/all.go"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(all), "someNewThingRules,") != 1 {
		t.Errorf("the slice is not registered:\n%s", all)
	}
}

func TestRuleRefuses(t *testing.T) {
	dir := family(t)
	if _, err := Rule(dir, "k8s-twice"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"K8S_1": "kebab-case", "k8s": "kebab-case", "../../x-y": "kebab-case",
		"none-such": "family", "k8s-twice": "exists",
	} {
		if _, err := Rule(dir, id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Rule(%q) = %v, want an error about %s", id, err, want)
		}
	}
}
