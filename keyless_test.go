package seaworthy

import (
	"os"
	"regexp"
	"testing"
)

// TestKeylessModule holds what seaworthy-keyless, which is a module of its own,
// requires against what this one does: go refuses to build it once the two
// differ, but nothing builds it that runs every day.
func TestKeylessModule(t *testing.T) {
	ours, theirs := requirements(t, "go.mod"), requirements(t, "cmd/seaworthy-keyless/go.mod")
	shared := 0
	for path, version := range theirs {
		if own, ok := ours[path]; ok {
			shared++
			if own != version {
				t.Errorf("seaworthy-keyless requires %s %s, the module it is beside %s: run `go mod tidy` in cmd/seaworthy-keyless", path, version, own)
			}
		}
	}
	if shared < 10 {
		t.Errorf("only %d modules are required by both", shared)
	}
}

// requirements are the versions in a go.mod, that of Go among them.
func requirements(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(?:require |\t)?(\S+) (v?\d\S*)`).FindAllStringSubmatch(string(text), -1) {
		all[m[1]] = m[2]
	}
	return all
}
