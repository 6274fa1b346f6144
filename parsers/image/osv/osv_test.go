package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// imported is a database of the files.
func imported(t testing.TB, paths ...string) *DB {
	t.Helper()
	dir := t.TempDir()
	if _, err := ImportFiles(context.Background(), dir, paths, Options{}); err != nil {
		t.Fatal(err)
	}
	return opened(t, dir)
}

func opened(t testing.TB, dir string) *DB {
	t.Helper()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// one is a database of one record about versions of a Go module.
func one(t *testing.T, records ...string) *DB {
	t.Helper()
	file := filepath.Join(t.TempDir(), "records.json")
	write(t, file, strings.Join(records, "\n"))
	return imported(t, file)
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flaws asks about one package and tells what is found as "ID fixed severity".
func flaws(t *testing.T, db *DB, p packages.Package) (found, unchecked []string) {
	t.Helper()
	matches, unchecked, err := db.Match([]packages.Package{p})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range matches {
		found = append(found, strings.TrimRight(fmt.Sprintf("%s %s %s", m.ID, m.Fixed, m.Severity), " "))
	}
	return found, unchecked
}

func deb(release, name, version, source, sourceVersion string) packages.Package {
	return packages.Package{Type: packages.Debian, Ecosystem: release, Name: name, Version: version, Source: source, SourceVersion: sourceVersion}
}

// TestRealRecords asks about versions on both sides of what real records say;
// see testdata/records/README.md.
func TestRealRecords(t *testing.T) {
	db := imported(t, "testdata/records")
	gomod := func(name, version string) packages.Package {
		return packages.Package{Type: packages.Go, Ecosystem: "Go", Name: name, Version: version}
	}
	npm := func(name, version string) packages.Package {
		return packages.Package{Type: packages.NPM, Ecosystem: "npm", Name: name, Version: version}
	}
	python := func(name, version string) packages.Package {
		return packages.Package{Type: packages.Python, Ecosystem: "PyPI", Name: name, Version: version}
	}
	apk := func(release, name, version string) packages.Package {
		return packages.Package{Type: packages.Alpine, Ecosystem: release, Name: name, Version: version}
	}
	for _, c := range []struct {
		p    packages.Package
		want []string
	}{
		{gomod("stdlib", "1.20.9"), []string{"CVE-2023-39325 1.20.10 unknown"}},
		{gomod("stdlib", "1.20.10"), nil},
		{gomod("stdlib", "1.21.0-rc.2"), []string{"CVE-2023-39325 1.21.3 unknown"}},
		{gomod("stdlib", "1.21.3"), nil},
		// GO-2023-2102 and GHSA-4374-p667-p6c8 are one; GHSA-qppj-fm5r-hxr3, which
		// the former is related to, is another.
		{gomod("golang.org/x/net", "v0.16.0"), []string{"CVE-2023-39325 0.17.0 high", "CVE-2023-44487 0.17.0 medium"}},
		{gomod("golang.org/x/net", "v0.17.0"), nil},
		{gomod("golang.org/x/net", "v0.0.0-20220722155237-a158d28d115b"), []string{"CVE-2023-39325 0.17.0 high", "CVE-2023-44487 0.17.0 medium"}},
		// A package with a range for each branch.
		{gomod("google.golang.org/grpc", "v1.55.0"), []string{"CVE-2023-44487 1.56.3 medium"}},
		{gomod("google.golang.org/grpc", "v1.57.0"), []string{"CVE-2023-44487 1.57.1 medium"}},
		{gomod("google.golang.org/grpc", "v1.57.1"), nil},
		{gomod("google.golang.org/grpc", "v1.58.2"), []string{"CVE-2023-44487 1.58.3 medium"}},
		{gomod("golang.org/x/text", "v0.3.6"), []string{"CVE-2021-38561 0.3.7 unknown", "CVE-2022-32149 0.3.8 unknown"}},
		{gomod("golang.org/x/text", "v0.3.7"), []string{"CVE-2022-32149 0.3.8 unknown"}},
		{gomod("github.com/opencontainers/runc", "v1.0.0-rc2"), []string{"CVE-2016-9962 1.0.0-rc3 unknown"}},
		{gomod("github.com/opencontainers/runc", "v1.0.0"), nil},
		{gomod("k8s.io/kubernetes", "v1.18.0"), nil}, // withdrawn
		// All versions of the module, but not all of its repository.
		{gomod("k8s.io/ingress-nginx", "v1.8.4"), []string{"CVE-2023-5044 1.9.0 unknown"}},
		{gomod("k8s.io/ingress-nginx", "v1.9.0"), nil},
		{gomod("k8s.io/ingress-nginx", "v0.0.0-20240101000000-a158d28d115b"), []string{"CVE-2023-5044 1.9.0 unknown"}},
		{gomod("lodash", "v4.17.11"), nil},
		{npm("lodash", "4.17.11"), []string{"CVE-2019-10744 4.17.12 critical", "CVE-2021-23337 4.17.21 high"}},
		{npm("lodash", "4.17.21"), nil},
		{npm("golang.org/x/text", "0.3.6"), nil},
		{npm("@babel/traverse", "7.23.1"), []string{"CVE-2023-45133 7.23.2 critical"}},
		{npm("@babel/traverse", "8.0.0-alpha.3"), []string{"CVE-2023-45133 8.0.0-alpha.4 critical"}},
		{npm("@babel/traverse", "7.24.0"), nil},
		{npm("traverse", "7.23.1"), nil},
		// No release of it is a mended one, and later ones are not known to be affected.
		{npm("babel-traverse", "7.23.1"), []string{"CVE-2023-45133  critical"}},
		{npm("babel-traverse", "7.23.2"), nil},
		{python("pyyaml", "5.3.1"), []string{"CVE-2020-14343 5.4 critical"}},
		{python("PyYAML", "5.4b2"), []string{"CVE-2020-14343 5.4 critical"}},
		{python("pyyaml", "5.4"), nil},
		{python("requests", "2.2.1"), nil},
		{python("requests", "2.30.0"), []string{"CVE-2023-32681 2.31.0 medium"}}, // beside a range of commits
		{python("requests", "2.31.0"), nil},
		{deb("Debian:10", "libodbc1", "2.3.6-0.1", "unixodbc", ""), []string{"CVE-2024-1013  negligible"}},
		// DSA-5417-1 is of four flaws, of which one has a record of its own.
		{deb("Debian:11", "libssl1.1", "1.1.1n-0+deb11u4", "openssl", ""), []string{
			"CVE-2023-0464 1.1.1n-0+deb11u5 unknown", "CVE-2023-0465 1.1.1n-0+deb11u5 unknown", "CVE-2023-0466 1.1.1n-0+deb11u5 medium", "CVE-2023-2650 1.1.1n-0+deb11u5 unknown",
		}},
		{deb("Debian:11", "libssl1.1", "1.1.1n-0+deb11u5", "openssl", ""), nil},
		{deb("Debian:12", "openssl", "3.0.9-1~", "", ""), []string{"CVE-2023-0466 3.0.9-1 medium"}},
		{deb("Debian:12", "openssl", "1", "not-openssl", ""), nil}, // the source counts
		{deb("Debian:11", "sox", "14.4.2+git20190427-2", "", ""), []string{"DSA-5356-2 14.4.2+git20190427-2+deb11u2 unknown"}},
		{deb("Debian:12", "libc6", "2.36-9+deb12u3+b1", "glibc", "2.36-9+deb12u2"), []string{"CVE-2023-4911 2.36-9+deb12u3 high"}},
		{deb("Debian:12", "libc6", "2.36-9+deb12u3", "glibc", ""), nil},
		{deb("Debian:12", "php-league-commonmark", "2.3.9-1", "", ""), []string{"CVE-2024-58382  high"}},
		{deb("Debian:13", "php-league-commonmark", "2.6.0-1", "", ""), nil},
		{deb("Ubuntu:22.04:LTS", "libssl3", "3.0.2-0ubuntu1.9", "openssl", ""), []string{"CVE-2023-1255 3.0.2-0ubuntu1.10 low"}},
		{deb("Ubuntu:22.04:LTS", "libssl3", "3.0.2-0ubuntu1.10", "openssl", ""), nil},
		// Ubuntu Pro has a version without the flaw, which says so in its number.
		{deb("Ubuntu:22.04:LTS", "libvips42", "8.12.1-1", "vips", ""), []string{"CVE-2025-29769  medium"}},
		{deb("Ubuntu:22.04:LTS", "libvips42", "8.12.1-1ubuntu0.1~esm1", "vips", ""), nil},
		{deb("Ubuntu:22.04:LTS", "libvips42", "8.12.1-1ubuntu0.1~esm0", "vips", ""), []string{"CVE-2025-29769 8.12.1-1ubuntu0.1~esm1 medium"}},
		{deb("Ubuntu:25.10", "libvips42", "8.16.1-1", "vips", ""), []string{"CVE-2025-29769  medium"}},
		{apk("Alpine:v3.16", "zlib", "1.2.12-r1"), []string{"CVE-2022-37434 1.2.12-r2 critical"}},
		{apk("Alpine:v3.16", "zlib", "1.2.12-r2"), nil},
		{apk("Alpine:v3.11", "zlib", "1.2.11-r4"), nil},
		{apk("Alpine:v3.17", "openssl", "3.0.8-r2"), []string{"CVE-2023-0466 3.0.8-r3 medium"}},
		{apk("Alpine:v3.23", "curl", "8.12.0-r0"), nil},
		{apk("Alpine:v3.23", "curl", "8.13.0-r0"), []string{"CVE-2026-80255 8.22.0-r0 unknown"}},
		{apk("Wolfi", "airflow", "2.9.3-r1"), []string{"CVE-2024-42447 2.9.3-r2 unknown"}},
		{apk("Chainguard", "airflow", "2.9.3-r2"), nil},
		{packages.Package{Ecosystem: "AlmaLinux:10", Name: "openssh-server", Version: "9.9p1-7.el10_0"}, []string{"CVE-2025-32728 9.9p1-11.el10.alma.1 medium"}},
		{packages.Package{Ecosystem: "AlmaLinux:10", Name: "openssh-server", Version: "9.9p1-11.el10.alma.1"}, nil},
		{packages.Package{Ecosystem: "Rocky Linux:9", Name: "python3.12-lxml", Version: "4.9.3-2.el9"}, []string{"CVE-2026-49825 0:4.9.3-2.el9_8.1 high"}},
		{packages.Package{Ecosystem: "Rocky Linux:9", Name: "python3.12-lxml", Version: "0:4.9.3-2.el9_8.1"}, nil},
	} {
		got, unchecked := flaws(t, db, c.p)
		if !slices.Equal(got, c.want) || len(unchecked) > 0 {
			t.Errorf("%s %s %s: %q (%q), want %q", c.p.Ecosystem, c.p.Name, c.p.Version, got, unchecked, c.want)
		}
	}
}

// TestNever leaves out what a real record says of releases that it is not about.
func TestNever(t *testing.T) {
	text, err := os.ReadFile("testdata/records/CVE-2023-0466.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for k := range all {
		got = append(got, k.ecosystem)
	}
	slices.Sort(got)
	if want := []string{"Alpine:v3.17", "Debian:11", "Debian:12", "Debian:13"}; !slices.Equal(got, want) {
		t.Errorf("about %q, want %q", got, want)
	}
}

// TestApart asks about every package of the records in every ecosystem and
// release but its own.
func TestApart(t *testing.T) {
	db := imported(t, "testdata/records")
	own := map[key]bool{}
	ecosystems := []string{"Debian:9", "Debian", "Ubuntu:20.04", "Ubuntu:24.04:LTS", "Alpine", "Alpine:v3.22", "crates.io"}
	for _, ix := range db.files {
		err := ix.each(func(k key, _ []json.RawMessage) error {
			own[k] = true
			ecosystems = append(ecosystems, k.ecosystem)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for k := range own {
		for _, e := range ecosystems {
			if own[key{e, k.name}] || own[key{strings.Replace(e, "Ubuntu:", "Ubuntu:Pro:", 1), k.name}] {
				continue
			}
			asked++
			if got, _ := flaws(t, db, packages.Package{Ecosystem: e, Name: k.name, Version: "0.0.1"}); len(got) > 0 {
				t.Errorf("%s of %s has %q, which is of %s", k.name, e, got, k.ecosystem)
			}
		}
	}
	if asked < 500 {
		t.Errorf("only %d questions", asked)
	}
}

// TestUnchecked tells what the database cannot answer, which is never "none".
func TestUnchecked(t *testing.T) {
	db := imported(t, "testdata/records")
	for _, c := range []struct {
		p    packages.Package
		want string
	}{
		{deb("Debian:14", "libc6", "2.1", "glibc", ""), "1 package not checked, of Debian:14: the database has no records of this release (libc6)"},
		{deb("Ubuntu:22.04", "libc6", "2.1", "glibc", ""), "1 package not checked, of Ubuntu:22.04: the database has no records of this release (libc6)"},
		{deb("", "libc6", "2.1", "glibc", ""), "1 package not checked, of a distribution or maker that there are no records of (libc6)"},
		{packages.Package{Ecosystem: "MinimOS", Name: "a", Version: "1"}, "1 package not checked, of MinimOS: the database has no records of it (a)"},
		{packages.Package{Ecosystem: "Go", Name: "golang.org/x/net"}, "1 package not checked, of which there are records, but whose version is not known (golang.org/x/net)"},
		{packages.Package{Ecosystem: "PyPI", Name: "requests", Version: strings.Repeat("9", maxVersion+1)}, "1 package not checked, whose version cannot be compared (requests)"},
	} {
		got, unchecked := flaws(t, db, c.p)
		if len(got) > 0 || !slices.Equal(unchecked, []string{c.want}) {
			t.Errorf("%s %s: %q, %q, want %q", c.p.Ecosystem, c.p.Name, got, unchecked, c.want)
		}
	}
	_, unchecked, err := db.Match([]packages.Package{
		{Ecosystem: "Go", Name: "acme.example/app"}, // nobody knows anything about it
		{Ecosystem: "MinimOS", Name: "a"}, {Ecosystem: "MinimOS", Name: "b"}, {Ecosystem: "MinimOS", Name: "c"}, {Ecosystem: "MinimOS", Name: "d"},
		{Ecosystem: "npm", Name: "lodash", Version: "1.0.0", Distributed: true},
	})
	want := []string{"4 packages not checked, of MinimOS: the database has no records of it (a, b, c, …)"}
	if err != nil || !slices.Equal(unchecked, want) {
		t.Errorf("%q %v, want %q", unchecked, err, want)
	}
}

// TestManyMatches has an image with the same flaw more often than is told.
func TestManyMatches(t *testing.T) {
	db := one(t, moduleRecord("GO-1", "", `"versions": ["1.0.0"]`), moduleRecord("GO-2", "", `"versions": ["1.0.0"]`))
	all := slices.Repeat([]packages.Package{{Ecosystem: "Go", Name: "a", Version: "1.0.0"}}, maxMatches)
	matches, unchecked, err := db.Match(all)
	want := []string{"25000 packages not checked, as there are 50000 flaws of others (a, …)"}
	if err != nil || len(matches) != maxMatches || !slices.Equal(unchecked, want) {
		t.Errorf("%d matches, unchecked %q %v", len(matches), unchecked, err)
	}
}

// moduleRecord is a record about versions of the module "a".
func moduleRecord(id, more, ranges string) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2024-01-02T03:04:05Z", %s "affected": [{"package": {"ecosystem": "Go", "name": "a"}, %s}]}`, id, more, ranges)
}

// TestRanges asks about the ends of ranges of all kinds.
func TestRanges(t *testing.T) {
	events := func(kind, list string) string {
		return `"ranges": [{"type": "` + kind + `", "events": [` + list + `]}]`
	}
	for _, c := range []struct {
		name, ranges string
		hits         string // versions, with "!" those that are not, after "=" the fixed version
	}{
		{"all", events("SEMVER", `{"introduced": "0"}`), "0.0.0-alpha 1.0.0 99.0.0"},
		{"in any order", events("SEMVER", `{"fixed": "2.0.0"}, {"introduced": "1.0.0"}, {"fixed": "1.5.0"}, {"introduced": "1.7.0"}`),
			"!0.9.0 1.0.0=1.5.0 1.4.9=1.5.0 !1.5.0 !1.6.0 1.7.0=2.0.0 !2.0.0"},
		{"last affected", events("ECOSYSTEM", `{"introduced": "0"}, {"last_affected": "1.2.0"}`), "1.2.0 !1.2.1"},
		{"one version", events("ECOSYSTEM", `{"introduced": "1.2.0"}, {"last_affected": "1.2.0"}`), "!1.1.9 1.2.0 !1.2.1"},
		{"limit", events("SEMVER", `{"introduced": "1.0.0"}, {"limit": "2.0.0"}`), "1.9.9 !2.0.0"},
		{"limits", events("SEMVER", `{"introduced": "1.0.0"}, {"limit": "2.0.0"}, {"limit": "3.0.0"}`), "2.5.0 !3.0.0"},
		{"commits say nothing", events("GIT", `{"introduced": "0"}`) + `, "versions": ["v1.0.0"]`, "1.0.0 !1.0.1"},
		{"mended and made again at once", events("SEMVER", `{"introduced": "0"}, {"fixed": "1.0.0"}, {"introduced": "1.0.0"}`), "0.5.0=1.0.0 1.0.0"},
		{"a list beside", events("SEMVER", `{"introduced": "1.0.0"}, {"fixed": "1.5.0"}`) + `, "versions": ["1.2.0", "0.3.0"]`, "1.2.0=1.5.0 0.3.0=1.5.0 !0.4.0 !1.5.0"},
		{"never there", events("ECOSYSTEM", `{"introduced": "0"}, {"fixed": "0"}`) + `, "versions": ["9.0.0"]`, "!0.0.0-alpha !1.2.0 9.0.0"},
		{"never", events("SEMVER", `{"fixed": "1.5.0"}`) + `, "versions": ["9.0.0"]`, "!1.2.0 9.0.0 !1.5.0"},
		{"two ranges", `"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"last_affected": "1.5.0"}]}, {"type": "SEMVER", "events": [{"introduced": "5.0.0"}, {"fixed": "6.0.0"}]}]`,
			"1.0.0 5.5.0=6.0.0 !6.0.0"},
	} {
		db := one(t, moduleRecord("GO-1", "", c.ranges))
		for text := range strings.FieldsSeq(c.hits) {
			version, fixed, _ := strings.Cut(strings.TrimPrefix(text, "!"), "=")
			var want []string
			if !strings.HasPrefix(text, "!") {
				want = []string{"GO-1 " + fixed + " unknown"}
			}
			got, _ := flaws(t, db, packages.Package{Ecosystem: "Go", Name: "a", Version: version})
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q, want %q", c.name, version, got, want)
			}
		}
	}
}

// TestPlatforms asks about flaws that are there on some platforms only.
func TestPlatforms(t *testing.T) {
	imports := func(list string) string {
		return `"versions": ["1.0.0"], "ecosystem_specific": {"imports": [` + list + `]}`
	}
	for list, want := range map[string]string{
		`{"path": "os", "goos": ["windows"]}`:                                       "",
		`{"path": "os", "goos": ["windows"]}, {"path": "net"}`:                      "amd64 arm64",
		`{"path": "os", "goos": ["windows", "linux"]}`:                              "amd64 arm64",
		`{"path": "os", "goarch": ["arm64", "s390x"]}`:                              "arm64",
		`{"path": "os", "goos": ["js"], "goarch": ["wasm"]}`:                        "",
		`{"path": "os", "goarch": ["arm64"]}, {"path": "net"}`:                      "amd64 arm64",
		`{"path": "os", "goarch": ["arm64"]}, {"path": "net", "goos": ["darwin"]}`:  "arm64",
		`{"path": "os", "goarch": ["arm64"]}, {"path": "net", "goarch": ["amd64"]}`: "amd64 arm64",
		`{"path": "net"}]}}, {"package": {"ecosystem": "Go", "name": "b"}, "versions": ["1.0.0"], "ecosystem_specific": {"imports": [{"goos": ["plan9"]}`: "amd64 arm64",
	} {
		db := one(t, moduleRecord("GO-1", "", imports(list)), moduleRecord("GO-2", "", `"versions": ["2.0.0"]`))
		var got []string
		for _, arch := range []string{"amd64", "arm64"} {
			if found, _ := flaws(t, db, packages.Package{Ecosystem: "Go", Name: "a", Version: "1.0.0", Arch: arch}); len(found) > 0 {
				got = append(got, arch)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: affects %q, want %q", list, got, want)
		}
	}
}

// TestMerge counts a flaw of many names once, and two flaws twice.
func TestMerge(t *testing.T) {
	all := `"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "%s"}]}]`
	record := func(id, fixed, names string) string {
		return strings.Replace(moduleRecord(id, names, fmt.Sprintf(all, fixed)), `"Go"`, `"Debian:12"`, 1)
	}
	for _, c := range []struct {
		name    string
		records []string
		want    []string
	}{
		{"a chain", []string{
			record("GO-1", "1.0.0", `"aliases": ["GHSA-1"],`), record("PYSEC-1", "1.2.0", `"aliases": ["CVE-1-1"],`), record("GHSA-1", "1.1.0", `"aliases": ["CVE-1-1"],`),
		}, []string{"CVE-1-1 [GHSA-1 GO-1 PYSEC-1] 1.2.0"}},
		{"apart", []string{record("GO-1", "1.0.0", `"aliases": ["CVE-1-1"],`), record("GO-2", "1.0.0", `"aliases": ["CVE-1-2"],`)},
			[]string{"CVE-1-1 [GO-1] 1.0.0", "CVE-1-2 [GO-2] 1.0.0"}},
		{"an advisory of two, one of them known", []string{record("DSA-1", "1.0.0", `"upstream": ["CVE-1-1", "CVE-1-2"],`), record("DEBIAN-CVE-1-1", "1.0.0", "")},
			[]string{"CVE-1-1 [DEBIAN-CVE-1-1] 1.0.0", "CVE-1-2 [DSA-1] 1.0.0"}},
		{"an advisory of two that are known", []string{
			record("DSA-1", "1.0.0", `"upstream": ["CVE-1-1", "CVE-1-2"],`), record("DEBIAN-CVE-1-1", "1.0.0", ""), record("DEBIAN-CVE-1-2", "1.0.0", ""),
		}, []string{"CVE-1-1 [DEBIAN-CVE-1-1] 1.0.0", "CVE-1-2 [DEBIAN-CVE-1-2] 1.0.0"}},
		{"advisories of two", []string{record("DSA-1", "1.0.0", `"upstream": ["CVE-1-1", "CVE-1-2"],`), record("DSA-2", "1.1.0", `"upstream": ["CVE-1-2", "CVE-1-3"],`)},
			[]string{"CVE-1-1 [DSA-1] 1.0.0", "CVE-1-2 [DSA-1 DSA-2] 1.1.0", "CVE-1-3 [DSA-2] 1.1.0"}},
		{"withdrawn", []string{record("GO-1", "1.0.0", `"withdrawn": "2024-01-01T00:00:00Z",`), record("GO-2", "1.0.0", "")}, []string{"GO-2 [] 1.0.0"}},
	} {
		for range 2 { // in whatever order
			matches, _, err := one(t, c.records...).Match([]packages.Package{{Ecosystem: "Debian:12", Name: "a", Version: "0.5.0"}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range matches {
				got = append(got, fmt.Sprint(m.ID, " ", m.Aliases, " ", m.Fixed))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			slices.Reverse(c.records)
		}
	}
}

// TestLanguages asks about packages whose names some write in another case, and
// of ecosystems that count in ways of their own.
func TestLanguages(t *testing.T) {
	record := func(id, ecosystem, name, fixed string) string {
		return fmt.Sprintf(`{"id": %q, "affected": [{"package": {"ecosystem": %q, "name": %q}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": %q}]}]}]}`, id, ecosystem, name, fixed)
	}
	db := one(t,
		record("GHSA-1", "NuGet", "Newtonsoft.Json", "13.0.1"), record("GHSA-2", "Packagist", "GuzzleHttp/psr7", "2.4.5"),
		record("GHSA-3", "RubyGems", "nokogiri", "1.13.6"), record("GHSA-4", "Maven", "org.springframework:spring-beans", "5.3.18"),
		record("GHSA-5", "Maven", "com.google.guava:guava", "32.0.0-android"))
	for _, c := range []struct{ ecosystem, name, version, want string }{
		{"NuGet", "newtonsoft.json", "12.0.3", "GHSA-1"}, {"NuGet", "Newtonsoft.Json", "13.0.1", ""},
		{"Packagist", "guzzlehttp/psr7", "2.4.4", "GHSA-2"}, {"Packagist", "guzzlehttp/psr7", "2.10.0", ""},
		{"RubyGems", "nokogiri", "1.13.6.rc1", "GHSA-3"}, {"RubyGems", "Nokogiri", "1.13.5", ""},
		{"Maven", "org.springframework:spring-beans", "5.3.17", "GHSA-4"}, {"Maven", "org.springframework:spring-beans", "5.3.18", ""},
		{"Maven", "com.google.guava:guava", "31.1-jre", "GHSA-5"}, {"Maven", "com.google.guava:guava", "33.0.0-jre", ""},
		{"npm", "newtonsoft.json", "12.0.3", ""},
	} {
		got, _ := flaws(t, db, packages.Package{Ecosystem: c.ecosystem, Name: c.name, Version: c.version})
		found, _, _ := strings.Cut(strings.Join(got, ", "), " ")
		if found != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.ecosystem, c.name, c.version, got, c.want)
		}
	}
}

// TestManyNames has a flaw of a language that got two numbers.
func TestManyNames(t *testing.T) {
	db := one(t, moduleRecord("GHSA-1", `"aliases": ["CVE-1-2", "CVE-1-1"],`, `"versions": ["1.0.0"]`))
	matches, _, err := db.Match([]packages.Package{{Ecosystem: "Go", Name: "a", Version: "1.0.0"}})
	if err != nil || len(matches) != 1 || !slices.Equal(matches[0].Aliases, []string{"CVE-1-2", "GHSA-1"}) {
		t.Errorf("%+v, %v", matches, err)
	}
}

// TestSeverity works out severities from all that says something about them.
func TestSeverity(t *testing.T) {
	for _, c := range []struct {
		record string
		want   string
		score  float64
	}{
		{`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{}]`, Critical, 9.8},
		{`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}], "affected": [{}]`, Medium, 6.1},
		{`"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}], "affected": [{}]`, Critical, 9.3},
		{`"severity": [{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}], "affected": [{}]`, High, 7.5},
		{`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:X"}], "affected": [{}]`, Unknown, 0},
		{`"severity": [{"type": "Ubuntu", "score": "medium"}], "affected": [{}]`, Medium, 0},
		{`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{"ecosystem_specific": {"urgency": "unimportant"}}]`, Negligible, 9.8},
		{`"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"}], "affected": [{}]`, Unknown, 0},
		{`"affected": [{"ecosystem_specific": {"urgency": "not yet assigned"}, "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}]}]`, High, 7.5},
		{`"database_specific": {"severity": "MODERATE"}, "affected": [{}]`, Medium, 0},
		{`"database_specific": {"severity": ["LOW"]}, "summary": "Important: glibc security update", "affected": [{"ecosystem_specific": {"urgency": 7, "ubuntu_priority": "low"}}]`, Low, 0},
		{`"summary": "Important: glibc security update", "affected": [{}]`, High, 0},
		// The newest CVSS counts, wherever it stands.
		{`"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"}, {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{}]`, Medium, 6.9},
		{`"severity": [{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}, {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}], "affected": [{}]`, Medium, 5.3},
		{`"database_specific": "a word", "affected": [{"ecosystem_specific": ["a", "list"]}]`, Unknown, 0},
		{`"affected": [{}]`, Unknown, 0},
	} {
		var s schema
		if err := json.Unmarshal([]byte(`{"id": "GO-1", `+c.record+`}`), &s); err != nil {
			t.Fatalf("%s: %v", c.record, err)
		}
		level, score := severity(s, s.Affected[0])
		if level != c.want || score != c.score {
			t.Errorf("%s: %s %v, want %s %v", c.record, level, score, c.want, c.score)
		}
	}
	if level, _ := severity(schema{ID: "MAL-2024-1"}, affected{}); level != Critical {
		t.Errorf("malware is %s", level)
	}
}

// TestImport reads records however they are stored.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	ranges := `"versions": ["1.0.0"]`
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, name := range []string{"GO-1.json", "GO-2.json", "README.md"} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(moduleRecord(strings.TrimSuffix(name, ".json"), "", ranges))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"all.zip":        packed.String(),
		"one.json":       moduleRecord("GO-1", "", ranges),
		"lines.json":     moduleRecord("GO-1", "", ranges) + "\n" + moduleRecord("GO-2", "", ranges) + "\n",
		"list.json":      "[" + moduleRecord("GO-1", "", ranges) + "," + moduleRecord("GO-2", `"withdrawn": "2024-01-01T00:00:00Z",`, ranges) + "]",
		"dir/sub/a.json": moduleRecord("GO-1", "", ranges),
		"dir/b.zip":      packed.String(),
		"dir/notes.txt":  "not JSON",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), text)
	}
	for name, want := range map[string]int{"all.zip": 2, "one.json": 1, "lines.json": 2, "list.json": 1, "dir": 2} {
		db := imported(t, filepath.Join(dir, name))
		info := Info{Ecosystem: "Go", Source: name, Day: "2024-01-02", Records: want, Releases: map[string]int{"Go": want}}
		if diff := cmp.Diff([]Info{info}, db.Infos()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got, _ := flaws(t, db, packages.Package{Ecosystem: "Go", Name: "a", Version: "v1.0.0"}); len(got) != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestImportFaults names the file of what is wrong, and leaves the database as
// it was.
func TestImportFaults(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "in.json")
	data := filepath.Join(dir, "db")
	write(t, file, moduleRecord("GO-1", "", `"versions": ["1.0.0"]`))
	if _, err := ImportFiles(context.Background(), data, []string{file}, Options{}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                         "in.json: no record in it",
		"{":                        "in.json: not JSON (from byte 0 on): unexpected EOF",
		`{"id": "GO-1"} x`:         "in.json: not JSON (from byte ",
		`[{"id": "GO-1"}, 7]`:      "in.json: record 2: not a record of OSV: ",
		`{"name": "GO-1"}`:         "in.json: not a record of OSV: it has no id",
		`{"id": "GO-1"}`:           "no record of a package (0 withdrawn, 1 about no version of one)",
		"PK\x03\x04 and no more":   "in.json: zip: not a valid zip file",
		`{"id": 1, "affected": 2}`: "in.json: not a record of OSV: ",
		moduleRecord("GO-1", "", `"package": {"ecosystem": "Go", "name": "a\nb"}`): `in.json: GO-1: a package of "Go" is named "a\nb"`,
	} {
		write(t, file, text)
		_, err := ImportFiles(context.Background(), data, []string{file}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ImportFiles(context.Background(), data, []string{filepath.Join(dir, "none")}, Options{}); err == nil {
		t.Error("a file that is not there is imported")
	}
	if infos := opened(t, data).Infos(); len(infos) != 1 || infos[0].Records != 1 {
		t.Errorf("the database is now %+v", infos)
	}
	if names, _ := filepath.Glob(filepath.Join(data, ".*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestAdd keeps what is known, replaced by what is newer; an import without
// replaces the ecosystems it is about and no other.
func TestAdd(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "in.json")
	add := func(keep bool, text string) {
		t.Helper()
		write(t, file, text)
		if _, err := ImportFiles(context.Background(), dir, []string{file}, Options{Add: keep}); err != nil {
			t.Fatal(err)
		}
	}
	add(false, strings.ReplaceAll(moduleRecord("NPM-1", "", `"versions": ["1.0.0"]`), `"Go"`, `"npm"`))
	add(true, moduleRecord("GO-1", "", `"versions": ["1.0.0"]`))
	add(true, moduleRecord("GO-2", "", `"versions": ["1.0.0"]`))
	add(true, moduleRecord("GO-1", "", `"versions": ["2.0.0"]`))
	db := opened(t, dir)
	for text, want := range map[string]string{"1.0.0": "GO-2  unknown", "2.0.0": "GO-1  unknown"} {
		got, _ := flaws(t, db, packages.Package{Ecosystem: "Go", Name: "a", Version: text})
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if state := db.State("2024-01-02"); state.Source != "in.json" || state.Records != 3 {
		t.Errorf("%+v", state)
	}
	if infos := db.Infos(); len(infos) != 2 || infos[0].Records != 2 || infos[0].Source != "in.json" {
		t.Errorf("%+v", infos)
	}
	add(false, moduleRecord("GO-3", "", `"versions": ["1.0.0"]`))
	if infos := opened(t, dir).Infos(); len(infos) != 2 || infos[0].Records != 1 {
		t.Errorf("%+v", infos)
	}
}

func TestState(t *testing.T) {
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty directory: %v", err)
	}
	if s := (*DB)(nil).State("2026-11-28"); s.State != None || !strings.HasPrefix(s.String(), "not checked") {
		t.Errorf("no database: %+v %s", s, s)
	}
	db := imported(t, "testdata/records")
	for _, c := range []struct {
		today      string
		ecosystems []string
		want       State
	}{
		{"2026-09-19", []string{"Debian:12"}, State{OK, "records", "2026-09-12", 7, 7}},
		{"2026-09-20", []string{"Debian:12"}, State{Old, "records", "2026-09-12", 8, 7}},
		{"2025-01-10", []string{"MinimOS"}, State{State: None}},
		{"2023-09-21", nil, State{OK, "records", "2023-09-20", 1, 32}},
	} {
		got := db.State(c.today, c.ecosystems...)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.ecosystems, diff)
		}
	}
}

// TestUndated has records that do not say of when they are, as those of a
// repository do: nobody knows what came since.
func TestUndated(t *testing.T) {
	record := strings.Replace(moduleRecord("GO-1", `"withdrawn": "0001-01-01T00:00:00Z",`, `"versions": ["1.0.0"]`), "2024-01-02T03:04:05Z", "0001-01-01T00:00:00Z", 1)
	db := one(t, record, strings.ReplaceAll(record, `"Go"`, `"npm"`))
	if got := db.State("2026-01-01"); got != (State{State: Old, Source: "records.json", Records: 2}) {
		t.Errorf("%+v", got)
	}
	const want = "2 records of an unknown day from records.json, which may be old: run `seaworthy db update`"
	if got := db.State("2026-01-01").String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestIndexFaults opens files that are not, or not quite, of a database.
func TestIndexFaults(t *testing.T) {
	dir := imported(t, "testdata/records").Dir
	good, err := os.ReadFile(filepath.Join(dir, "Go.osv"))
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.Clone(good)
	old[len(old)-1] = 0
	for what, data := range map[string][]byte{
		"empty": nil, "cut": good[:len(good)-1], "without its begin": good[1:], "of another version": old, "text": []byte("hello, this is not a database"),
	} {
		write(t, filepath.Join(dir, "Go.osv"), string(data))
		if db, err := Open(dir); err == nil || !strings.Contains(err.Error(), "import or update it anew") {
			t.Errorf("%s: %v %v", what, db, err)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data")
	if dir, err := DefaultDir(); err != nil || dir != "/data/seaworthy/osv" {
		t.Errorf("%s %v", dir, err)
	}
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "/home/me")
	if dir, err := DefaultDir(); err != nil || !strings.HasPrefix(dir, "/home/me/") || !strings.HasSuffix(dir, "/seaworthy/osv") {
		t.Errorf("%s %v", dir, err)
	}
}
