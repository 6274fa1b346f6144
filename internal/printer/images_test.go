package printer

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/package-url/packageurl-go"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// ofImages is a report about images that are recorded in testdata.
func ofImages(t *testing.T, names ...string) *analyzers.Report {
	t.Helper()
	r := &analyzers.Report{Roots: []string{"image:"}}
	for _, name := range names {
		data, err := os.ReadFile("testdata/" + name + ".image.yaml")
		if err != nil {
			t.Fatal(err)
		}
		f := source.NewRemote("image:"+name, data)
		r.Images = append(r.Images, graph.NewResource(name, "image", name, nil, &source.Origin{Span: f.LineSpan(1)}))
	}
	r.Resources = len(r.Images)
	return r
}

func TestImages(t *testing.T) {
	r := ofImages(t, "other", "app")
	golden(t, "text-images", func(w io.Writer) error { return Text(w, r, Options{}) })
	golden(t, "markdown-images", func(w io.Writer) error { return Markdown(w, r, Options{}) })
	golden(t, "json-images", func(w io.Writer) error { return JSON(w, r, Options{Version: "1.2.3"}) })
}

func TestHTMLImages(t *testing.T) {
	var b strings.Builder
	if err := HTML(&b, ofImages(t, "app"), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h2>Images</h2>", "6 packages", "known by"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}

// cycloneDX is the schema of CycloneDX as the library has it for its tests.
func cycloneDX(t *testing.T) *jsonschema.Schema {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "schema")
	if _, statErr := os.Stat(dir); err != nil || statErr != nil {
		t.Skip("the schema is not at hand:", err, statErr)
	}
	c := jsonschema.NewCompiler()
	for name, as := range map[string]string{
		"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schemax.json": "jsf-0.82.schema.json",
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+as, doc); err != nil {
			t.Fatal(err)
		}
	}
	c.AssertFormat()
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestCycloneDX holds bills of none, one and two images, and one of packages of
// all kinds, against the schema.
func TestCycloneDX(t *testing.T) {
	serials := map[string]bool{}
	for name, r := range map[string]*analyzers.Report{
		"cyclonedx-none": ofImages(t), "cyclonedx-one": ofImages(t, "app"), "cyclonedx-two": ofImages(t, "other", "app"),
		"cyclonedx-kinds": ofImages(t, "kinds"),
	} {
		print := func(w io.Writer) error {
			return CycloneDX(w, r, Options{Version: "1.2.3", Time: "2026-11-28T00:00:00Z"})
		}
		golden(t, name, print)
		var text bytes.Buffer
		if err := print(&text); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := cycloneDX(t).Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var bom cdx.BOM
		if err := json.Unmarshal(text.Bytes(), &bom); err != nil {
			t.Fatal(err)
		}
		serials[bom.SerialNumber] = true
		known := map[string]bool{}
		for _, c := range all(bom.Components) {
			known[c.BOMRef] = true
			if u, err := packageurl.FromString(c.PackageURL); c.PackageURL != "" && (err != nil || !strings.EqualFold(u.String(), c.PackageURL)) {
				t.Errorf("%s: the package URL %s is %s: %v", name, c.PackageURL, u, err)
			}
		}
		if bom.Metadata.Component != nil {
			known[bom.Metadata.Component.BOMRef] = true
		}
		for _, d := range all(bom.Dependencies) {
			for _, ref := range append(all(d.Dependencies), d.Ref) {
				if !known[ref] {
					t.Errorf("%s: no component %q", name, ref)
				}
			}
		}
		for _, v := range all(bom.Vulnerabilities) {
			for _, a := range all(v.Affects) {
				if !known[a.Ref] {
					t.Errorf("%s: %s: no component %q", name, v.ID, a.Ref)
				}
			}
		}
	}
	if len(serials) != 4 {
		t.Errorf("serial numbers %v", serials)
	}
}

func all[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}
