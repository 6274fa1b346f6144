package analyzers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Fixability says whether the findings of a rule can be mended by an edit.
type Fixability uint8

// The fixabilities. There is a fix only where one value is obviously right;
// what a person has to choose is never invented.
const (
	NoFix Fixability = iota
	// Unsafe fixes may break a workload that relies on what was wrong.
	Unsafe
	// Safe fixes do not change what a workload does that works today.
	Safe
)

// String is the fixability's name in output.
func (f Fixability) String() string { return [...]string{"none", "unsafe", "safe"}[f] }

// A Fix is one way to mend a finding. Its ops are carried out all or none;
// they name values, and the bytes are found when they are.
type Fix struct {
	// Title says what is done, in the imperative.
	Title string
	Safe  bool
	Ops   []edit.Op
}

// Fix adds a way to mend the finding and returns it. It may be called on nil,
// as Note. Whether it is safe is the rule's to say.
func (f *Finding) Fix(title string, ops ...edit.Op) *Finding {
	if f != nil {
		f.Fixes = append(f.Fixes, Fix{Title: title, Safe: f.Rule.Fix == Safe, Ops: ops})
	}
	return f
}

// Edits are the edits that a fix of the finding comes to, with the ops they
// are for: those that mend it and all others at its place, which are one edit
// where they are written once. The error says why they cannot be made.
func (f *Finding) Edits(fix *Fix) ([]edit.Edit, []edit.Op, error) {
	var batch edit.Batch
	var ops []edit.Op
	add := func(fix *Fix) error {
		for _, op := range fix.Ops {
			edits, err := op.Edits()
			if err != nil {
				return err
			}
			if err := batch.Add(edits); err != nil {
				return fmt.Errorf("the instances of the finding need different edits: %w", err)
			}
			ops = append(ops, op)
		}
		return nil
	}
	if err := add(fix); err != nil {
		return nil, nil, err
	}
	for _, m := range f.Merged {
		// One without a fix may be mended by the edit all the same.
		if i := slices.IndexFunc(m.Fixes, func(other Fix) bool { return other.Safe == fix.Safe }); i >= 0 {
			if err := add(&m.Fixes[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	var edits []edit.Edit
	for _, path := range batch.Files() {
		edits = append(edits, batch.Of(path)...)
	}
	return edits, ops, nil
}

// Offered are the fixes to show beside a finding and their edits. What a
// template renders is left out: whether an edit there mends it is only known
// once it is rendered again.
func (f *Finding) Offered() []Offer {
	var offers []Offer
	for i := range f.Fixes {
		if f.Chain == nil || f.Chain.Step == source.Template || f.Chain.Step == source.Values {
			break
		}
		if edits, _, err := f.Edits(&f.Fixes[i]); err == nil {
			offers = append(offers, Offer{&f.Fixes[i], edits})
		}
	}
	return offers
}

// An Offer is a fix and the edits it comes to, sorted by file and place.
type Offer struct {
	*Fix
	Edits []edit.Edit
}

// A Repair is a finding and the fix for it.
type Repair struct {
	*Finding
	Fix *Fix
}

// maxNamed is how many of the places that share an edit are named.
const maxNamed = 5

// Shared says what else the one edit changes: the other instances of the
// place, or the users of a YAML anchor. It is "" where there is nothing else.
func (r Repair) Shared() string {
	var parts []string
	if slices.ContainsFunc(append([]*Finding{r.Finding}, r.Merged...), aliased) {
		parts = append(parts, "the anchor that is edited is used more than once")
	}
	if others := r.Others(); len(others) > 0 {
		var names []string
		for _, o := range others[:min(len(others), maxNamed)] {
			names = append(names, o.Label)
		}
		text := "this also mends " + strings.Join(names, ", ")
		if more := len(others) - maxNamed; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, text)
	} else if n := len(r.Merged); n > 0 {
		parts = append(parts, fmt.Sprintf("this mends %d places of the resource", n+1))
	}
	return strings.Join(parts, "; ")
}

func aliased(f *Finding) bool { return f.Chain != nil && f.Chain.Step == source.Alias }

// An Unfixed is a finding that a person has to mend, and why; Why is "" for
// one without a fix.
type Unfixed struct {
	*Finding
	Why string
}

// Repairs are what came of fixing findings.
type Repairs struct {
	Done []Repair  // in the order they were done
	Held []Repair  // unsafe, and therefore not done
	Left []Unfixed // for a person
	// Texts are the files that change, as they will be.
	Texts map[string][]byte
	// Report is about the tree after the fixes.
	Report *Report
}
