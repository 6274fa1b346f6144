// Package packages finds out what is installed in an image: the packages of
// its distribution, the modules its Go executables were built from, npm and
// Python packages.
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

import (
	"fmt"
	"strings"
)

// An OS is the distribution of an image, as os-release has it.
type OS struct {
	// ID is the distribution in lower case: "debian", "alpine".
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
	Go     = "golang"
	NPM    = "npm"
	Python = "pypi"
)

// A Package is one package that is installed.
type Package struct {
	// Type says which kind of package it is: [Debian], [Go] and so on.
	Type string `yaml:"type"`
	// Ecosystem is what OSV calls the place it came from, with the release of
	// the distribution: "Debian:12", "Alpine:v3.19", "npm". It is empty for
	// the packages of a distribution that OSV has no records of.
	Ecosystem string `yaml:"ecosystem"`
	Name      string `yaml:"name"`
	// Version is empty where it is not known.
	Version string `yaml:"version,omitempty"`
	// Source and SourceVersion are of the source package that a package of a
	// distribution was built from, empty where they are its own.
	Source        string `yaml:"source,omitempty"`
	SourceVersion string `yaml:"sourceVersion,omitempty"`
	// Arch is the architecture it was built for, where it says so.
	Arch string `yaml:"arch,omitempty"`
	// Path is the file of the image that says so.
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

// ecosystem is the name of a distribution's packages at OSV, empty for one
// that OSV has no records of, and why it has none.
func (o OS) ecosystem() (name, gap string) {
	numbered := o.Version != "" && strings.Trim(o.Version, "0123456789.") == ""
	major, rest, _ := strings.Cut(o.Version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	switch o.ID {
	case "wolfi":
		return "Wolfi", ""
	case "chainguard":
		return "Chainguard", ""
	case "debian", "alpine", "ubuntu":
		if !numbered {
			return "", fmt.Sprintf("os-release names no numbered release of %s (%q): its packages cannot be held against records of flaws", o.ID, o.Version)
		}
	case "":
		return "", "no os-release: what distribution the packages belong to is not known"
	default:
		return "", fmt.Sprintf("packages of the distribution %q cannot be held against records of flaws", o.ID)
	}
	switch o.ID {
	case "debian":
		return "Debian:" + major, ""
	case "alpine":
		return "Alpine:v" + major + "." + minor, ""
	}
	name = "Ubuntu:" + major + "." + minor
	if minor == "04" && len(major) == 2 && (major[1]-'0')%2 == 0 {
		name += ":LTS"
	}
	return name, ""
}
