package packages

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages/blocks"
)

// What is read of one Java archive, with those in it. The largest of real
// applications have some hundred MiB and some hundred libraries.
const (
	maxArchive  = 256 << 20
	maxEntries  = 200_000
	maxLibrary  = 64 << 20  // an archive in an archive, unpacked
	maxUnpacked = 512 << 20 // all of them
	maxNesting  = 3
)

// isJava finds Java archives, and what Maven leaves of a package where one was
// unpacked.
func isJava(name string) bool { return isArchive(name) || isPom(name) }

func isArchive(name string) bool {
	return slices.Contains([]string{".jar", ".war", ".ear", ".par", ".hpi", ".jpi"}, strings.ToLower(path.Ext(name)))
}

// isPom finds META-INF/maven/GROUP/ARTIFACT/pom.properties.
func isPom(name string) bool {
	rest, ok := strings.CutSuffix("/"+name, "/pom.properties")
	if !ok {
		return false
	}
	_, below, ok := strings.Cut(rest, "/META-INF/maven/")
	return ok && strings.Count(below, "/") == 1
}

// readJava reads which packages of Maven a file has.
func readJava(c *Collector, name string, r io.Reader, f *found) error {
	a := archives{c: c, f: f, left: maxUnpacked, seen: map[Package]bool{}}
	if isPom(name) {
		a.pom(name, r)
		return a.failed
	}
	data, err := load(name, r, maxArchive)
	if err != nil {
		return err
	}
	a.archive(name, data, 0)
	return nil
}

// archives reads a Java archive and those in it.
type archives struct {
	c      *Collector
	f      *found
	seen   map[Package]bool
	left   int64 // how much may be unpacked yet
	failed error // of reading a file that is not in an archive
}

// said says what of an archive is not known.
func (a *archives) said(name, why string) {
	if a.f.gap == "" {
		a.f.gap = fmt.Sprintf("%q: its Java packages are not all known: %s", name, why)
	}
}

// archive reads an archive at a path in the image, or in another archive.
func (a *archives) archive(name string, data *blocks.File, depth int) {
	if entries(data) > maxEntries {
		a.said(name, fmt.Sprintf("it has more than %d files", maxEntries))
		return
	}
	z, err := zip.NewReader(data, data.Len())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are names here
		a.said(name, err.Error())
		return
	}
	before := len(a.f.packages)
	var inside []*zip.File
	var manifest jarManifest
	for _, entry := range z.File {
		switch {
		case entry.Name == "META-INF/MANIFEST.MF":
			manifest = a.manifest(name, entry)
		case isPom(entry.Name):
			a.open(name, entry, maxMetadata, func(r io.Reader) { a.pom(name, r) })
		case isArchive(entry.Name) && entry.UncompressedSize64 > 0:
			inside = append(inside, entry)
		}
	}
	if len(a.f.packages) == before {
		a.byManifest(name, manifest, len(inside) > 0)
	}
	for _, entry := range inside {
		a.library(name+"/"+entry.Name, entry, depth+1)
	}
}

// entries is how many files an archive may have, before they are looked at:
// each has a head that begins like this.
func entries(data *blocks.File) int {
	count := 0
	for at := int64(0); at < data.Len(); at += blocks.Size {
		if part, err := data.Part(at, min(blocks.Size, data.Len()-at)); err == nil {
			count += bytes.Count(part, []byte("PK\x01\x02"))
		}
	}
	return count
}

// library reads an archive in another.
func (a *archives) library(name string, entry *zip.File, depth int) {
	if depth > maxNesting {
		a.said(name, fmt.Sprintf("archives are in one another more than %d deep", maxNesting))
		return
	}
	a.open(name, entry, min(maxLibrary, a.left), func(r io.Reader) {
		data, err := blocks.Load(r, min(maxLibrary, a.left))
		if err != nil {
			a.said(name, err.Error())
			return
		}
		a.left -= data.Len()
		a.archive(name, data, depth)
	})
}

// open reads a file of an archive that has at most so many bytes.
func (a *archives) open(name string, entry *zip.File, most int64, do func(io.Reader)) {
	if entry.UncompressedSize64 > uint64(most) { //nolint:gosec // most is not negative
		a.said(name, fmt.Sprintf("%q in it is too large", entry.Name))
		return
	}
	r, err := entry.Open()
	if err != nil {
		a.said(name, err.Error())
		return
	}
	defer r.Close() //nolint:errcheck // it was only read
	do(r)
}

// pom reads what Maven says of a package: groupId, artifactId and version.
func (a *archives) pom(name string, r io.Reader) {
	fields := map[string]string{}
	err := eachLine(name, r, maxMetadata, func(line string) bool {
		if key, value, ok := strings.Cut(line, "="); ok {
			fields[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
		return true
	})
	if large, ok := errors.AsType[tooLarge](err); ok {
		a.said(name, large.Error())
	} else if err != nil {
		a.failed = err
		a.said(name, err.Error())
	}
	a.take(name, fields["groupId"], fields["artifactId"], fields["version"])
}

// take adds a package, once for each archive.
func (a *archives) take(name, group, artifact, version string) {
	if group == "" || artifact == "" || version == "" || strings.Contains(group+artifact+version, "${") {
		return
	}
	p := Package{Type: Maven, Ecosystem: "Maven", Name: group + ":" + artifact, Version: version, Path: name}
	if !a.seen[p] {
		a.seen[p] = true
		a.c.take(a.f, p)
	}
}
