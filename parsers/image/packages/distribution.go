package packages

import (
	"fmt"
	"hash/maphash"
	"io"
	"path"
	"strings"
)

func isRelease(name string) bool { return name == "etc/os-release" || name == "usr/lib/os-release" }

// readRelease reads os-release(5).
func readRelease(_ *Collector, name string, r io.Reader, f *found) error {
	var o OS
	err := eachLine(name, r, maxMetadata, func(line string) bool {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		switch key {
		case "ID":
			o.ID = value
		case "VERSION_ID":
			o.Version = value
		case "PRETTY_NAME":
			o.Name = value
		}
		return true
	})
	if o != (OS{}) {
		f.os = &o
	}
	return err
}

// isDpkg finds the status of dpkg, and the one file a package that images
// without dpkg have instead ("distroless").
func isDpkg(name string) bool {
	one, below := strings.CutPrefix(name, "var/lib/dpkg/status.d/")
	return name == "var/lib/dpkg/status" || below && path.Ext(one) != ".md5sums"
}

// readDpkg reads what dpkg knows to be installed; see deb-src-control(5) and
// dpkg-query(1) for the fields.
func readDpkg(c *Collector, name string, r io.Reader, f *found) error {
	return eachStanza(name, r, maxDatabase, func(s stanza) bool {
		status, said := s["Status"]
		if s["Package"] == "" || s["Version"] == "" || said && !strings.HasSuffix(status, " installed") {
			return true
		}
		p := Package{Type: Debian, Name: s["Package"], Version: s["Version"], Arch: s["Architecture"]}
		// Source: gcc-12 (12.2.0-14)
		p.Source, p.SourceVersion, _ = strings.Cut(s["Source"], " ")
		p.SourceVersion = strings.Trim(p.SourceVersion, " ()")
		return c.take(f, p)
	}, "Package", "Status", "Version", "Source", "Architecture")
}

func isApk(name string) bool {
	return name == "lib/apk/db/installed" || name == "usr/lib/apk/db/installed"
}

// readApk reads the database of apk: P is the name, V the version, A the
// architecture, o the package that it is built with, F a directory and R a
// file in it.
func readApk(c *Collector, name string, r io.Reader, f *found) error {
	var p Package
	dir, more := "", true
	done := func() {
		if p.Name != "" && p.Version != "" {
			more = c.take(f, p)
		}
		p, dir = Package{}, ""
	}
	err := eachLine(name, r, maxDatabase, func(line string) bool {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "":
			done()
		case "P":
			p.Type, p.Name = Alpine, value
		case "V":
			p.Version = value
		case "A":
			p.Arch = value
		case "o":
			p.Source = value
		case "F":
			dir = value
		case "R":
			c.owned.add(path.Join(dir, value))
		}
		return more
	})
	if more {
		done()
	}
	return err
}

// take adds a package unless there are too many of them.
func (c *Collector) take(f *found, p Package) bool {
	if c.count+len(f.packages) >= maxPackages {
		f.gap = fmt.Sprintf("more than %d packages: the others were left out", maxPackages)
		return false
	}
	f.packages = append(f.packages, p)
	return true
}

// owned are the files that came with packages of the distribution, as far as
// it matters: those that may say themselves that something is installed. Of
// their names only a hash is kept.
type owned struct {
	seed  maphash.Seed
	names map[uint64]bool
}

// maxOwned is how many files are told apart; a whole desktop has fewer.
const maxOwned = 1_000_000

func (o *owned) add(name string) {
	if o.names == nil {
		o.seed, o.names = maphash.MakeSeed(), map[uint64]bool{}
	}
	plain := path.Ext(name) == "" && !strings.HasPrefix(name, "usr/share/")
	if len(o.names) < maxOwned && (plain || isLanguage(name)) {
		o.names[maphash.String(o.seed, name)] = true
	}
}

func (o *owned) has(name string) bool {
	return len(o.names) > 0 && o.names[maphash.String(o.seed, name)]
}

func isDpkgList(name string) bool {
	one, below := strings.CutPrefix(name, "var/lib/dpkg/info/")
	return below && path.Ext(one) == ".list"
}

// readDpkgList reads the files of one package.
func readDpkgList(c *Collector, name string, r io.Reader, _ *found) error {
	return eachLine(name, r, maxDatabase, func(line string) bool {
		c.owned.add(strings.TrimPrefix(line, "/"))
		return true
	})
}
