// Package printer shows reports, rules and who wrote what was rendered: to
// people ([Text], [HTML], [Markdown], [Explain], [Blame]), to editors and problem
// matchers ([Line]), to build servers ([JUnit], [GitHub], [GitLab]) and to
// programs ([JSON], [CycloneDX], [Rules], [BlameJSON]).
//
// What is printed quotes files that strangers wrote. Everything of theirs goes
// through [clean], so that no escape sequence, bidirectional control or line
// break reaches a terminal or makes a line of output say something else.
//
// Long output has no pager: that would be another program, whatever $PAGER
// names, and this one starts none.
package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Options say how to print.
type Options struct {
	// Color allows ANSI colours.
	Color bool
	// Verbose lists what was analysed and what was left out.
	Verbose bool
	// ShowUnsure lists the places where a rule could not tell.
	ShowUnsure bool
	// Quiet leaves out the summary.
	Quiet bool
	// Width is the number of columns there are; 0 means 80.
	Width int
	// Version is the program's version.
	Version string
	// Time is when the report was made (RFC 3339), where the output should say so.
	Time string
	// Display turns a path of the tree into what the reader would write; nil
	// leaves it.
	Display func(path string) string
}

func (o Options) width() int {
	if o.Width <= 0 {
		return 80
	}
	return max(o.Width, 40)
}

// path is how a path of the tree is shown.
func (o Options) path(name string) string {
	if o.Display != nil {
		name = o.Display(name)
	}
	name = clean(name)
	if strings.HasPrefix(name, " ") || strings.HasPrefix(name, ":") { // ::stop-commands:: at the start of a line
		name = "./" + name
	}
	return name
}

// file is what a file is called: what is in no file keeps its name.
func (o Options) file(f *source.File) string {
	if f.Remote {
		return clean(f.Path)
	}
	return o.path(f.Path)
}

// place is path:line:col of an origin, "" for one in no file. A place that is
// not known to the column is where it begins.
func (o Options) place(at *source.Origin) string {
	if at == nil || at.Span.File == nil {
		return ""
	}
	p := position(at)
	return fmt.Sprintf("%s:%d:%d", o.file(at.Span.File), p.Line, p.Column)
}

// where is the place as people are told it: without a line where none is known.
func (o Options) where(at *source.Origin) string {
	if at != nil && at.Exact == source.InFile && at.Span.File != nil {
		return o.file(at.Span.File)
	}
	return o.place(at)
}

func position(at *source.Origin) source.Position {
	if at.Exact == source.InFile {
		return source.Position{Line: 1, Column: 1}
	}
	return at.Span.From()
}

// placeless is a problem for readers that show places in files only: what is
// in none is named.
func placeless(p graph.Problem) string {
	if name := p.At.Remote(); name != "" {
		return name + ": " + p.Message
	}
	return p.Message
}

// Line writes a finding a line: path:line:col: error: message [rule]. Only
// findings, problems and, when asked for, what is unsure are written, so that
// every line matches.
func Line(w io.Writer, r *analyzers.Report, opt Options) error {
	var b strings.Builder
	line := func(at *source.Origin, level, message, rule string) {
		place := opt.place(at)
		if place == "" {
			place = ".:1:1"
		}
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", place, level, clean(message), rule)
	}
	for _, p := range r.Problems {
		line(p.At, problemLevel(p), p.Message, "problem")
	}
	for _, f := range r.Findings {
		line(f.Place(), f.Rule.Severity.Level(), f.Text(), f.Rule.ID)
	}
	if opt.ShowUnsure {
		for _, f := range r.Unsure {
			line(f.Place(), "note", "could not tell: "+f.Text(), f.Rule.ID)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func problemLevel(p graph.Problem) string {
	if p.Level == graph.Error {
		return "error"
	}
	return "warning"
}
