package printer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/package-url/packageurl-go"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
	"github.com/seaworthy-iac/seaworthy/parsers/image/vex"
)

// CycloneDX writes what the images that were read are made of, and the
// vulnerabilities that are known of that, as a bill of materials in CycloneDX
// 1.6 (https://cyclonedx.org). Findings are no part of it.
//
// The same images have the same bill: its serial number is made of what it
// says, and it has a time only where [Options.Time] does.
func CycloneDX(w io.Writer, r *analyzers.Report, opt Options) error {
	docs, err := documents(r)
	if err != nil {
		return err
	}
	b := bill{names: map[string]int{}}
	for _, d := range docs {
		b.image(d)
	}
	bom := cdx.NewBOM()
	tool := cdx.Component{Type: cdx.ComponentTypeApplication, Name: "seaworthy", Version: opt.Version}
	bom.Metadata = &cdx.Metadata{Timestamp: opt.Time, Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{tool}}}
	if len(docs) == 1 {
		bom.Metadata.Component, b.components = &b.components[0], b.components[1:]
	}
	bom.Components, bom.Dependencies, bom.Compositions = list(b.components), list(b.dependencies), list(b.compositions)
	bom.Vulnerabilities = list(b.vulnerabilities)
	var text bytes.Buffer
	if err := encodeBOM(&text, bom); err != nil {
		return err
	}
	bom.SerialNumber = serial(text.Bytes())
	return encodeBOM(w, bom)
}

func encodeBOM(w io.Writer, bom *cdx.BOM) error {
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
}

// list is a list of the library, which has no empty ones.
func list[T any](all []T) *[]T {
	if len(all) == 0 {
		return nil
	}
	return &all
}

// serial is a UUID (RFC 9562, version 8) that stands for a text.
func serial(text []byte) string {
	h := sha256.Sum256(text)
	h[6] = h[6]&0x0f | 0x80
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// A bill is the contents of a bill of materials.
type bill struct {
	components      []cdx.Component
	dependencies    []cdx.Dependency
	compositions    []cdx.Composition
	vulnerabilities []cdx.Vulnerability

	names map[string]int // references that were given, and how often
}

// unique makes a reference of a name that may come twice.
func (b *bill) unique(name string) string {
	b.names[name]++
	if n := b.names[name]; n > 1 {
		return fmt.Sprintf("%s#%d", name, n)
	}
	return name
}

// image adds an image, the packages in it and their vulnerabilities.
func (b *bill) image(d *image.Document) {
	ref := b.unique("image:" + d.Reference)
	container := cdx.Component{
		BOMRef: ref, Type: cdx.ComponentTypeContainer, Name: cmp.Or(d.Repository, d.Reference), Version: cmp.Or(d.Tag, d.Digest),
		PackageURL: imageURL(d), Properties: list(properties(d)),
	}
	b.components = append(b.components, container)
	aggregate := cdx.CompositionAggregateUnknown
	if len(d.Gaps)+len(d.Unchecked) > 0 {
		aggregate = cdx.CompositionAggregateIncomplete
	}
	b.compositions = append(b.compositions, cdx.Composition{Aggregate: aggregate, Assemblies: &[]cdx.BOMReference{cdx.BOMReference(ref)}})

	var direct []string
	if d.OS.ID != "" {
		os := cdx.Component{BOMRef: ref + "/os", Type: cdx.ComponentTypeOS, Name: d.OS.ID, Version: d.OS.Version, Description: d.OS.Name}
		b.components = append(b.components, os)
		direct = append(direct, os.BOMRef)
	}
	refs, all := b.packages(d, ref)
	mains := map[string]string{} // the main module, by the executable
	for _, p := range d.Packages {
		if p.Main {
			mains[p.Path] = refs[p.URL(d.OS).String()]
		}
	}
	needs := map[string][]string{}
	for _, p := range d.Packages {
		this := refs[p.URL(d.OS).String()]
		if main := mains[p.Path]; p.Type == packages.Go && main != "" && main != this {
			needs[main] = append(needs[main], this)
		} else {
			direct = append(direct, this)
		}
	}
	needs[ref] = direct
	for _, of := range append([]string{ref}, all...) {
		on := needs[of]
		slices.Sort(on)
		b.dependencies = append(b.dependencies, cdx.Dependency{Ref: of, Dependencies: list(slices.Compact(on))})
	}
	b.flaws(d, refs)
}

// packages adds the packages of an image, each once with all files that say
// that it is there, and tells the references by package URL.
func (b *bill) packages(d *image.Document, ref string) (refs map[string]string, all []string) {
	refs = map[string]string{}
	where := map[string][]cdx.EvidenceOccurrence{}
	for _, p := range d.Packages {
		u := p.URL(d.OS).String()
		where[u] = append(where[u], cdx.EvidenceOccurrence{Location: p.Path})
	}
	for _, p := range d.Packages {
		url := p.URL(d.OS)
		u := url.String()
		if refs[u] != "" {
			continue
		}
		refs[u] = ref + "/" + u
		all = append(all, refs[u])
		c := cdx.Component{
			BOMRef: refs[u], Type: cdx.ComponentTypeLibrary, Group: url.Namespace, Name: url.Name, Version: p.Version, PackageURL: u,
			Publisher: p.Vendor, Evidence: &cdx.Evidence{Occurrences: list(where[u])},
		}
		if p.Main {
			c.Type = cdx.ComponentTypeApplication
		}
		if name, version := p.Origin(); p.Source != "" || p.SourceVersion != "" {
			c.Properties = &[]cdx.Property{{Name: "seaworthy:source", Value: name + " " + version}}
		}
		b.components = append(b.components, c)
	}
	return refs, all
}

// imageURL is the package URL of an image, "" for one that has no digest.
func imageURL(d *image.Document) string {
	digest := cmp.Or(d.Index, d.Digest)
	if digest == "" || d.Repository == "" {
		return ""
	}
	qualifiers := map[string]string{"repository_url": d.Registry + "/" + d.Repository}
	if d.Tag != "" {
		qualifiers["tag"] = d.Tag
	}
	_, arch, _ := strings.Cut(d.Platform, "/")
	if arch != "" {
		qualifiers["arch"] = arch
	}
	name := d.Repository[strings.LastIndexByte(d.Repository, '/')+1:]
	return packageurl.NewPackageURL("oci", "", name, digest, packageurl.QualifiersFromMap(qualifiers), "").String()
}

// properties are what there is no place for in CycloneDX.
func properties(d *image.Document) []cdx.Property {
	all := []cdx.Property{
		{Name: "seaworthy:vulnerabilities", Value: osv.State(d.Database).String()},
		{Name: "seaworthy:signature", Value: d.Signature.State},
	}
	for _, more := range []struct{ name, value string }{{"digest", d.Digest}, {"index", d.Index}, {"platform", d.Platform}} {
		if more.value != "" {
			all = append(all, cdx.Property{Name: "seaworthy:" + more.name, Value: more.value})
		}
	}
	for _, gap := range slices.Concat(d.Gaps, d.Unchecked) {
		all = append(all, cdx.Property{Name: "seaworthy:gap", Value: gap})
	}
	return all
}

// flaws adds the vulnerabilities of an image: each once for all packages that
// have it and of which the same is said.
func (b *bill) flaws(d *image.Document, refs map[string]string) {
	type said struct{ id, fixed, severity, status, why string }
	index := map[said]int{}
	for _, v := range d.Vulnerabilities {
		status := cdx.VulnerabilityStatusAffected
		if v.Dismissed() {
			status = cdx.VulnerabilityStatusNotAffected
		}
		affected := cdx.Affects{Ref: refs[v.URL], Range: &[]cdx.AffectedVersions{{Version: v.Version, Status: status}}}
		key := said{v.ID, v.Fixed, v.Severity, v.Status, v.Why}
		if i, ok := index[key]; ok {
			affects := b.vulnerabilities[i].Affects
			if !slices.ContainsFunc(*affects, func(a cdx.Affects) bool { return a.Ref == affected.Ref }) {
				*affects = append(*affects, affected)
			}
			continue
		}
		index[key] = len(b.vulnerabilities)
		b.vulnerabilities = append(b.vulnerabilities, cdx.Vulnerability{
			BOMRef: b.unique("image:" + d.Reference + "/" + v.ID), ID: v.ID, Source: record(v.ID), References: list(references(v)),
			Ratings: &[]cdx.VulnerabilityRating{rate(v)}, Description: v.Summary, Recommendation: recommend(v),
			Affects: &[]cdx.Affects{affected}, Analysis: analysis(v),
		})
	}
}

// record is where a record is found.
func record(id string) *cdx.Source {
	return &cdx.Source{Name: "OSV", URL: "https://osv.dev/vulnerability/" + id}
}

func references(v image.Vulnerability) []cdx.VulnerabilityReference {
	var all []cdx.VulnerabilityReference
	for _, id := range v.Aliases {
		all = append(all, cdx.VulnerabilityReference{ID: id, Source: record(id)})
	}
	return all
}

func rate(v image.Vulnerability) cdx.VulnerabilityRating {
	rating := cdx.VulnerabilityRating{Severity: cdx.Severity(v.Severity), Method: cdx.ScoringMethodOther}
	if v.Severity == osv.Negligible {
		rating.Severity = cdx.SeverityInfo
	}
	if v.Score > 0 {
		rating.Score = &v.Score
	}
	return rating
}

func recommend(v image.Vulnerability) string {
	if v.Fixed == "" {
		return ""
	}
	return fmt.Sprintf("Use %s %s or later.", cmp.Or(v.Source, v.Package), v.Fixed)
}

// analysis is what a VEX document says of a vulnerability, in the words of
// CycloneDX; nil where none does.
func analysis(v image.Vulnerability) *cdx.VulnerabilityAnalysis {
	state, ok := map[string]cdx.ImpactAnalysisState{
		vex.NotAffected: cdx.IASNotAffected, vex.Fixed: cdx.IASResolved, vex.Affected: cdx.IASExploitable, vex.Waiting: cdx.IASInTriage,
	}[v.Status]
	if !ok {
		return nil
	}
	why := map[string]cdx.ImpactAnalysisJustification{
		"component_not_present":               cdx.IAJCodeNotPresent,
		"vulnerable_code_not_present":         cdx.IAJCodeNotPresent,
		"vulnerable_code_not_in_execute_path": cdx.IAJCodeNotReachable,
		"inline_mitigations_already_exist":    cdx.IAJProtectedByMitigatingControl,
	}[v.Why]
	return &cdx.VulnerabilityAnalysis{State: state, Justification: why, Detail: v.Why}
}
