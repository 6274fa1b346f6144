package packages

import (
	"bytes"
	"debug/buildinfo"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// collect hands the files of an archive to a collector as one layer.
func collect(t *testing.T, c *Collector, layer int, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		offer(t, c, layer, f.Name, 0o644, f.Data)
	}
}

func offer(t *testing.T, c *Collector, layer int, name string, mode fs.FileMode, data []byte) {
	t.Helper()
	if !c.Wants(name, mode, int64(len(data))) {
		return
	}
	if err := c.Add(name, mode, layer, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

const debian = `
-- usr/lib/os-release --
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
VERSION_ID="12"
ID=debian
-- var/lib/dpkg/status --
Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.11-1~deb12u1
Description: Secure Sockets Layer toolkit - shared libraries
 Version: this is not a field
 .
 the end

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: libgcc-s1
Status: hold ok installed
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+b1
-- var/lib/dpkg/status.d/tzdata --
Package: tzdata
Version: 2024a-0+deb12u1
-- var/lib/dpkg/status.d/tzdata.md5sums --
0123 usr/share/zoneinfo/UTC
`

func TestDebian(t *testing.T) {
	c := New()
	collect(t, c, 0, debian)
	want := Result{
		OS: OS{"debian", "12", "Debian GNU/Linux 12 (bookworm)"},
		Packages: []Package{
			{Type: Debian, Ecosystem: "Debian:12", Name: "libgcc-s1", Version: "12.2.0-14+b1", Source: "gcc-12", SourceVersion: "12.2.0-14", Path: "var/lib/dpkg/status"},
			{Type: Debian, Ecosystem: "Debian:12", Name: "libssl3", Version: "3.0.11-1~deb12u1", Source: "openssl", Arch: "amd64", Path: "var/lib/dpkg/status"},
			{Type: Debian, Ecosystem: "Debian:12", Name: "tzdata", Version: "2024a-0+deb12u1", Path: "var/lib/dpkg/status.d/tzdata"},
		},
	}
	if diff := cmp.Diff(want, c.Result()); diff != "" {
		t.Error(diff)
	}
}

func TestAlpine(t *testing.T) {
	c := New()
	collect(t, c, 2, `
-- etc/os-release --
NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.19.1
-- lib/apk/db/installed --
C:Q1abc=
P:musl-utils
V:1.2.4_git20230717-r4
A:x86_64
o:musl
F:usr/bin
R:ldd
F:usr/lib/node_modules/npm
R:package.json

P:npm
V:10.2.5-r0
-- usr/lib/node_modules/npm/package.json --
{"name": "npm", "version": "10.2.5"}
-- app/node_modules/@babel/core/package.json --
{"name": "@babel/core", "version": "7.1.0"}
-- app/node_modules/@babel/core/test/package.json --
{"name": "a-test", "version": "7.1.0"}
-- app/node_modules/broken/package.json --
{"name": "broken", "version":
`)
	want := Result{
		OS: OS{ID: "alpine", Version: "3.19.1"},
		Packages: []Package{
			{Type: Alpine, Ecosystem: "Alpine:v3.19", Name: "musl-utils", Version: "1.2.4_git20230717-r4", Source: "musl", Arch: "x86_64", Path: "lib/apk/db/installed", Layer: 2},
			{Type: Alpine, Ecosystem: "Alpine:v3.19", Name: "npm", Version: "10.2.5-r0", Path: "lib/apk/db/installed", Layer: 2},
			{Type: NPM, Ecosystem: "npm", Name: "@babel/core", Version: "7.1.0", Path: "app/node_modules/@babel/core/package.json", Layer: 2},
			{Type: NPM, Ecosystem: "npm", Name: "npm", Version: "10.2.5", Path: "usr/lib/node_modules/npm/package.json", Layer: 2, Distributed: true},
		},
		Gaps: []string{`"app/node_modules/broken/package.json" is not JSON of a package: unexpected end of JSON input`},
	}
	if diff := cmp.Diff(want, c.Result()); diff != "" {
		t.Error(diff)
	}
}

func TestPython(t *testing.T) {
	c := New()
	collect(t, c, 0, debian+`
-- var/lib/dpkg/info/python3-yaml.list --
/.
/usr/lib/python3/dist-packages/PyYAML-6.0.egg-info
-- usr/lib/python3/dist-packages/PyYAML-6.0.egg-info --
Metadata-Version: 2.1
Name: PyYAML
Version: 6.0
-- usr/local/lib/python3.11/site-packages/Zope.Interface-5.0.dist-info/METADATA --
Metadata-Version: 2.1
Name: Zope.Interface_x
Version: 5.0

Name: not a field, but the description
Version: 9
-- usr/local/lib/python3.11/site-packages/old.egg-info/PKG-INFO --
Name: old
Version: 0.1
`)
	var got []Package
	for _, p := range c.Result().Packages {
		if p.Type == Python {
			got = append(got, p)
		}
	}
	want := []Package{
		{Type: Python, Ecosystem: "PyPI", Name: "old", Version: "0.1", Path: "usr/local/lib/python3.11/site-packages/old.egg-info/PKG-INFO"},
		{Type: Python, Ecosystem: "PyPI", Name: "pyyaml", Version: "6.0", Path: "usr/lib/python3/dist-packages/PyYAML-6.0.egg-info", Distributed: true},
		{Type: Python, Ecosystem: "PyPI", Name: "zope-interface-x", Version: "5.0", Path: "usr/local/lib/python3.11/site-packages/Zope.Interface-5.0.dist-info/METADATA"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// manifest is where an npm package has its manifest.
func manifest(name string) string { return "app/node_modules/" + name + "/package.json" }

// TestLayers replaces, takes away and hides files of lower layers.
func TestLayers(t *testing.T) {
	c := New()
	npm := func(layer int, name, version string) {
		offer(t, c, layer, manifest(name), 0o644, []byte(`{"name": "`+name+`", "version": "`+version+`"}`))
	}
	for _, name := range []string{"replaced", "emptied", "removed", "under", "again", "below/node_modules/deep", "kept"} {
		npm(0, name, "1.0.0")
	}
	c.RemoveUnder("app/node_modules/under", 1)
	c.Remove("app/node_modules/removed", 1)
	c.Remove("app/node_modules/again", 1)
	c.RemoveUnder("app/node_modules/below", 1)
	npm(1, "replaced", "2.0.0")
	offer(t, c, 1, manifest("emptied"), 0o644, nil)
	npm(2, "again", "3.0.0")
	c.Remove("app/node_modules/again", 2) // a whiteout is about the layers below

	var got []string
	for _, p := range c.Result().Packages {
		got = append(got, p.Name+"@"+p.Version)
	}
	if want := []string{"again@3.0.0", "kept@1.0.0", "replaced@2.0.0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	c.RemoveUnder(".", 9)
	if r := c.Result(); len(r.Packages) > 0 {
		t.Errorf("left below an opaque root: %v", r.Packages)
	}
}

// build builds a program that has a dependency.
func build(t *testing.T, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	main, out := filepath.Join(dir, "main.go"), filepath.Join(dir, "main")
	text := "package main\nimport \"golang.org/x/term\"\nfunc main() { println(term.IsTerminal(0)) }\n"
	if err := os.WriteFile(main, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), main)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	if message, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, message)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExecutable reads a program, and holds it against debug/buildinfo.
func TestExecutable(t *testing.T) {
	data := build(t, "-ldflags=-s -w")
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := New()
	offer(t, c, 1, "usr/bin/self", 0o755, data)
	offer(t, c, 1, "usr/bin/notes", 0o644, data)
	offer(t, c, 1, "usr/bin/script", 0o755, []byte("#!/bin/sh\n"+strings.Repeat("#", 100)))
	offer(t, c, 1, "usr/bin/short", 0o755, data[:100])
	offer(t, c, 1, "usr/bin/cut", 0o755, data[:200_000])
	offer(t, c, 1, "usr/bin/self.exe", 0o755, []byte("MZ"))
	offer(t, c, 1, "usr/bin/self.dll", 0o755, []byte("MZ"))

	r := c.Result()
	want := map[string]string{"stdlib": strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go"), info.Main.Path: ""}
	for _, m := range info.Deps {
		want[m.Path] = m.Version
	}
	got := map[string]string{}
	for _, p := range r.Packages {
		if p.Path != "usr/bin/self" || p.Type != Go || p.Ecosystem != "Go" {
			t.Errorf("unexpected %+v", p)
		}
		got[p.Name] = p.Version
	}
	delete(got, info.Main.Path) // the version of a checkout
	delete(want, info.Main.Path)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(info.Deps) == 0 {
		t.Error("a test with no dependencies shows nothing")
	}
	if want := []string{"Windows executables are not looked into"}; !slices.Equal(r.Gaps, want) {
		t.Errorf("gaps %v, want %v", r.Gaps, want)
	}
}

func TestGoRelease(t *testing.T) {
	for text, want := range map[string]string{
		"go1.22.3": "1.22.3", "go1.22": "1.22.0", "go1.22rc1": "1.22.0-rc.1", "go1.21.0 X:boringcrypto": "1.21.0",
		"go1.20.5-custom": "1.20.5", "devel go1.23-abcdef": "", "go2": "", "": "",
	} {
		if got, ok := goRelease(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q %t, want %q", text, got, ok, want)
		}
	}
}

// TestBounds hands in files that are too large, broken and too many.
func TestBounds(t *testing.T) {
	c := New()
	long := strings.Repeat("x", maxLine+1)
	collect(t, c, 0, "-- lib/apk/db/installed --\nP:a\nV:1\n\nP:"+long+"\n")
	offer(t, c, 0, manifest("large"), 0o644, []byte(`{"name": "`+long+`"}`))
	offer(t, c, 0, "var/lib/rpm/rpmdb.sqlite", 0o644, []byte("SQLite"))
	want := []string{
		`"app/node_modules/large/package.json" is larger than 1024 KiB, or has a line that is, and was not read`,
		`"lib/apk/db/installed" is larger than 1024 KiB, or has a line that is, and was not read`,
		`"var/lib/rpm/rpmdb.sqlite": of the database of rpm 0 packages were read, and others cannot be: it is no database of rpm`,
	}
	r := c.Result()
	if diff := cmp.Diff(want, r.Gaps); diff != "" || len(r.Packages) > 0 {
		t.Errorf("%s%v", diff, r.Packages)
	}
	if err := c.Add("var/lib/dpkg/status", 0o644, 0, iotest.ErrReader(io.ErrUnexpectedEOF)); err == nil {
		t.Error("a layer that ends early is no error")
	}
	c = New()
	for layer := range 3 { // one after the other
		collect(t, c, layer, "-- lib/apk/db/installed --\n"+strings.Repeat("P:a\nV:1\n\n", maxPackages/2))
	}
	if r := c.Result(); len(r.Packages) != maxPackages/2 || len(r.Gaps) != 1 {
		t.Errorf("%d packages, gaps %v", len(r.Packages), r.Gaps)
	}
	c = New()
	many := strings.Repeat("P:a\nV:1\n\n", maxPackages+1)
	collect(t, c, 0, "-- lib/apk/db/installed --\n"+many)
	if r := c.Result(); len(r.Packages) != maxPackages || len(r.Gaps) != 2 {
		t.Errorf("%d packages, gaps %v", len(r.Packages), r.Gaps)
	}
}

func fuzz(f *testing.F, name string, mode fs.FileMode, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := New()
		offer(t, c, 0, "etc/os-release", 0o644, []byte("ID=debian\nVERSION_ID=12\n"))
		offer(t, c, 1, name, mode, data)
		for _, p := range c.Result().Packages {
			if p.Name == "" || p.Path != name || p.Layer != 1 {
				t.Errorf("%+v", p)
			}
		}
	})
}

func FuzzRelease(f *testing.F) {
	f.Fuzz(func(_ *testing.T, id, version string) { OS{ID: id, Version: version}.ecosystem() })
}
func FuzzDpkg(f *testing.F) { fuzz(f, "var/lib/dpkg/status", 0o644, debian) }
func FuzzDpkgList(f *testing.F) {
	fuzz(f, "var/lib/dpkg/info/a.list", 0o644, "/.\n/usr/bin/a\n")
}
func FuzzApk(f *testing.F) {
	fuzz(f, "lib/apk/db/installed", 0o644, "P:a\nV:1\nA:x\no:b\nF:usr/bin\nR:c\n\n")
}
func FuzzNPM(f *testing.F) { fuzz(f, manifest("a"), 0o644, `{"name": "a", "version": "1"}`) }
func FuzzPython(f *testing.F) {
	fuzz(f, "a.dist-info/METADATA", 0o644, "Name: a\nVersion: 1\n\n")
}

// program is an ELF file with writable segments, each as long as a multiple of
// 16, that follow one another in the file at an offset.
func program(at int, segments ...string) []byte {
	head := make([]byte, 64+56*len(segments))
	copy(head, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(head[0x10:], 2)    // an executable
	le.PutUint16(head[0x12:], 0x3e) // for amd64
	le.PutUint32(head[0x14:], 1)
	le.PutUint64(head[0x20:], 64)
	le.PutUint64(head[0x28:], 1<<40) // a table of sections that nobody gets to see
	le.PutUint16(head[0x34:], 64)
	le.PutUint16(head[0x36:], 56)
	le.PutUint16(head[0x38:], uint16(len(segments)))
	le.PutUint16(head[0x3c:], 99)
	data := bytes.Repeat([]byte{0}, at-len(head))
	for i, s := range segments {
		p := head[64+56*i:]
		le.PutUint32(p, 1) // PT_LOAD
		le.PutUint32(p[4:], 6)
		le.PutUint64(p[8:], uint64(at))
		le.PutUint64(p[16:], 0x400000+uint64(at))
		le.PutUint64(p[32:], uint64(len(s)))
		le.PutUint64(p[40:], uint64(len(s)))
		data, at = append(data, s...), at+len(s)
	}
	return append(head, data...)
}

// built is what the Go linker writes about a build.
func built(flags byte) string {
	info := string(buildMagic) + "\x08" + string(flags) + strings.Repeat("\x00", 16) + "\x08go1.22.3" + "\x30" +
		strings.Repeat("x", 16) + "path\ta\nmod\ta\tv1\n" + strings.Repeat("y", 16)
	return info + strings.Repeat("\x00", 16-len(info)%16)
}

// TestSegments finds the build information where linkers put it.
func TestSegments(t *testing.T) {
	zero := strings.Repeat("\x00", 64<<10)
	for name, data := range map[string][]byte{
		"first":      program(1024, built(2)),
		"second":     program(1024, zero, built(2)),
		"far":        program(1<<20, zero+zero+built(2)),
		"misaligned": program(64<<10, strings.Repeat("\x00", 8)+string(buildMagic)+strings.Repeat("\x00", 10)+built(2)),
	} {
		c := New()
		offer(t, c, 0, "a", 0o755, data)
		var got []string
		for _, p := range c.Result().Packages {
			got = append(got, p.Name+"@"+p.Version)
		}
		if want := []string{"a@v1", "stdlib@1.22.3"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	c := New()
	offer(t, c, 0, "old", 0o755, program(1024, built(0)))
	offer(t, c, 0, "none", 0o755, program(1024, zero))
	want := []string{`"old" was built with Go older than 1.18, so its modules are not known`}
	if r := c.Result(); len(r.Packages) > 0 || !slices.Equal(r.Gaps, want) {
		t.Errorf("%v %q", r.Packages, r.Gaps)
	}
}

func FuzzExecutable(f *testing.F) {
	fuzz(f, "usr/bin/a", 0o755, string(program(1024, built(2))), string(program(1024, strings.Repeat("x", 64), built(2))), string(program(1024, built(0))))
}

// zeros is an endless file of zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// BenchmarkExecutable reads an executable whose data comes after 100 MB of
// other things.
func BenchmarkExecutable(b *testing.B) {
	const size, head = 100 << 20, 128
	data := program(head, built(2))
	binary.LittleEndian.PutUint64(data[64+8:], size)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		c := New()
		r := io.MultiReader(bytes.NewReader(data[:head]), io.LimitReader(zeros{}, size-head), bytes.NewReader(data[head:]))
		if err := c.Add("a", 0o755, 0, r); err != nil || len(c.files) == 0 {
			b.Fatal("not read", err)
		}
	}
}

// TestURL writes package URLs as purl-spec has them for each type, but for the
// case of Go modules, which nobody changes.
func TestURL(t *testing.T) {
	debian := OS{ID: "debian", Version: "12"}
	for want, p := range map[string]Package{
		"pkg:pypi/flask-sqlalchemy@3.1.1":                                     {Type: Python, Name: "Flask_SQLAlchemy", Version: "3.1.1"},
		"pkg:pypi/zope.interface":                                             {Type: Python, Name: "zope.interface"},
		"pkg:npm/%40babel/traverse@8.0.0-alpha.3":                             {Type: NPM, Name: "@babel/traverse", Version: "8.0.0-alpha.3"},
		"pkg:npm/lodash@4.17.21":                                              {Type: NPM, Name: "lodash", Version: "4.17.21"},
		"pkg:golang/stdlib@1.26.3":                                            {Type: Go, Name: "stdlib", Version: "1.26.3", Arch: "amd64"},
		"pkg:golang/github.com/Azure/azure-sdk-for-go@v68.0.0%2Bincompatible": {Type: Go, Name: "github.com/Azure/azure-sdk-for-go", Version: "v68.0.0+incompatible"},
		"pkg:deb/debian/libstdc%2B%2B6@2:12.2.0-14%2Bdeb12u1~bpo1?arch=amd64&distro=debian-12": {Type: Debian, Name: "libstdc++6", Version: "2:12.2.0-14+deb12u1~bpo1", Source: "gcc-12", Arch: "amd64"},
	} {
		if got := p.URL(debian).String(); got != want {
			t.Errorf("%s %s: %s, want %s", p.Type, p.Name, got, want)
		}
	}
}
