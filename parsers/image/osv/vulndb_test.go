package osv

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// vulnDB is where the records of Go's vulnerability database are, if they are
// at hand; `make osv-test` sees to that.
func vulnDB(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SEAWORTHY_VULNDB")
	if dir == "" {
		t.Skip("SEAWORTHY_VULNDB names no directory of records")
	}
	return filepath.Join(dir, "data", "osv")
}

// TestVulnDB asks at every end of every range of Go's vulnerability database.
func TestVulnDB(t *testing.T) {
	dir := vulnDB(t)
	db := imported(t, dir)
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		times := map[string]int{}
		for _, a := range s.Affected {
			times[a.Package.Name]++
		}
		for _, a := range s.Affected {
			_, linux := a.platforms()
			for _, e := range a.Ranges[0].Events {
				version := cmp.Or(e.Introduced, e.Fixed)
				if version == start || e.Fixed != "" && times[a.Package.Name] > 1 {
					continue // another range of it may well go on
				}
				asked++
				want := e.Introduced != "" && s.Withdrawn == "" && linux
				matches, _, err := db.Match([]packages.Package{{Ecosystem: "Go", Name: a.Package.Name, Version: "v" + version}})
				if err != nil {
					t.Fatal(err)
				}
				got := slices.ContainsFunc(matches, func(m Match) bool { return slices.Contains(append(m.Aliases, m.ID), s.ID) })
				if got != want {
					t.Errorf("%s: %s %s is affected: %t, want %t", s.ID, a.Package.Name, version, got, want)
				}
			}
		}
	}
	if asked < 7000 {
		t.Errorf("only %d questions", asked)
	}
}

// TestGovulncheck holds what is found in Go executables against what govulncheck
// finds in them by the same records.
func TestGovulncheck(t *testing.T) {
	dir := vulnDB(t)
	govulncheck := os.Getenv("SEAWORTHY_GOVULNCHECK")
	if govulncheck == "" {
		t.Skip("SEAWORTHY_GOVULNCHECK names no executable")
	}
	db, theirs := imported(t, dir), theirDatabase(t, dir)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, file := range append(strings.Fields(os.Getenv("SEAWORTHY_EXECUTABLES")), own, govulncheck) {
		out, err := exec.Command(govulncheck, "-db", "file://"+theirs, "-mode", "binary", "-scan", "module", "-format", "json", file).Output()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want := map[string]bool{}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var line struct {
				Finding *struct {
					OSV   string
					Trace []struct{ Module string }
				}
			}
			if err := d.Decode(&line); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if f := line.Finding; f != nil {
				want[f.OSV+" "+f.Trace[0].Module] = true
			}
		}
		all := read(t, file)
		matches, unchecked, err := db.Match(all)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, m := range matches {
			for _, n := range append(m.Aliases, m.ID) {
				if strings.HasPrefix(n, "GO-") {
					got[n+" "+all[m.Package].Name] = true
				}
			}
		}
		for finding := range want {
			if !got[finding] {
				t.Errorf("%s: only govulncheck finds %s", file, finding)
			}
		}
		for finding := range got {
			if !want[finding] {
				t.Errorf("%s: govulncheck does not find %s", file, finding)
			}
		}
		total += len(want)
		t.Logf("%s: %d modules, %d findings of govulncheck, %d of ours; %q", file, len(all), len(want), len(got), unchecked)
	}
	if total == 0 {
		t.Error("no finding to compare")
	}
}

// read reads what an executable was built from, as one in an image is read.
func read(t *testing.T, file string) []packages.Package {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	c := packages.New()
	if !c.Wants("app", info.Mode(), info.Size()) {
		t.Fatalf("%s is not wanted", file)
	}
	if err := c.Add("app", info.Mode(), 0, f); err != nil {
		t.Fatal(err)
	}
	return c.Result().Packages
}

// theirDatabase lays records out as govulncheck reads them; see
// https://go.dev/doc/security/vuln/database#api.
func theirDatabase(t *testing.T, records string) string {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"index", "ID"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const modified = "2026-11-05T00:00:00Z"
	type vuln struct {
		ID       string `json:"id"`
		Modified string `json:"modified"`
	}
	type module struct {
		Path  string `json:"path"`
		Vulns []vuln `json:"vulns"`
	}
	modules := map[string]*module{}
	names, err := filepath.Glob(filepath.Join(records, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		for _, a := range s.Affected {
			m := modules[a.Package.Name]
			if m == nil {
				m = &module{Path: a.Package.Name}
				modules[a.Package.Name] = m
			}
			m.Vulns = append(m.Vulns, vuln{s.ID, modified})
		}
		write(t, filepath.Join(dir, "ID", s.ID+".json"), string(text))
	}
	var list []*module
	for _, m := range modules {
		list = append(list, m)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "index", "modules.json"), string(text))
	write(t, filepath.Join(dir, "index", "db.json"), fmt.Sprintf(`{"modified": %q}`, modified))
	return dir
}
