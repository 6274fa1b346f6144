package osv

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// A Match is a flaw that a package has.
type Match struct {
	// ID is the name of the flaw that most people know, Aliases all others.
	ID      string
	Aliases []string
	// Package is the index of the package.
	Package int
	// Fixed is the smallest version above that of the package, or of its source
	// package, without the flaw; empty where there is none yet.
	Fixed string
	// Severity is how bad it is, and Score that of CVSS, 0 where not known.
	Severity string
	Score    float64
	Modified string // the day
	Summary  string
}

// maxMatches is how many flaws are told of one image. The headers of an old
// kernel have some thousands.
const maxMatches = 50_000

// Match tells which flaws packages have, sorted by package and name, and what
// could not be checked, for people.
func (db *DB) Match(all []packages.Package) (matches []Match, unchecked []string, err error) {
	asked := map[question]answer{} // of packages of one source
	var gaps gaps
	for i, p := range all {
		if p.Distributed {
			continue // what its distribution says of its package counts
		}
		ix := db.files[base(p.Ecosystem)]
		if why := missing(ix, p); why != "" {
			gaps.add(why, p)
			continue
		}
		name, text := p.Recorded()
		q := question{keyOf(p.Ecosystem, name), strings.TrimPrefix(text, "v"), p.Arch, p.Module}
		a, known := asked[q]
		if !known {
			if a, err = ix.ask(q); err != nil {
				return nil, nil, fmt.Errorf("read the database of %s: %w", base(p.Ecosystem), err)
			}
			asked[q] = a
		}
		if a.why != "" {
			gaps.add(a.why, p)
		}
		if len(matches)+len(a.matches) > maxMatches {
			gaps.add(fmt.Sprintf("as there are %d flaws of others", len(matches)), p)
			continue
		}
		for _, m := range a.matches {
			m.Package = i
			matches = append(matches, m)
		}
	}
	return matches, gaps.texts(), nil
}

// missing says why nothing can be said of a package.
func missing(ix *index, p packages.Package) string {
	switch {
	case p.Ecosystem == "":
		return "of a distribution or maker that there are no records of"
	case ix == nil:
		return fmt.Sprintf("of %s: the database has no records of it", p.Ecosystem)
	case p.Ecosystem != ix.info.Ecosystem && ix.info.Releases[p.Ecosystem] == 0:
		return fmt.Sprintf("of %s: the database has no records of this release", p.Ecosystem)
	}
	return ""
}

// A question is about one version of a package.
type question struct {
	key
	version, arch, module string
}

// An answer is what is known of one version of a package.
type answer struct {
	matches []Match
	why     string // why it is not known for all records
}

// ask looks for the records that are about a version.
func (ix *index) ask(q question) (answer, error) {
	records, err := ix.about(q.key, q.version)
	if err != nil || len(records) == 0 {
		return answer{}, err
	}
	if q.version == "" {
		return answer{why: "of which there are records, but whose version is not known"}, nil
	}
	v, err := parseVersion(q.ecosystem, q.version)
	if errors.Is(err, errVersion) {
		return answer{why: "whose version cannot be compared"}, nil
	} else if err != nil {
		return answer{}, err
	}
	var hits []hit
	var a answer
	for _, r := range records {
		if len(r.Arches) > 0 && q.arch != "" && !slices.Contains(r.Arches, q.arch) {
			continue
		}
		ours, known := r.ofModule(q)
		if !known {
			a.why = "with a record that may be about another stream of their module"
		}
		if !ours {
			continue
		}
		in, fixed, err := r.affects(v)
		switch {
		case in:
			hits = append(hits, hit{r, fixed, r.allNames()})
		case err != nil:
			a.why = "with a record whose versions cannot be compared"
		}
	}
	hits, err = ix.withoutMended(q, v, hits)
	a.matches = merge(q.ecosystem, hits)
	return a, err
}

// about are the records that are about a package, in one version. What is found
// in a release of Ubuntu after its five years is only in the records of Ubuntu
// Pro, which go on; of a record that has both, what it says of Ubuntu Pro holds
// for the versions that come from there.
func (ix *index) about(k key, version string) ([]*record, error) {
	records, err := ix.records(k)
	release, ok := strings.CutPrefix(k.ecosystem, "Ubuntu:")
	if err != nil || !ok || !strings.HasSuffix(release, ":LTS") {
		return records, err
	}
	first, err := ix.records(key{"Ubuntu:Pro:" + release, k.name})
	if !strings.Contains(version, "esm") {
		first, records = records, first
	}
	for _, r := range records {
		if !slices.ContainsFunc(first, func(other *record) bool { return other.ID == r.ID }) {
			first = append(first, r)
		}
	}
	return first, err
}

// A hit is a record that is about the version asked for.
type hit struct {
	*record
	fixed string
	names []string // of the flaw
}

// merge makes one match of the records that are about one flaw. Advisories of
// several flaws, as distributions write them, make one of each; they count only
// where there is no record of that flaw alone.
func merge(ecosystem string, hits []hit) []Match {
	groups := map[string]*[]hit{} // by every name of a flaw
	var order []*[]hit
	join := func(h hit) {
		group := &[]hit{}
		for _, n := range h.names {
			if other := groups[n]; other != nil && other != group {
				*group = append(*group, *other...)
				for known, g := range groups {
					if g == other {
						groups[known] = group
					}
				}
				*other = nil
			}
		}
		*group = append(*group, h)
		for _, n := range h.names {
			groups[n] = group
		}
		order = append(order, group)
	}
	var single []hit
	for _, h := range hits {
		if all := cves(h.names); len(all) > 1 && packages.IsDistribution(ecosystem) {
			for _, n := range all {
				single = append(single, hit{h.record, h.fixed, []string{n}})
			}
		} else {
			join(h)
		}
	}
	single = slices.DeleteFunc(single, func(h hit) bool { return groups[h.names[0]] != nil })
	for _, h := range single {
		join(h)
	}
	var all []Match
	for _, g := range order {
		if len(*g) > 0 {
			all = append(all, match(ecosystem, *g))
		}
	}
	slices.SortFunc(all, func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// allNames are all names of a record's flaw. Those of distributions for single
// flaws ("DEBIAN-CVE-2024-1") have the flaw's name in them.
func (r *record) allNames() []string {
	all := append([]string{r.ID}, r.Names...)
	if _, cve, ok := strings.Cut(r.ID, "-CVE-"); ok && !slices.Contains(all, "CVE-"+cve) {
		all = append(all, "CVE-"+cve)
	}
	return all
}

func isCVE(name string) bool { return strings.HasPrefix(name, "CVE-") }

func cves(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !isCVE(n) })
}

// match makes a match of the records about one flaw.
func match(ecosystem string, group []hit) Match {
	m := Match{Severity: Unknown}
	var all []string
	for _, h := range group {
		all = append(append(all, h.names...), h.ID)
		m.Severity, m.Score = worse(m.Severity, h.Level), max(m.Score, h.Score)
		m.Modified = max(m.Modified, h.Modified)
		if m.Summary == "" {
			m.Summary = h.Summary
		}
		// Who heeds the largest heeds all of them.
		if fixed, err := larger(ecosystem, m.Fixed, h.fixed); err == nil {
			m.Fixed = fixed
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(fame(a), fame(b)), cmp.Compare(a, b))
	})
	all = slices.Compact(all)
	m.ID, m.Aliases = all[0], all[1:]
	return m
}

// fame sorts the names of a flaw by how many people know them.
func fame(name string) int {
	for i, prefix := range []string{"CVE-", "GHSA-", "GO-", "PYSEC-"} {
		if strings.HasPrefix(name, prefix) {
			return i
		}
	}
	return 9
}

// gaps counts the packages that could not be checked, by why.
type gaps struct {
	whys  []string
	count map[string]int
	names map[string][]string
}

// maxNamed is how many packages of a gap are named.
const maxNamed = 3

func (g *gaps) add(why string, p packages.Package) {
	if g.count == nil {
		g.count, g.names = map[string]int{}, map[string][]string{}
	}
	if g.count[why] == 0 {
		g.whys = append(g.whys, why)
	}
	g.count[why]++
	if len(g.names[why]) < maxNamed && !slices.Contains(g.names[why], p.Name) {
		g.names[why] = append(g.names[why], p.Name)
	}
}

func (g *gaps) texts() []string {
	var all []string
	for _, why := range g.whys {
		what := "packages"
		if g.count[why] == 1 {
			what = "package"
		}
		named := strings.Join(g.names[why], ", ")
		if g.count[why] > len(g.names[why]) {
			named += ", …"
		}
		all = append(all, fmt.Sprintf("%d %s not checked, %s (%s)", g.count[why], what, why, named))
	}
	slices.Sort(all)
	return all
}
