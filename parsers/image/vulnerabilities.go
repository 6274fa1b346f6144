package image

import (
	"github.com/package-url/packageurl-go"

	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
	"github.com/seaworthy-iac/seaworthy/parsers/image/vex"
)

// A Vulnerability is a flaw that a package has, by the database.
type Vulnerability struct {
	// ID is the name that most people know it by, Aliases are all others.
	ID      string   `yaml:"id"`
	Aliases []string `yaml:"aliases,omitempty"`
	// Package and Version are those of the package, Source is the source
	// package that it was built from, where it has another name.
	Package string `yaml:"package"`
	Version string `yaml:"version"`
	Source  string `yaml:"source,omitempty"`
	// Path is the file that says that the package is there.
	Path string `yaml:"path,omitempty"`
	// URL is the package URL of the package.
	URL string `yaml:"purl,omitempty"`
	// Fixed is the first version above without it, of the source package where
	// there is one; "" for none yet.
	Fixed string `yaml:"fixed,omitempty"`
	// Severity is critical, high, medium or low; negligible where the
	// distribution does not take it for a flaw of security; unknown where nobody
	// rated it. Score is the base score of CVSS, 0 where not known.
	Severity string  `yaml:"severity,omitempty"`
	Score    float64 `yaml:"score,omitempty"`
	Summary  string  `yaml:"summary,omitempty"`
	// Status is what a VEX document says of it: not_affected, fixed, affected
	// or under_investigation. Why is the reason given there.
	Status string `yaml:"status,omitempty"`
	Why    string `yaml:"why,omitempty"`
}

// Dismissed tells whether a VEX document says that there is nothing to mend.
func (v Vulnerability) Dismissed() bool { return v.Status == vex.NotAffected || v.Status == vex.Fixed }

// A Judgement says what to hold the packages of images against.
type Judgement struct {
	// DB is the database; nil is none, so that nothing is checked.
	DB *osv.DB
	// VEX is what makers of images say about flaws.
	VEX []vex.Statement
	// Today is the day that the age of the database is told for, 2026-11-28.
	Today string
}

// Judge adds to a document which flaws its packages have, what could not be
// checked, and what it was held against.
func (j Judgement) Judge(d *Document) {
	var ecosystems []string
	for _, p := range d.Packages {
		if p.Ecosystem != "" {
			ecosystems = append(ecosystems, p.Ecosystem)
		}
	}
	d.Database = Database(j.DB.State(j.Today, ecosystems...))
	if j.DB == nil {
		return
	}
	matches, unchecked, err := j.DB.Match(d.Packages)
	if err != nil {
		d.Database = Database{State: osv.None}
		d.Unchecked = append(d.Unchecked, err.Error())
		return
	}
	d.Unchecked = append(d.Unchecked, unchecked...)
	parts := d.parts()
	for _, m := range matches {
		p := d.Packages[m.Package]
		u := p.URL(d.OS)
		v := Vulnerability{
			ID: m.ID, Aliases: m.Aliases, Package: p.Name, Version: p.Version, Path: p.Path, URL: u.String(),
			Fixed: m.Fixed, Severity: m.Severity, Score: m.Score, Summary: m.Summary,
		}
		if p.Source != p.Name {
			v.Source = p.Source
		}
		part := vex.Part{URLs: []packageurl.PackageURL{u, p.OriginURL(d.OS)}, Beside: parts[p.Path]}
		if s := vex.Find(j.VEX, append([]string{m.ID}, m.Aliases...), d.product(), part); s != nil {
			v.Status, v.Why = s.Status, s.Why
		}
		d.Vulnerabilities = append(d.Vulnerabilities, v)
	}
}

// notices are what is to be said of an image that was read: what is missing.
func (d *Document) notices() []string {
	var all []string
	for _, gap := range d.Gaps {
		all = append(all, "it was read in part: "+gap)
	}
	for _, why := range d.Unchecked {
		all = append(all, "its vulnerabilities are not all known: "+why)
	}
	if s := d.Signature; s.State == string(sign.NotChecked) && s.Detail != "" {
		all = append(all, "its signatures could not be checked: "+s.Detail)
	}
	return all
}

// parts are the packages of other ecosystems than the distribution's by the
// file they are in.
func (d *Document) parts() map[string][]packageurl.PackageURL {
	all := map[string][]packageurl.PackageURL{}
	for _, p := range d.Packages {
		if p.Type == packages.Go {
			all[p.Path] = append(all[p.Path], p.URL(d.OS))
		}
	}
	return all
}

// product is the image as statements name it.
func (d *Document) product() vex.Image {
	i := vex.Image{Reference: d.Reference, Registry: d.Registry, Repository: d.Repository, Tag: d.Tag}
	for _, digest := range []string{d.Digest, d.Index} {
		if digest != "" {
			i.Digests = append(i.Digests, digest)
		}
	}
	return i
}
