// Package vex reads what the makers of a product say about flaws of its parts,
// as OpenVEX documents (https://github.com/openvex/spec).
//
// A statement is about one flaw, some products, and parts of these. A product
// is an image, or a package in one. Where several statements are about the same
// thing the latest one counts, whatever document it is in: that is how people
// change their mind in documents that others have copies of.
package vex

import (
	"slices"
	"strings"
	"time"

	"github.com/package-url/packageurl-go"
)

// The statuses.
const (
	NotAffected = "not_affected"
	Affected    = "affected"
	Fixed       = "fixed"
	Waiting     = "under_investigation"
)

// A Statement says how a flaw is about some products.
type Statement struct {
	Names    []string // of the flaw
	Products []Product
	Status   string
	// Why is the justification of not_affected, such as
	// "vulnerable_code_not_in_execute_path", else what the author wrote.
	Why  string
	Time time.Time
}

// A Product is what a statement is about: a whole product or parts of it.
type Product struct {
	IDs   []ID
	Parts []ID // none is all of it
}

// An ID names a product or a part: a package URL or any other text, a digest.
type ID struct {
	Text string
	URL  *packageurl.PackageURL // nil where the text is none
}

// An Image is one that statements may be about.
type Image struct {
	Reference  string // as it was asked for
	Registry   string // "index.docker.io"
	Repository string // "library/nginx"
	Tag        string
	Digests    []string // of its manifest, of its index: "sha256:…"
}

// A Part is a package of an image that has a flaw.
type Part struct {
	// URLs are those of the package and of its source package.
	URLs []packageurl.PackageURL
	// Beside are those of the packages in the same file: of an executable, the
	// main module among them.
	Beside []packageurl.PackageURL
}

// Find is the statement that counts about a flaw, known by several names, of a
// part of an image; nil where there is none.
func Find(statements []Statement, names []string, i Image, part Part) *Statement {
	var last *Statement
	for n := range statements {
		s := &statements[n]
		if last != nil && s.Time.Before(last.Time) {
			continue
		}
		if slices.ContainsFunc(s.Names, func(n string) bool { return slices.Contains(names, n) }) && s.about(i, part) {
			last = s
		}
	}
	return last
}

func (s *Statement) about(i Image, part Part) bool {
	return slices.ContainsFunc(s.Products, func(p Product) bool {
		switch {
		case slices.ContainsFunc(p.IDs, i.is):
		case slices.ContainsFunc(p.IDs, part.is):
			return len(p.Parts) == 0 || slices.ContainsFunc(p.Parts, part.is)
		case slices.ContainsFunc(p.IDs, Part{URLs: part.Beside}.is):
			return slices.ContainsFunc(p.Parts, part.is)
		default:
			return false
		}
		return len(p.Parts) == 0 || slices.ContainsFunc(p.Parts, part.is)
	})
}

// is tells whether an image has a name.
func (i Image) is(id ID) bool {
	if id.URL == nil {
		digest := strings.Replace(id.Text[strings.LastIndexByte(id.Text, '@')+1:], "sha-256:", "sha256:", 1)
		return id.Text == i.Reference || strings.HasPrefix(digest, "sha256:") && slices.Contains(i.Digests, digest)
	}
	u := id.URL
	if u.Type != "oci" && u.Type != "docker" {
		return false
	}
	repository := "/" + i.Repository
	name := strings.Trim(u.Namespace+"/"+u.Name, "/")
	if !strings.HasSuffix(repository, "/"+name) || u.Version != "" && !slices.Contains(i.Digests, u.Version) && (u.Type == "oci" || u.Version != i.Tag) {
		return false
	}
	qualifiers := u.Qualifiers.Map()
	if where := qualifiers["repository_url"]; where != "" && !i.at(where) {
		return false
	}
	return qualifiers["tag"] == "" || qualifiers["tag"] == i.Tag
}

// at tells whether an image is of a repository, as purl-spec has it for oci.
func (i Image) at(repository string) bool {
	_, after, schemed := strings.Cut(repository, "://")
	if schemed {
		repository = after
	}
	repository = strings.TrimSuffix(repository, "/")
	registries := []string{i.Registry}
	if i.Registry == "index.docker.io" {
		registries = append(registries, "docker.io", "registry-1.docker.io", "hub.docker.com")
	}
	return slices.ContainsFunc(registries, func(r string) bool {
		return repository == r || repository == r+"/"+i.Repository || strings.HasPrefix(r+"/"+i.Repository, repository+"/")
	})
}

// is tells whether a package has a name.
func (p Part) is(id ID) bool {
	return id.URL != nil && slices.ContainsFunc(p.URLs, func(u packageurl.PackageURL) bool { return covers(*id.URL, u) })
}

// covers tells whether one package URL is about all that another is about: it
// leaves out the version, or qualifiers, or has the same.
func covers(general, u packageurl.PackageURL) bool {
	if general.Type != u.Type || !strings.EqualFold(general.Namespace, u.Namespace) || !strings.EqualFold(general.Name, u.Name) {
		return false
	}
	if general.Version != "" && strings.TrimPrefix(general.Version, "v") != strings.TrimPrefix(u.Version, "v") {
		return false
	}
	has := u.Qualifiers.Map()
	for _, q := range general.Qualifiers {
		if value, said := has[q.Key]; said && value != q.Value && !(q.Key == "arch" && q.Value == "source") {
			return false
		}
	}
	return true
}
