package printer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
)

// documents are what is known of the images that were read, by reference.
func documents(r *analyzers.Report) ([]*image.Document, error) {
	var all []*image.Document
	for _, i := range r.Images {
		if i.Place == nil || i.Place.Span.File == nil {
			continue
		}
		d, err := image.ReadDocument(i.Place.Span.File.Data)
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", i.Name, err)
		}
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b *image.Document) int { return cmp.Compare(a.Reference, b.Reference) })
	return all, nil
}

// imageJSON is what the JSON output says of an image.
type imageJSON struct {
	Reference string `json:"reference"`
	Digest    string `json:"digest"` // of the manifest, "" where it has none
	Index     string `json:"index"`  // digest of the index it was chosen from, "" for none
	Platform  string `json:"platform"`
	OS        string `json:"os"`
	Packages  int    `json:"packages"` // how many there are
	// Vulnerabilities are those that the database knows; they say nothing where
	// its state is none.
	Database        databaseJSON        `json:"database"`
	Vulnerabilities []vulnerabilityJSON `json:"vulnerabilities"`
	Signature       string              `json:"signature"` // verified, invalid, none, not checked
	Gaps            []string            `json:"gaps"`      // what could not be read
	Unchecked       []string            `json:"unchecked"` // of what vulnerabilities are not known
}

// databaseJSON is what vulnerabilities were looked for in.
type databaseJSON struct {
	State   string `json:"state"` // none, ok, old
	Source  string `json:"source"`
	Day     string `json:"day"`
	AgeDays int    `json:"age_days"`
	Records int    `json:"records"`
}

// vulnerabilityJSON is a flaw of a package.
type vulnerabilityJSON struct {
	ID       string   `json:"id"`
	Aliases  []string `json:"aliases"`
	Package  string   `json:"package"`
	Version  string   `json:"version"`
	PURL     string   `json:"purl"`
	Path     string   `json:"path"`
	Fixed    string   `json:"fixed"` // "" for not yet
	Severity string   `json:"severity"`
	Score    float64  `json:"score"` // of CVSS, 0 where not known
	Summary  string   `json:"summary"`
	Status   string   `json:"status"` // of VEX, "" for none
	Why      string   `json:"why"`
}

func imagesJSON(r *analyzers.Report) ([]imageJSON, error) {
	all := []imageJSON{}
	docs, err := documents(r)
	for _, d := range docs {
		i := imageJSON{
			Reference: d.Reference, Digest: d.Digest, Index: d.Index, Platform: d.Platform, OS: d.OS.Name, Packages: len(d.Packages),
			Database: databaseJSON(d.Database), Vulnerabilities: []vulnerabilityJSON{}, Signature: d.Signature.State, Gaps: []string{}, Unchecked: []string{},
		}
		for _, v := range d.Vulnerabilities {
			i.Vulnerabilities = append(i.Vulnerabilities, vulnerabilityJSON{
				ID: v.ID, Aliases: append([]string{}, v.Aliases...), Package: v.Package, Version: v.Version, PURL: v.URL, Path: v.Path,
				Fixed: v.Fixed, Severity: v.Severity, Score: v.Score, Summary: v.Summary, Status: v.Status, Why: v.Why,
			})
		}
		i.Gaps, i.Unchecked = append(i.Gaps, d.Gaps...), append(i.Unchecked, d.Unchecked...)
		all = append(all, i)
	}
	return all, err
}

// images is a line for each image that was read: what it is made of, and the
// vulnerabilities that are known of it, with what they are known by.
func (o Options) images(b *strings.Builder, r *analyzers.Report) error {
	docs, err := documents(r)
	for _, d := range docs {
		fmt.Fprintf(b, "image %s: %s\n", clean(d.Reference), clean(made(d)))
		if o.Verbose || len(r.Images) == r.Resources {
			fmt.Fprintf(b, "  %s\n", clean(built(d)))
		}
	}
	return err
}

// made is what an image is made of, and what is known of its vulnerabilities.
func made(d *image.Document) string {
	return fmt.Sprintf("%s, %s, %s", cmp.Or(d.OS.Name, d.OS.ID, "no distribution"), count(len(d.Packages), "package"), judged(d))
}

// built is how an image is stored, and since when.
func built(d *image.Document) string {
	parts := []string{d.Platform, fmt.Sprintf("%s of %s", count(len(d.Layers), "layer"), bytesOf(d.Size))}
	if day, _, dated := strings.Cut(d.Created, "T"); dated && d.AgeDays != nil {
		parts = append(parts, fmt.Sprintf("built %s, %s ago", day, count(*d.AgeDays, "day")))
	}
	if d.Index != "" {
		parts = append(parts, "index "+d.Index)
	}
	if d.Digest != "" {
		parts = append(parts, "digest "+d.Digest)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// bytesOf is a number of bytes for people.
func bytesOf(n int64) string {
	unit, of := "bytes", float64(n)
	for _, larger := range []string{"KiB", "MiB", "GiB"} {
		if of < 1024 {
			break
		}
		unit, of = larger, of/1024
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", of, unit)
}

// judged says what is known of the vulnerabilities of an image.
func judged(d *image.Document) string {
	by := osv.State(d.Database)
	if by.State == osv.None {
		return "vulnerabilities " + by.String()
	}
	counts, dismissed, seen := map[string]int{}, 0, map[string]bool{}
	for _, v := range d.Vulnerabilities {
		switch {
		case seen[v.ID]:
		case v.Dismissed():
			dismissed++
		default:
			counts[v.Severity]++
		}
		seen[v.ID] = true
	}
	var parts []string
	total := 0
	for _, s := range osv.Severities() {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
			total += n
		}
	}
	if dismissed > 0 {
		parts = append(parts, fmt.Sprintf("%d dismissed by VEX", dismissed))
	}
	text := fmt.Sprintf("%s known by %s", count(total, "vulnerability"), by)
	if total == 0 {
		text = "no vulnerabilities known by " + by.String()
	}
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}
