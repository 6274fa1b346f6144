package vex

import (
	"fmt"
	"strings"
	"testing"

	"github.com/package-url/packageurl-go"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// document is an OpenVEX document with statements.
func document(statements ...string) string {
	return `{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex/1",
  "author": "us",
  "timestamp": "2026-01-01T00:00:00Z",
  "version": 1,
  "statements": [
    ` + strings.Join(statements, ",\n    ") + `
  ]
}
`
}

// about is a statement about CVE-1.
func about(status, products, more string) string {
	return fmt.Sprintf(`{"vulnerability": {"name": "CVE-1"}, "products": [%s], "status": %q, "justification": "component_not_present"%s}`, products, status, more)
}

var image = Image{
	Reference: "nginx:1.25", Registry: "index.docker.io", Repository: "library/nginx", Tag: "1.25",
	Digests: []string{"sha256:" + strings.Repeat("a", 64), "sha256:" + strings.Repeat("b", 64)},
}

// parts of the image: of the distribution, and of an executable.
func parts() (openssl, xnet Part) {
	os := packages.OS{ID: "debian", Version: "12"}
	p := packages.Package{Type: packages.Debian, Name: "libssl3", Version: "3.0.9-1", Source: "openssl", Arch: "amd64"}
	openssl = Part{URLs: []packageurl.PackageURL{p.URL(os), p.OriginURL(os)}}
	net := packages.Package{Type: packages.Go, Name: "golang.org/x/net", Version: "v0.17.0"}
	app := packages.Package{Type: packages.Go, Name: "github.com/Acme/app", Version: "v1.0.0"}
	return openssl, Part{URLs: []packageurl.PackageURL{net.URL(os)}, Beside: []packageurl.PackageURL{app.URL(os), net.URL(os)}}
}

// TestProducts names the image and its packages in all ways.
func TestProducts(t *testing.T) {
	digest := strings.Repeat("a", 64)
	openssl, xnet := parts()
	for _, c := range []struct {
		products        string
		openssl, xnetOK bool
	}{
		{`{"@id": "nginx:1.25"}`, true, true},
		{`"nginx:1.25"`, true, true},
		{`{"@id": "nginx:1.24"}`, false, false},
		{`{"@id": "pkg:oci/nginx"}`, true, true},
		{`{"@id": "pkg:oci/nginx@sha256%3A` + digest + `?repository_url=docker.io/library"}`, true, true},
		{`{"@id": "pkg:oci/nginx@sha256%3A` + digest + `?repository_url=docker.io/library/nginx&tag=1.25"}`, true, true},
		{`{"@id": "pkg:oci/nginx?tag=1.24"}`, false, false},
		{`{"@id": "pkg:oci/nginx?repository_url=ghcr.io/acme"}`, false, false},
		{`{"@id": "pkg:oci/nginx@sha256%3A` + strings.Repeat("c", 64) + `"}`, false, false},
		{`{"@id": "pkg:oci/inx"}`, false, false},
		{`{"@id": "pkg:docker/library/nginx@1.25"}`, true, true},
		{`{"@id": "docker.io/library/nginx@sha256:` + digest + `"}`, true, true},
		{`{"@id": "https://acme.example/nginx", "identifiers": {"purl": "pkg:oci/nginx"}}`, true, true},
		{`{"@id": "https://acme.example/nginx", "hashes": {"sha-256": "` + digest + `"}}`, true, true},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}`, true, false},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12"}]}`, true, false},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/debian/libssl3?arch=arm64"}]}`, false, false},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/debian/libssl3?distro=debian-11"}]}`, false, false},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/ubuntu/libssl3"}]}`, false, false},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:golang/golang.org/x/net@v0.17.0"}]}`, false, true},
		{`{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:golang/golang.org/x/net@v0.16.0"}]}`, false, false},
		{`{"@id": "pkg:oci/other", "subcomponents": [{"@id": "pkg:golang/golang.org/x/net@v0.17.0"}]}`, false, false},
		{`{"@id": "pkg:golang/golang.org/x/net"}`, false, true},
		{`{"@id": "pkg:golang/github.com/acme/app", "subcomponents": [{"@id": "pkg:golang/golang.org/x/net"}]}`, false, true},
		{`{"@id": "pkg:golang/github.com/acme/app"}`, false, false}, // the flaw is of a part, and parts are not all
		{`{"@id": "pkg:oci/other"}, {"@id": "pkg:oci/nginx"}`, true, true},
	} {
		all, err := Parse("vex.json", []byte(document(about(NotAffected, c.products, ""))))
		if err != nil {
			t.Errorf("%s: %v", c.products, err)
			continue
		}
		if got := Find(all, []string{"CVE-1"}, image, openssl) != nil; got != c.openssl {
			t.Errorf("%s: openssl %t", c.products, got)
		}
		if got := Find(all, []string{"CVE-1"}, image, xnet) != nil; got != c.xnetOK {
			t.Errorf("%s: x/net %t", c.products, got)
		}
	}
}

// TestLatest takes the statement that was made last.
func TestLatest(t *testing.T) {
	product := `{"@id": "pkg:oci/nginx"}`
	for _, c := range []struct {
		name       string
		statements []string
		want       string
	}{
		{"in order", []string{about(Waiting, product, ""), about(NotAffected, product, "")}, NotAffected},
		{"by time", []string{about(Affected, product, `, "timestamp": "2026-03-01T00:00:00Z"`), about(NotAffected, product, `, "timestamp": "2026-02-01T00:00:00Z"`)}, Affected},
		{"the document's time", []string{about(Affected, product, `, "timestamp": "2025-03-01T00:00:00Z"`), about(Fixed, product, "")}, Fixed},
		{"updated", []string{about(Affected, product, `, "last_updated": "2026-03-01T00:00:00Z"`), about(Fixed, product, `, "timestamp": "2026-02-01T00:00:00Z"`)}, Affected},
		{"other flaws", []string{about(Fixed, product, ""), strings.Replace(about(Affected, product, ""), "CVE-1", "CVE-12", 1)}, Fixed},
		{"an alias", []string{strings.Replace(about(Fixed, product, ""), `"name": "CVE-1"`, `"name": "GO-9", "aliases": ["CVE-1"]`, 1)}, Fixed},
		{"an address", []string{strings.Replace(about(Fixed, product, ""), `"name": "CVE-1"`, `"@id": "https://nvd.nist.gov/vuln/detail/CVE-1"`, 1)}, Fixed},
		{"a text", []string{strings.Replace(about(Fixed, product, ""), `{"name": "CVE-1"}`, `"CVE-1"`, 1)}, Fixed},
		{"parts of version 0.0.1", []string{about(Fixed, `"nginx:1.25"`, `, "subcomponents": ["pkg:deb/debian/openssl"]`)}, Fixed},
		{"none", []string{strings.Replace(about(Fixed, product, ""), "CVE-1", "CVE-12", 1)}, ""},
	} {
		all, err := Parse("vex.json", []byte(document(c.statements...)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		openssl, _ := parts()
		got := ""
		if s := Find(all, []string{"GHSA-1", "CVE-1"}, image, openssl); s != nil {
			got = s.Status
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	good := about(Fixed, `{"@id": "pkg:oci/nginx"}`, "")
	for text, want := range map[string]string{
		"":                                       "vex.json:1:1: unexpected end of JSON input",
		"{\n  \"@context\": 7}":                  "vex.json:2:15: ",
		"{\n  \"@context\": x}":                  "vex.json:2:15: invalid character 'x'",
		`{"bomFormat": "x"}`:                     `vex.json:1:1: not an OpenVEX document: its @context is ""`,
		`{"@context": "https://openvex.dev/ns"}`: "vex.json:1:1: no list of statements",
		document(good, `{"products": ["a"]}`):    "vex.json:9:5: a statement about no vulnerability",
		document(good, about("unaffected", `"a"`, "")):                                            `vex.json:9:5: status "unaffected": use not_affected, affected, fixed or under_investigation`,
		document(good, about(Fixed, "", "")):                                                      "vex.json:9:5: a statement about no product",
		document(good, about(Fixed, `{}`, "")):                                                    "vex.json:9:5: a product or a part without a name",
		document(good, about(Fixed, `"pkg:x"`, "")):                                               `vex.json:9:5: "pkg:x" is no package URL: `,
		document(good, about(Fixed, `"a"`, `, "timestamp": "now"`)):                               "vex.json:9:5: timestamp: parsing time \"now\"",
		document(good, about(Fixed, `7`, "")):                                                     "vex.json:9:5: json: cannot unmarshal number",
		document(good, `{"vulnerability": "CVE-1", "products": ["a"], "status": "not_affected"}`): "vex.json:9:5: not_affected with neither a justification nor an impact_statement",
	} {
		_, err := Parse("vex.json", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(document(about(Fixed, `{"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}`, ""))))
	f.Add([]byte(document(about(NotAffected, `"nginx:1.25", "sha256:a"`, `, "timestamp": "2026-03-01T00:00:00Z"`))))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := Parse("x", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x:") {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		openssl, xnet := parts()
		Find(all, []string{"CVE-1"}, image, openssl)
		Find(all, []string{"CVE-1"}, image, xnet)
	})
}
