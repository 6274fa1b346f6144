package packages

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages/rpmdb"
)

// rpmDirs are where rpm has its database: in most distributions, in later
// Fedora and SUSE, and in those that ostree installs.
var rpmDirs = [...]string{"var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"}

// rpmFiles are the databases of rpm, those of later versions first, and what
// images without rpm have instead.
var rpmFiles = [...]string{"rpmdb.sqlite", "Packages.db", "Packages", "container-manifest-2", "container-manifest-1"}

// maxRpm is how large a database of rpm may be; those of whole workstations
// have some 200 MiB.
const maxRpm = 256 << 20

func isRpm(name string) bool {
	dir, base := path.Split(name)
	return slices.Contains(rpmDirs[:], dir) && slices.Contains(rpmFiles[:3], base)
}

// readRpm reads a database of rpm.
func readRpm(c *Collector, name string, r io.Reader, f *found) error {
	db, err := load(name, r, maxRpm)
	if err != nil {
		return err
	}
	files := 0
	err = rpmdb.Each(db, func(p *rpmdb.Package) bool {
		for dir, base := range p.EachFile {
			if files++; files > maxOwned {
				break
			}
			c.owned.add(strings.TrimPrefix(dir+base, "/"))
		}
		return c.takeRpm(f, rpm{p.Name, p.Epoch, p.Version + "-" + p.Release, p.Arch, p.Source, p.Vendor, p.Module})
	})
	if err != nil {
		f.gap = fmt.Sprintf("%q: of the database of rpm %d packages were read, and others cannot be: %v", name, len(f.packages), err)
	}
	nameSources(f.packages)
	return nil
}

// isRpmLog finds what SQLite has beside a database when the last to write to it
// did not end well: changes that are not in it yet, or not to be in it.
func isRpmLog(name string) bool {
	for _, suffix := range []string{"-wal", "-journal"} {
		if db, ok := strings.CutSuffix(name, suffix); ok && isRpm(db) {
			return true
		}
	}
	return false
}

// readRpmLog says that there are such changes.
func readRpmLog(_ *Collector, name string, r io.Reader, f *found) error {
	const head = 32 // of a log, with nothing after it
	n, err := io.CopyN(io.Discard, r, head+1)
	if n > head {
		f.gap = fmt.Sprintf("%q: changes that are not in the database of rpm itself were not read, so its packages may be others", name)
	}
	return ended(err)
}

func isRpmManifest(name string) bool {
	dir, base := path.Split(name)
	return dir == "var/lib/rpmmanifest/" && slices.Contains(rpmFiles[3:], base)
}

// readRpmManifest reads what an image of Azure Linux without rpm has: what rpm
// wrote when the image was built. The first manifest has the names of packages
// as rpm writes them, the second one fields with tabs between them: name,
// version and release, when it was installed and built, vendor, epoch, size,
// architecture, epoch as a number, source package.
func readRpmManifest(c *Collector, name string, r io.Reader, f *found) error {
	odd := 0
	err := eachLine(name, r, maxDatabase, func(line string) bool {
		if line == "" {
			return true
		}
		p, ok := rpm{}, false
		if fields := strings.Split(line, "\t"); len(fields) == 10 {
			p, ok = rpm{name: fields[0], version: fields[1], vendor: fields[4], arch: fields[7], epoch: fields[8], source: fields[9]}, true
		} else if full, arch, cut := cutLast(line, "."); cut {
			if p.name, p.version, ok = nameVersion(full); ok {
				p.arch = arch
			}
		}
		if !ok || p.name == "" || p.version == "" {
			odd++
			return true
		}
		return c.takeRpm(f, p)
	})
	if odd > 0 {
		f.gap = fmt.Sprintf("%q: %d lines do not name a package of rpm", name, odd)
	}
	nameSources(f.packages)
	return err
}

// An rpm is a package as rpm knows it, with "(none)" or nothing for what it has
// not. The version has the release.
type rpm struct{ name, epoch, version, arch, source, vendor, module string }

// takeRpm adds a package. The keys that packages are signed with are in the
// database as packages, too, which come from no source.
func (c *Collector) takeRpm(f *found, r rpm) bool {
	const none = "(none)"
	if r.name == "gpg-pubkey" {
		return true
	}
	p := Package{Type: RPM, Name: r.name, Version: r.version, Arch: strings.TrimPrefix(r.arch, none), Vendor: strings.TrimPrefix(r.vendor, none)}
	if epoch := strings.TrimPrefix(r.epoch, none); epoch != "" && epoch != "0" {
		p.Version = epoch + ":" + p.Version
	}
	// nodejs:18:8080020230412083350:63b34585
	if parts := strings.SplitN(r.module, ":", 3); len(parts) > 1 {
		p.Module = parts[0] + ":" + parts[1]
	}
	// perl-5.32.1-481.el9.src.rpm
	if base, _, ok := cutLast(strings.TrimSuffix(r.source, ".rpm"), "."); ok {
		if name, version, ok := nameVersion(base); ok {
			if name != p.Name {
				p.Source = name
			}
			if version != r.version {
				p.SourceVersion = version
			}
		}
	}
	return c.take(f, p)
}

// nameSources adds the epoch to the versions of source packages, which their
// file names lack, where it is known: from a package with the same version.
func nameSources(all []Package) {
	type source struct{ name, version string }
	epochs := map[source]string{}
	for _, p := range all {
		if p.SourceVersion == "" {
			epoch, version := cutEpoch(p.Version)
			epochs[source{cmp.Or(p.Source, p.Name), version}] = cmp.Or(epoch, "0")
		}
	}
	for i, p := range all {
		if epoch := epochs[source{cmp.Or(p.Source, p.Name), p.SourceVersion}]; epoch != "" {
			all[i].SourceVersion = epoch + ":" + p.SourceVersion
		}
	}
}

// cutEpoch cuts a version as rpm writes it: 1:2.3-4.
func cutEpoch(text string) (epoch, version string) {
	if epoch, version, ok := strings.Cut(text, ":"); ok {
		return epoch, version
	}
	return "", text
}

// nameVersion cuts bash-5.1.8-6.el9 into a name and a version with a release.
func nameVersion(text string) (name, version string, ok bool) {
	rest, release, ok := cutLast(text, "-")
	name, version, ok2 := cutLast(rest, "-")
	return name, version + "-" + release, ok && ok2
}

func cutLast(text, separator string) (before, after string, ok bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// supersededRpm are the files that list packages of rpm when another of them is
// the one that counts, that of a later rpm or else of the highest layer: with
// what is to be said of it. A first manifest is no more than the second.
func (c *Collector) supersededRpm(names []string) map[string]string {
	var all []string
	for _, name := range names {
		if isRpm(name) || isRpmManifest(name) {
			all = append(all, name)
		}
	}
	rank := func(name string) int { return slices.Index(rpmFiles[:], path.Base(name)) }
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(c.files[b].layer, c.files[a].layer), cmp.Compare(a, b))
	})
	others := map[string]string{}
	for _, name := range all[min(1, len(all)):] {
		if others[name] = ""; isRpm(name) {
			others[name] = fmt.Sprintf("%q: packages of rpm are also listed there, beside %q, and were left out", name, all[0])
		}
	}
	return others
}
