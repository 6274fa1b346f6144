// Package baseline remembers what a project had wrong when it began, so that
// a scan speaks about what is new.
//
// A finding is known again by its rule, the address of its resource, the path
// of its value with list items by their names, and a hash of the value's text.
// Lines and files are no part of that, so a finding stays the same when files
// are renamed, reordered or reformatted. Each instance is remembered by
// itself: a third overlay with a fault that two had is a new finding. Where a
// key is there several times the root it was found in tells which is which as
// long as roots keep their names, and the number of them when they do not.
//
// A finding that collects several things, such as the vulnerabilities of an
// image, is known as long as no further one joins them; else it is new, and says
// which are.
package baseline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Name is the name of the file, at the top of the tree.
const Name = ".seaworthy-baseline.json"

// format is the format of the file; see [Read].
const format = 1

// A Key is what a finding is known again by.
type Key struct {
	Rule     string `json:"rule"`
	Resource string `json:"resource,omitempty"`
	Path     string `json:"path,omitempty"`
	// Context is a hash of what stands at Path, "" when nothing does.
	Context string `json:"context,omitempty"`
}

// An entry is a key, the roots that it was found in, one for each time, and
// what the findings collect, where they do.
type entry struct {
	Key
	Roots []string `json:"roots"`
	Parts []string `json:"parts,omitempty"`
}

// file is what is written.
type file struct {
	Format   int     `json:"format"`
	Findings []entry `json:"findings"`
}

// KeyOf is the key of a finding.
func KeyOf(f *analyzers.Finding) Key {
	k := Key{Rule: f.Rule.ID}
	if f.Resource == nil { // about a comment in a file
		k.Path = f.Message
		return k
	}
	k.Resource, k.Path = f.Resource.ID, f.Value.NamedPath()
	if f.Value.Resource() == nil {
		k.Path = f.Path
	}
	if text, known := f.Value.Text(""); known && f.Value.Present() == graph.True {
		sum := sha256.Sum256([]byte(text))
		k.Context = hex.EncodeToString(sum[:6])
	}
	return k
}

func rootOf(f *analyzers.Finding) string {
	switch {
	case f.Resource != nil:
		return f.Resource.Root
	case f.At != nil && f.At.Span.File != nil:
		return f.At.Span.File.Path
	}
	return ""
}

// A Set is a baseline in use: what it has, and what of it was found.
type Set struct {
	known map[Key][]string // the roots that are left
	all   map[Key][]string
	found map[Key][]string
	parts map[Key][]string // what findings collect, as the baseline has it
	seen  map[Key][]string // and as findings do
	order []Key
}

// New is an empty baseline.
func New() *Set {
	return &Set{known: map[Key][]string{}, all: map[Key][]string{}, found: map[Key][]string{}, parts: map[Key][]string{}, seen: map[Key][]string{}}
}

// Read reads a baseline. The error tells what is wrong with the file.
func Read(r io.Reader) (*Set, error) {
	var f file
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if f.Format != format {
		return nil, fmt.Errorf("its format is %d, this version reads format %d", f.Format, format)
	}
	s := New()
	for _, e := range f.Findings {
		if s.all[e.Key] == nil {
			s.order = append(s.order, e.Key)
		}
		s.all[e.Key] = append(s.all[e.Key], e.Roots...)
		s.known[e.Key] = append(s.known[e.Key], e.Roots...)
		s.parts[e.Key] = append(s.parts[e.Key], e.Parts...)
	}
	return s, nil
}

// Filter takes out what the baseline has. Findings of the root that it names
// are taken first, so that of several the new one is told.
func (s *Set) Filter(findings []*analyzers.Finding) []*analyzers.Finding {
	var taken, grown = make([]bool, len(findings)), make([]bool, len(findings))
	keys := make([]Key, len(findings))
	for _, anyRoot := range []bool{false, true} {
		for i, f := range findings {
			if taken[i] || grown[i] {
				continue
			}
			if keys[i] == (Key{}) {
				keys[i] = KeyOf(f)
			}
			left := s.known[keys[i]]
			at := slices.Index(left, rootOf(f))
			if anyRoot && len(left) > 0 {
				at = 0
			}
			if at < 0 {
				continue
			}
			s.known[keys[i]] = slices.Delete(slices.Clone(left), at, at+1)
			s.seen[keys[i]] = append(s.seen[keys[i]], f.Parts...)
			if joined := without(f.Parts, s.parts[keys[i]]); len(joined) > 0 {
				grown[i] = true
				f.Message += "; new: " + listed(joined)
			} else {
				taken[i] = true
				s.found[keys[i]] = append(s.found[keys[i]], rootOf(f))
			}
		}
	}
	var rest []*analyzers.Finding
	for i, f := range findings {
		if !taken[i] {
			rest = append(rest, f)
		}
	}
	return rest
}

// maxListed is how many names a message has of what is new.
const maxListed = 5

func listed(names []string) string {
	text := strings.Join(names[:min(len(names), maxListed)], ", ")
	if n := len(names) - maxListed; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// without are the names of a list that another one does not have.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(other, name) })
}

// Found is how many findings the baseline took out.
func (s *Set) Found() int { return count(s.found) }

// Fixed are the findings that are in the baseline and no longer there, of the
// rules and roots that were looked at; sorted. A key stands there once for
// each time.
func (s *Set) Fixed(looked func(rule, root string) bool) []Key {
	var fixed []Key
	for _, k := range s.order {
		for _, root := range s.known[k] {
			if looked(k.Rule, root) {
				fixed = append(fixed, k)
			}
		}
	}
	slices.SortFunc(fixed, compare)
	return fixed
}

// Add adds findings to what is in the baseline.
func (s *Set) Add(findings []*analyzers.Finding) {
	for _, f := range findings {
		k := KeyOf(f)
		if s.all[k] == nil {
			s.order = append(s.order, k)
		}
		s.all[k] = append(s.all[k], rootOf(f))
		s.parts[k] = append(s.parts[k], f.Parts...)
	}
}

// Again makes what was added count as known.
func (s *Set) Again() {
	s.known = map[Key][]string{}
	for k, roots := range s.all {
		s.known[k] = slices.Clone(roots)
	}
}

// Prune takes out what is fixed, also of what findings collect.
func (s *Set) Prune(looked func(rule, root string) bool) {
	for k, seen := range s.seen {
		s.parts[k] = without(s.parts[k], without(s.parts[k], seen))
	}
	for k, left := range s.known {
		gone := slices.DeleteFunc(slices.Clone(left), func(root string) bool { return !looked(k.Rule, root) })
		for _, root := range gone {
			if i := slices.Index(s.all[k], root); i >= 0 {
				s.all[k] = slices.Delete(slices.Clone(s.all[k]), i, i+1)
			}
		}
	}
}

// Write writes the baseline; the same findings give the same bytes.
func (s *Set) Write(w io.Writer) error {
	f := file{Format: format, Findings: []entry{}}
	for _, k := range s.order {
		if roots := s.all[k]; len(roots) > 0 {
			parts := slices.Sorted(slices.Values(s.parts[k]))
			f.Findings = append(f.Findings, entry{k, slices.Sorted(slices.Values(roots)), slices.Compact(parts)})
		}
	}
	slices.SortFunc(f.Findings, func(a, b entry) int { return compare(a.Key, b.Key) })
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(f)
}

// Size is how many findings are in the baseline.
func (s *Set) Size() int { return count(s.all) }

func count(m map[Key][]string) (n int) {
	for _, roots := range m {
		n += len(roots)
	}
	return n
}

func compare(a, b Key) int {
	return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Context, b.Context))
}
