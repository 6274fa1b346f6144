package packages

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rpmDatabase is one of those that rpmdb is tested with.
func rpmDatabase(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open("rpmdb/testdata/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const ubi = `
-- etc/os-release --
NAME="Red Hat Enterprise Linux"
ID="rhel"
VERSION_ID="9.4"
PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"
-- usr/lib/python3.9/site-packages/requests-2.25.1-py3.9.egg-info/PKG-INFO --
Name: requests
Version: 2.25.1
-- usr/local/lib/python3.9/site-packages/requests-2.31.0.dist-info/METADATA --
Name: requests
Version: 2.31.0
`

// TestRpm reads the packages of each kind of database, in each place.
func TestRpm(t *testing.T) {
	for name, data := range map[string][]byte{
		"var/lib/rpm/rpmdb.sqlite":          rpmDatabase(t, "rpmdb.sqlite"),
		"usr/lib/sysimage/rpm/rpmdb.sqlite": rpmDatabase(t, "rpmdb.sqlite"),
		"usr/lib/sysimage/rpm/Packages.db":  rpmDatabase(t, "Packages.db"),
		"var/lib/rpm/Packages":              rpmDatabase(t, "Packages-4321"),
	} {
		c := New()
		collect(t, c, 0, ubi)
		offer(t, c, 1, name, 0o644, data)
		r := c.Result()
		var got []Package
		for _, p := range r.Packages {
			if !strings.HasPrefix(p.Name, "small-") || p.Name == "small-60" {
				got = append(got, p)
			}
		}
		const redHat = "Red Hat, Inc."
		want := []Package{
			{Type: Python, Ecosystem: "PyPI", Name: "requests", Version: "2.25.1", Path: "usr/lib/python3.9/site-packages/requests-2.25.1-py3.9.egg-info/PKG-INFO", Distributed: true},
			{Type: Python, Ecosystem: "PyPI", Name: "requests", Version: "2.31.0", Path: "usr/local/lib/python3.9/site-packages/requests-2.31.0.dist-info/METADATA"},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "bash", Version: "5.1.8-6.el9_1", Arch: "x86_64", Vendor: redHat, Path: name, Layer: 1},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "nodejs", Version: "1:18.14.2-2.module+el8.7.0+18234+e0d8aee7", Arch: "noarch", Vendor: redHat, Module: "nodejs:18", Path: name, Layer: 1},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "perl-Errno", Version: "1.30-481.el9", Source: "perl", SourceVersion: "4:5.32.1-481.el9", Arch: "x86_64", Vendor: redHat, Path: name, Layer: 1},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "perl-libs", Version: "4:5.32.1-481.el9", Source: "perl", Arch: "x86_64", Vendor: redHat, Path: name, Layer: 1},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "python3-requests", Version: "2.25.1-6.el9", Arch: "noarch", Vendor: redHat, Path: name, Layer: 1},
			{Type: RPM, Ecosystem: "Red Hat:9", Name: "small-60", Version: "60-1~rc1^git60", Arch: "x86_64", Vendor: redHat, Path: name, Layer: 1},
		}
		if diff := cmp.Diff(want, got); diff != "" || len(r.Gaps) > 0 || len(r.Packages) != 65 {
			t.Errorf("%s: %d packages, gaps %q\n%s", name, len(r.Packages), r.Gaps, diff)
		}
	}
}

// TestRpmLayers has databases that are replaced, taken away, beside one another
// and not written to their end.
func TestRpmLayers(t *testing.T) {
	sqlite, ndb, bdb := rpmDatabase(t, "rpmdb.sqlite"), rpmDatabase(t, "Packages.db"), rpmDatabase(t, "Packages-1234")
	type file struct {
		name string
		data []byte
	}
	const none = -1
	const db, log = "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite-wal"
	for what, c := range map[string]struct {
		layers [][]file // a file without data is taken away
		layer  int      // the packages are from
		gaps   []string
	}{
		"replaced":      {[][]file{{{db, sqlite}}, {{db, sqlite}}}, 1, nil},
		"taken away":    {[][]file{{{db, sqlite}}, {{"var/lib/rpm", nil}}}, none, nil},
		"moved":         {[][]file{{{db, sqlite}}, {{"usr/lib/sysimage/rpm/rpmdb.sqlite", sqlite}, {"var/lib/rpm", nil}}}, 1, nil},
		"empty log":     {[][]file{{{log, make([]byte, 32)}, {db, sqlite}}}, 0, nil},
		"log":           {[][]file{{{db, sqlite}}, {{log, make([]byte, 33)}}}, 0, []string{`"var/lib/rpm/rpmdb.sqlite-wal": changes that are not in the database of rpm itself were not read, so its packages may be others`}},
		"old log":       {[][]file{{{db, sqlite}, {log, make([]byte, 99)}}, {{log, nil}}}, 0, nil},
		"emptied log":   {[][]file{{{db, sqlite}, {log, make([]byte, 99)}}, {{log, []byte{}}}}, 0, nil},
		"journal":       {[][]file{{{db + "-journal", make([]byte, 99)}}}, none, []string{`"var/lib/rpm/rpmdb.sqlite-journal": changes that are not in the database of rpm itself were not read, so its packages may be others`}},
		"later kind":    {[][]file{{{db, sqlite}}, {{"var/lib/rpm/Packages", bdb}}}, 0, []string{`"var/lib/rpm/Packages": packages of rpm are also listed there, beside "var/lib/rpm/rpmdb.sqlite", and were left out`}},
		"higher layer":  {[][]file{{{"usr/lib/sysimage/rpm/Packages.db", ndb}}, {{"var/lib/rpm/Packages.db", ndb}}}, 1, []string{`"usr/lib/sysimage/rpm/Packages.db": packages of rpm are also listed there, beside "var/lib/rpm/Packages.db", and were left out`}},
		"elsewhere":     {[][]file{{{"srv/var/lib/rpm/rpmdb.sqlite", sqlite}, {"var/lib/rpm/Name", bdb}}}, none, nil},
		"cut":           {[][]file{{{db, sqlite[:4096]}}}, none, []string{`"var/lib/rpm/rpmdb.sqlite": of the database of rpm 0 packages were read, and others cannot be: it is a broken database of SQLite: it ends too early`}},
		"no such thing": {[][]file{{{"var/lib/rpm/Packages", []byte("moved")}}}, none, []string{`"var/lib/rpm/Packages": of the database of rpm 0 packages were read, and others cannot be: it is no database of rpm`}},
	} {
		collector := New()
		collect(t, collector, 0, ubi)
		for layer, files := range c.layers {
			for _, f := range files {
				if f.data == nil {
					collector.Remove(f.name, layer)
				} else {
					offer(t, collector, layer, f.name, 0o644, f.data)
				}
			}
		}
		r := collector.Result()
		layer, count := none, 0
		for _, p := range r.Packages {
			if p.Type == RPM {
				layer, count = p.Layer, count+1
			}
		}
		if layer != c.layer || layer != none && count != 63 || !slices.Equal(r.Gaps, c.gaps) {
			t.Errorf("%s: %d packages of layer %d, want %d; gaps %q, want %q", what, count, layer, c.layer, r.Gaps, c.gaps)
		}
	}
}

// TestRpmTooLarge reads a database that never ends.
func TestRpmTooLarge(t *testing.T) {
	c := New()
	r := io.MultiReader(strings.NewReader("SQLite format 3\x00"), zeros{})
	if err := c.Add("var/lib/rpm/rpmdb.sqlite", 0o644, 0, r); err != nil {
		t.Fatal(err)
	}
	want := []string{`"var/lib/rpm/rpmdb.sqlite" is larger than 262144 KiB, or has a line that is, and was not read`}
	if got := c.Result().Gaps; !slices.Equal(got, want) {
		t.Errorf("gaps %q", got)
	}
}

const distroless = `
-- etc/os-release --
ID=azurelinux
VERSION_ID="3.0"
-- var/lib/rpmmanifest/container-manifest-1 --
glibc-2.38-8.azl3.x86_64
gone-1-1.azl3.noarch
-- var/lib/rpmmanifest/container-manifest-2 --
glibc	2.38-8.azl3	1726000000	1725000000	Microsoft Corporation	(none)	10485760	x86_64	0	glibc-2.38-8.azl3.src.rpm
openssl-libs	3.3.0-2.azl3	1726000000	1725000000	Microsoft Corporation	1	4485760	x86_64	1	openssl-3.3.0-2.azl3.src.rpm
gpg-pubkey	3135ce90-5e6fda74	1726000000	1725000000	(none)	(none)	0	(none)	0	(none)
`

func TestRpmManifest(t *testing.T) {
	const path = "var/lib/rpmmanifest/container-manifest-2"
	c := New()
	collect(t, c, 0, distroless)
	want := Result{
		OS: OS{ID: "azurelinux", Version: "3.0"},
		Packages: []Package{
			{Type: RPM, Ecosystem: "Azure Linux:3", Name: "glibc", Version: "2.38-8.azl3", Arch: "x86_64", Vendor: "Microsoft Corporation", Path: path},
			{Type: RPM, Ecosystem: "Azure Linux:3", Name: "openssl-libs", Version: "1:3.3.0-2.azl3", Source: "openssl", Arch: "x86_64", Vendor: "Microsoft Corporation", Path: path},
		},
	}
	if diff := cmp.Diff(want, c.Result()); diff != "" {
		t.Error(diff)
	}

	c = New()
	collect(t, c, 0, "-- var/lib/rpmmanifest/container-manifest-1 --\nglibc-2.38-8.azl3.x86_64\nperl-libs-5.38-1.azl3.noarch\nwhat is this\n")
	want = Result{
		Packages: []Package{
			{Type: RPM, Name: "glibc", Version: "2.38-8.azl3", Arch: "x86_64", Path: "var/lib/rpmmanifest/container-manifest-1"},
			{Type: RPM, Name: "perl-libs", Version: "5.38-1.azl3", Arch: "noarch", Path: "var/lib/rpmmanifest/container-manifest-1"},
		},
		Gaps: []string{`"var/lib/rpmmanifest/container-manifest-1": 1 lines do not name a package of rpm`, "no os-release: what distribution the packages belong to is not known"},
	}
	if diff := cmp.Diff(want, c.Result()); diff != "" {
		t.Error(diff)
	}
}

// TestVendors has packages of others in an image of a distribution.
func TestVendors(t *testing.T) {
	line := func(name, vendor string) string {
		return name + "\t1-1\t0\t0\t" + vendor + "\t(none)\t1\tx86_64\t0\t" + name + "-1-1.src.rpm\n"
	}
	for _, c := range []struct{ id, version, vendor, want string }{
		{"rhel", "9", "Red Hat, Inc.", "Red Hat:9"}, {"rhel", "9", "Fedora Project", ""}, {"rhel", "9", "(none)", "Red Hat:9"},
		{"rocky", "9", "Rocky Enterprise Software Foundation", "Rocky Linux:9"}, {"rocky", "9", "Oracle America", ""},
		{"almalinux", "9", "AlmaLinux", "AlmaLinux:9"}, {"almalinux", "9", "CentOS", ""},
		{"sles", "15.5", "SUSE LLC <https://www.suse.com/>", "SUSE:15.5"}, {"sles", "15.5", "Docker", ""},
		{"opensuse-leap", "15.6", "openSUSE", "openSUSE:Leap 15.6"}, {"opensuse-leap", "15.6", "SUSE LLC <https://www.suse.com/>", "openSUSE:Leap 15.6"},
		{"fedora", "41", "Fedora Project", ""},
		{"debian", "12", "(none)", ""}, // rpm is there, too
	} {
		collector := New()
		collect(t, collector, 0, "-- etc/os-release --\nID="+c.id+"\nVERSION_ID="+c.version+"\n-- var/lib/rpmmanifest/container-manifest-2 --\n"+line("nginx", c.vendor))
		r := collector.Result()
		if len(r.Packages) != 1 || r.Packages[0].Ecosystem != c.want {
			t.Errorf("%s of %s: %+v, want %q", c.vendor, c.id, r.Packages, c.want)
		}
	}
}

func TestRpmURL(t *testing.T) {
	p := Package{Type: RPM, Name: "nodejs", Version: "1:18.14.2-2.el8", Source: "node", SourceVersion: "0:18.14-1", Arch: "x86_64", Module: "nodejs:18"}
	for _, c := range []struct{ id, version, want string }{
		{"rhel", "8.10", "pkg:rpm/redhat/nodejs@18.14.2-2.el8?arch=x86_64&distro=rhel-8.10&epoch=1&rpmmod=nodejs:18"},
		{"fedora", "41", "pkg:rpm/fedora/nodejs@18.14.2-2.el8?arch=x86_64&distro=fedora-41&epoch=1&rpmmod=nodejs:18"},
		{"opensuse-leap", "15.6", "pkg:rpm/opensuse/nodejs@18.14.2-2.el8?arch=x86_64&distro=opensuse-leap-15.6&epoch=1&rpmmod=nodejs:18"},
		{"sles", "15.5", "pkg:rpm/suse/nodejs@18.14.2-2.el8?arch=x86_64&distro=sles-15.5&epoch=1&rpmmod=nodejs:18"},
		{"", "", "pkg:rpm/nodejs@18.14.2-2.el8?arch=x86_64&epoch=1&rpmmod=nodejs:18"},
	} {
		u := p.URL(OS{ID: c.id, Version: c.version})
		if got := u.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.id, got, c.want)
		}
	}
	p.Module = ""
	u := p.OriginURL(OS{ID: "rocky", Version: "9.4"})
	if got := u.String(); got != "pkg:rpm/rocky/node@18.14-1?distro=rocky-9.4" {
		t.Errorf("source: %s", got)
	}
}

func FuzzRpmManifest(f *testing.F) {
	fuzz(f, "var/lib/rpmmanifest/container-manifest-2", 0o644, "glibc\t2.38-8.azl3\t1\t2\tMicrosoft Corporation\t(none)\t3\tx86_64\t0\tglibc-2.38-8.azl3.src.rpm\n", "glibc-2.38-8.azl3.x86_64\n")
}

func FuzzRpm(f *testing.F) {
	var seeds []string
	for _, name := range []string{"small.sqlite", "small.db", "small.bdb"} {
		data, err := os.ReadFile("rpmdb/testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, string(data))
	}
	fuzz(f, "var/lib/rpm/Packages", 0o644, seeds...)
}

func FuzzFold(f *testing.F) {
	for _, e := range []string{"Red Hat:enterprise_linux:9::baseos", "SUSE:Linux Enterprise Server 15 SP5"} {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, ecosystem string) {
		if once := Fold(ecosystem); Fold(once) != once {
			t.Errorf("%q is folded to %q, and that to %q", ecosystem, once, Fold(once))
		}
	})
}

// BenchmarkRpm reads a database.
func BenchmarkRpm(b *testing.B) {
	data := rpmDatabase(b, "rpmdb.sqlite")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		c := New()
		if err := c.Add("var/lib/rpm/rpmdb.sqlite", 0o644, 0, bytes.NewReader(data)); err != nil || len(c.files) == 0 {
			b.Fatal("not read", err)
		}
	}
}
