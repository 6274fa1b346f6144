package image

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// sample has something in every field.
func sample() *Document {
	days := 0
	return &Document{
		Reference: "registry.example.com/shop/api:1.2", Registry: "registry.example.com", Repository: "shop/api", Tag: "1.2",
		Digest: "sha256:" + strings.Repeat("a", 64), Index: "sha256:" + strings.Repeat("b", 64), Source: Registry,
		Platform: "linux/arm64/v8", Platforms: []string{"linux/amd64", "linux/arm64/v8"}, MediaType: "application/vnd.oci.image.manifest.v1+json",
		Size: 5 << 30, Created: "2026-11-28T00:00:00Z", Read: "2026-11-28", AgeDays: &days,
		Config: Config{
			User: "0644", UserID: 644, UserKnown: true, Env: map[string]string{"PATH": "/bin", "ON": "yes", "A\x01\xff": "\xfe\n\x07"},
			Entrypoint: []string{"/bin/sh", "-c", "- x: y # z"}, Cmd: []string{""}, ExposedPorts: []string{"8080/tcp"},
			Labels: map[string]string{"org.opencontainers.image.base.name": "alpine:3.20"}, WorkingDir: "~", Volumes: []string{"/data"},
			StopSignal: "SIGTERM", Healthcheck: []string{"NONE"},
		},
		History: []Build{{CreatedBy: "RUN |1 A=b /bin/sh -c x\n  y\u0085", Created: "2026-11-28T00:00:00Z", Empty: true}},
		Layers:  []Layer{{Digest: "sha256:" + strings.Repeat("c", 64), Size: 1, MediaType: "application/vnd.oci.image.layer.v1.tar+zstd"}},
		OS:      packages.OS{ID: "debian", Version: "12", Name: "Debian GNU/Linux 12 (bookworm)"},
		Files: Files{
			Setuid: []File{{Path: "usr/bin/su", Mode: "4755", UID: 0, GID: 7, Layer: 0}}, Shells: []File{{Path: "bin/sh", Mode: "0777"}},
			PackageManagers: []File{{Path: "usr/bin/apt", Mode: "0755"}}, PrivateKeys: []File{{Path: "root/.ssh/id_rsa", Mode: "0600"}},
		},
		Packages: []packages.Package{{Type: "deb", Ecosystem: "Debian:12", Name: "libc6", Version: "2.36-9", Source: "glibc", SourceVersion: "2.36-9", Path: "var/lib/dpkg/status"}},
		Vulnerabilities: []Vulnerability{{
			ID: "DEBIAN-CVE-2024-1", Aliases: []string{"CVE-2024-1"}, Package: "libc6", Version: "2.36-9", Fixed: "2.36-10",
			Severity: "high", Score: 7.5, Source: "osv", Status: "affected",
		}},
		Database:  Database{State: "ok", Source: "osv.dev", Day: "2026-11-27", Records: 10},
		Signature: Signature{State: "verified", By: "cosign.pub", Detail: "signed with cosign.pub"},
		Gaps:      []string{"layer 2: truncated"},
	}
}

func TestDocumentIsReadBack(t *testing.T) {
	d := sample()
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadDocument(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want := sample()
	want.Config.Env = map[string]string{"PATH": "/bin", "ON": "yes", "A\x01\ufffd": "\ufffd\n\x07"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for range 10 {
		if again, _ := sample().Text(); !bytes.Equal(again, text) {
			t.Fatal("the same document has other bytes")
		}
	}
}

// TestDocumentIsReadAsWritten holds that rules see strings where there are
// some: YAML has many ways to take one for a number or a truth.
func TestDocumentIsReadAsWritten(t *testing.T) {
	text, err := sample().Text()
	if err != nil {
		t.Fatal(err)
	}
	docs := yamltext.Parse(source.NewFile("image:x", text), nil)
	if len(docs) != 1 || docs[0].Problem != nil {
		t.Fatalf("%d documents, %v in\n%s", len(docs), docs[0].Problem, text)
	}
	v := graph.ValueOf(docs[0].Root)
	for path, want := range map[string]string{
		"config.user": "0644", "config.env.ON": "yes", "config.workingDir": "~", "files.setuid.0.mode": "4755",
		"created": "2026-11-28T00:00:00Z", "read": "2026-11-28", "config.entrypoint.2": "- x: y # z", "history.0.createdBy": "RUN |1 A=b /bin/sh -c x\n  y\u0085",
	} {
		if at := v.At(path); at.Kind() != graph.String || at.Str() != want {
			t.Errorf("%s is the %s %q, want the string %q", path, at.Kind(), at.Str(), want)
		}
	}
	if n, known := v.At("size").Int(0); n != 5<<30 || !known {
		t.Errorf("size is %d", n)
	}
}

func TestReadDocumentRefuses(t *testing.T) {
	for _, text := range []string{"", "unheard-of: x\n", "reference: [x]\n", "reference: x\n---\nreference: y\n", "reference: x\nreference: y\n"} {
		if d, err := ReadDocument([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, d)
		}
	}
}

func FuzzReadDocument(f *testing.F) {
	text, err := sample().Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("reference: x\nconfig: {env: {a: b}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ReadDocument(data)
		if err != nil {
			return
		}
		text, err := d.Text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadDocument(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if second, err := again.Text(); err != nil || !bytes.Equal(second, text) {
			t.Fatalf("%v: written as\n%s\nand again as\n%s", err, text, second)
		}
	})
}
