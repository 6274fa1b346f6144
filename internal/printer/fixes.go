package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// Fixes says what was fixed, or would be, a line for each, and how much is
// left; with Verbose also what is held back and what needs a person, and why.
func Fixes(w io.Writer, r analyzers.Repairs, would bool, opt Options) error {
	var b strings.Builder
	line := func(f *analyzers.Finding, word, text string) {
		place := opt.where(f.Place())
		if place == "" {
			place = ".:1:1"
		}
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", place, word, clean(text), f.Rule.ID)
	}
	done := "fixed"
	if would {
		done = "would be fixed"
	}
	for _, one := range r.Done {
		line(one.Finding, done, repaired(one))
	}
	if opt.Verbose {
		for _, one := range r.Held {
			line(one.Finding, "held back", repaired(one))
		}
		for _, one := range r.Left {
			if one.Why != "" {
				line(one.Finding, "not fixed", one.Text()+": "+one.Why)
			}
		}
	}
	if !opt.Quiet {
		fmt.Fprintf(&b, "%d %s%s, %d held back", len(r.Done), done, in(len(r.Texts)), len(r.Held))
		if len(r.Held) > 0 {
			b.WriteString(" (need --unsafe)")
		}
		fmt.Fprintf(&b, ", %d need a person\n", len(r.Left))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func in(files int) string {
	switch files {
	case 0:
		return ""
	case 1:
		return " in 1 file"
	}
	return fmt.Sprintf(" in %d files", files)
}

// repaired is what is done for what, and what else that changes.
func repaired(r analyzers.Repair) string {
	text := r.Fix.Title
	if r.Resource != nil {
		text = r.Resource.ID + ": " + text
	}
	if shared := r.Shared(); shared != "" {
		text += " (" + shared + ")"
	}
	return text
}

// Diff writes what became of a file as a unified diff. exact writes the bytes
// as they are, for programs; a terminal gets no escape sequences of others.
func Diff(w io.Writer, name string, before, after []byte, exact bool) error {
	text := diff.Diff("a/"+name, before, "b/"+name, after)
	if !exact {
		var b strings.Builder
		for l := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
			b.WriteString(clean(l) + "\n")
		}
		text = []byte(b.String())
	}
	_, err := w.Write(text)
	return err
}
