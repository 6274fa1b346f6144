// Package packages finds out what is installed in an image: the packages of
// its distribution (of dpkg, apk and rpm), the modules its Go executables were
// built from, and the packages of npm, Python, Java, Ruby, PHP and .NET.
//
// The layers of an image pass by once, as streams, from the lowest to the
// highest, and nothing of them is kept on disk. So a [Collector] is asked of
// each file whether it wants it, reads what it wants as it passes, and keeps
// what it read there by path and layer. What a later layer takes away is only
// noted, and judged at the end: the order of the entries of a layer then does
// not matter, and a layer of nothing but whiteouts costs no more than its size.
//
// All input is a stranger's. What is read of a file and how much is kept in
// all is bounded, and what was left out is named in [Result.Gaps].
package packages

// An OS is the distribution of an image, as os-release has it.
type OS struct {
	// ID is the distribution: "debian", "alpine", "rhel".
	ID string `yaml:"id"`
	// Version is its release: "12", "3.19.1", "22.04". Rolling ones have none.
	Version string `yaml:"version,omitempty"`
	// Name is for people: "Debian GNU/Linux 12 (bookworm)".
	Name string `yaml:"name,omitempty"`
}

// The types of packages, as package URLs have them.
const (
	Debian = "deb"
	Alpine = "apk"
	RPM    = "rpm"
	Go     = "golang"
	NPM    = "npm"
	Python = "pypi"
	Maven  = "maven"
	Gem    = "gem"
	NuGet  = "nuget"
	// Composer is of PHP.
	Composer = "composer"
)

// A Package is one package that is installed.
type Package struct {
	// Type says which kind of package it is: [Debian], [Go] and so on.
	Type string `yaml:"type"`
	// Ecosystem is what OSV calls the place it came from, with the release of
	// the distribution: "Debian:12", "Alpine:v3.19", "npm"; see [Fold]. It is
	// empty for the packages of a distribution that OSV has no records of, and
	// for those that somebody else made for a distribution.
	Ecosystem string `yaml:"ecosystem"`
	Name      string `yaml:"name"`
	// Version is empty where it is not known. That of rpm has the release, and
	// the epoch where there is one: 1:18.14.2-2.el9.
	Version string `yaml:"version,omitempty"`
	// Source and SourceVersion are of the source package that a package of a
	// distribution was built from, empty where they are its own. A version of a
	// source of rpm has an epoch, if only 0, where that is known.
	Source        string `yaml:"source,omitempty"`
	SourceVersion string `yaml:"sourceVersion,omitempty"`
	// Arch is the architecture it was built for, where it says so.
	Arch string `yaml:"arch,omitempty"`
	// Vendor is who made it, where a package of rpm says so.
	Vendor string `yaml:"vendor,omitempty"`
	// Module is the stream of a module of rpm that it belongs to: "nodejs:18".
	Module string `yaml:"module,omitempty"`
	// Path is the file of the image that says so; of an archive in an archive
	// both, one behind the other.
	Path string `yaml:"path"`
	// Layer is the index of the layer that the file is in.
	Layer int `yaml:"layer"`
	// Main says that it is the main module of a Go executable, which the others
	// of the same file are there for.
	Main bool `yaml:"main,omitempty"`
	// Distributed says that the file came with a package of the distribution,
	// which mends flaws without changing the version of what it packages.
	Distributed bool `yaml:"distributed,omitempty"`
}

// Origin is the source package and its version.
func (p Package) Origin() (name, version string) {
	name, version = p.Name, p.Version
	if p.Source != "" {
		name = p.Source
	}
	if p.SourceVersion != "" {
		version = p.SourceVersion
	}
	return name, version
}

// A Result is what a collector found.
type Result struct {
	OS OS
	// Packages are sorted by type, name, version and path.
	Packages []Package
	// Gaps say what was not looked into, and why.
	Gaps []string
}
