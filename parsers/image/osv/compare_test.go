package osv

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersionData holds comparing, and ranges made of two versions, against
// the data that osv-scalibr has of its own, where the module is at hand.
func TestVersionData(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/osv-scalibr").Output()
	if err != nil || strings.TrimSpace(string(out)) == "" {
		t.Skip("the module of osv-scalibr is not at hand:", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "semantic", "testdata")
	every := 1
	if testing.Short() {
		every = 10
	}
	for file, ecosystem := range map[string]string{
		"alpine-versions": "Alpine:v3.19", "alpine-versions-generated": "Alpine:v3.19", "debian-versions": "Debian:12",
		"debian-versions-generated": "Debian:12", "pypi-versions": "PyPI", "pypi-versions-generated": "PyPI",
		"semver-versions": "Go", "redhat-versions": "Rocky Linux:9",
	} {
		f, err := os.Open(filepath.Join(dir, file+".txt"))
		if err != nil {
			t.Errorf("the data has moved: %v", err)
			continue
		}
		checked, lines := 0, bufio.NewScanner(f)
		for n := 0; lines.Scan(); n++ {
			words := strings.Fields(lines.Text())
			if len(words) != 3 || strings.HasPrefix(words[0], "#") || strings.HasPrefix(words[0], "//") || n%every > 0 && !strings.HasSuffix(file, "-versions") {
				continue
			}
			checked++
			holds(t, ecosystem, words[0], words[1], words[2])
		}
		if checked < 30 {
			t.Errorf("%s: only %d comparisons", file, checked)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// holds asks whether what is introduced at b and fixed at b has come and gone
// at a.
func holds(t *testing.T, ecosystem, a, order, b string) {
	t.Helper()
	v, err := parseVersion(ecosystem, a)
	if err != nil {
		t.Errorf("%s: %s: %v", ecosystem, a, err)
		return
	}
	before := order == "<"
	since, _, err := spanning{{Introduced: b}}.includes(v)
	if err != nil || since == before {
		t.Errorf("%s: %s %s %s, but it is affected by what came at the latter: %t %v", ecosystem, a, order, b, since, err)
	}
	until, fixed, err := spanning{{Introduced: start}, {Fixed: b}}.includes(v)
	if err != nil || until != before || (fixed == b) != before {
		t.Errorf("%s: %s %s %s, but it is affected by what went at the latter: %t %q %v", ecosystem, a, order, b, until, fixed, err)
	}
	upTo, _, err := spanning{{Introduced: start}, {LastAffected: b}}.includes(v)
	if err != nil || upTo == (order == ">") {
		t.Errorf("%s: %s %s %s, but it is affected by what was last seen at the latter: %t %v", ecosystem, a, order, b, upTo, err)
	}
}
