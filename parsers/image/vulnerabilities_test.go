package image

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
	"github.com/seaworthy-iac/seaworthy/parsers/image/vex"
)

const dismissal = `{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "timestamp": "2026-01-01T00:00:00Z",
  "statements": [{
    "vulnerability": {"name": "GO-2022-1059"},
    "products": [{"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:golang/golang.org/x/text"}]}],
    "status": "not_affected",
    "justification": "vulnerable_code_not_in_execute_path"
  }]
}`

// TestJudge holds an image against a few records and a VEX document.
func TestJudge(t *testing.T) {
	dir := t.TempDir()
	if _, err := osv.ImportFiles(context.Background(), dir, []string{"osv/testdata/records"}, osv.Options{}); err != nil {
		t.Fatal(err)
	}
	db, err := osv.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only read
	statements, err := vex.Parse("vex.json", []byte(dismissal))
	if err != nil {
		t.Fatal(err)
	}
	app := func() *Document {
		d := newDocument("ghcr.io/acme/app:1")
		d.Registry, d.Repository, d.Tag = "ghcr.io", "acme/app", "1"
		d.OS = packages.OS{ID: "debian", Version: "12"}
		d.Packages = []packages.Package{
			{Type: packages.Debian, Ecosystem: "Debian:12", Name: "libc6", Version: "2.36-9", Source: "glibc", Arch: "amd64", Path: "var/lib/dpkg/status"},
			{Type: packages.Go, Ecosystem: "Go", Name: "golang.org/x/text", Version: "v0.3.7", Path: "app"},
			{Type: packages.Go, Ecosystem: "Go", Name: "golang.org/x/net", Version: "v0.17.0", Path: "app"},
			{Type: packages.Python, Ecosystem: "PyPI", Name: "requests", Path: "requests.egg-info"},
		}
		return d
	}
	d := app()
	Judgement{DB: db, VEX: statements, Today: "2026-09-20"}.Judge(d)
	want := app()
	want.Database = Database{State: "old", Source: "records", Day: "2023-09-20", AgeDays: 1096, Records: 7 + 7 + 4}
	want.Unchecked = []string{"1 package not checked, of which there are records, but whose version is not known (requests)"}
	want.Vulnerabilities = []Vulnerability{
		{
			ID: "CVE-2023-4911", Aliases: []string{"DSA-5514-1"}, Package: "libc6", Version: "2.36-9", Source: "glibc",
			Path: "var/lib/dpkg/status", URL: "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", Fixed: "2.36-9+deb12u3", Severity: "high", Score: 7.8, Summary: "glibc - security update",
		},
		{
			ID: "CVE-2022-32149", Aliases: []string{"GHSA-69ch-w2m2-3vjp", "GO-2022-1059"}, Package: "golang.org/x/text", Version: "v0.3.7",
			Path: "app", URL: "pkg:golang/golang.org/x/text@v0.3.7", Fixed: "0.3.8", Severity: "unknown", Summary: "Denial of service via crafted Accept-Language header in golang.org/x/text/language",
			Status: vex.NotAffected, Why: "vulnerable_code_not_in_execute_path",
		},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	if text, err := d.Text(); err != nil {
		t.Error(err)
	} else if again, err := ReadDocument(text); err != nil {
		t.Error(err)
	} else if diff := cmp.Diff(d, again); diff != "" {
		t.Error(diff)
	}
	if !d.Vulnerabilities[1].Dismissed() || d.Vulnerabilities[0].Dismissed() {
		t.Error("what is dismissed is told wrongly")
	}

	// Without a database nothing is known, which is not that there is nothing.
	d = app()
	Judgement{Today: "2026-09-20"}.Judge(d)
	if d.Database != (Database{State: "none"}) || d.Vulnerabilities != nil {
		t.Errorf("no database: %+v %+v", d.Database, d.Vulnerabilities)
	}
	d = app()
	d.Packages = d.Packages[:1]
	d.Packages[0].Ecosystem = "MinimOS"
	Judgement{DB: db, Today: "2026-09-20"}.Judge(d)
	if d.Database.State != "none" || len(d.Unchecked) != 1 {
		t.Errorf("a database of other ecosystems: %+v %q", d.Database, d.Unchecked)
	}
}
