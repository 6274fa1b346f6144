package source

import "bytes"

// A Step says by which way a value came to be where it is.
type Step uint8

// The steps. Written is a value somebody typed in the file it is read from;
// every other step has the places it came from in [Origin.From].
const (
	Written  Step = iota
	Alias         // a YAML alias or merge key
	Template      // a template of a Helm chart
	Include       // a named template called by another
	Values        // a Helm values file or --set
	Overlay       // a kustomization: patch, transformer, generator
	Module        // an argument of a Terraform module call; see [Origin.Calls]
	Variable      // the default or the given value of a Terraform variable
	Local         // a Terraform local
	ForEach       // count, for_each, dynamic or a for expression
	Function      // a function that made a new value out of others
	Release       // data of the Helm release, the chart or the capabilities; see [Origin.Calls]
	Default       // a default that is nowhere written
	Live          // a running cluster
	Image         // a container image
)

var stepNames = [...]string{
	"written", "alias", "template", "include", "values", "overlay", "module", "variable",
	"local", "for_each", "function", "release", "default", "live", "image",
}

// String is the step's name, as it stands in JSON output.
func (s Step) String() string { return stepNames[s] }

// A Role says what part a place had in a value.
type Role uint8

// The roles.
const (
	SetBy       Role = iota // the place wrote the value
	Via                     // it was passed on here: an include, a call, an overlay
	DrivenBy                // the data that flowed in: values, tfvars
	Condition               // it decided whether, not what
	Overrides               // the value that was replaced
	NotRendered             // the untaken branch that would have written a missing field
)

var roleNames = [...]string{"set-by", "via", "driven-by", "condition", "overrides", "not-rendered"}

// String is the role's name, as it stands in JSON output.
func (r Role) String() string { return roleNames[r] }

// Exactness says how far the span of an origin can be trusted. The zero value
// claims least.
type Exactness uint8

// The exactnesses, each claiming more than the one before.
const (
	InFile  Exactness = iota // somewhere in the file
	InBlock                  // somewhere in the span: an object, a block, a document
	AtLine                   // on the first line of the span
	AtToken                  // the span is the thing itself
)

var exactnessNames = [...]string{"file", "block", "line", "token"}

// String is the exactness' name, as it stands in JSON output.
func (e Exactness) String() string { return exactnessNames[e] }

// An Origin is one link of the chain from a value back to what people wrote.
// Origins are shared and never change once made.
type Origin struct {
	Span  Span
	Step  Step
	Role  Role
	Exact Exactness
	// Entire says of data that flowed in that the value is a copy of all that
	// stands here: an edit here is an edit of the value.
	Entire bool
	// From are the causes, the one to edit first; nil when Written.
	From []*Origin
}

// Calls tells whether the origin is a block that brings in all that it stands
// behind, and no single value: a module call, a release of a chart. Its span is
// the block, and it is known by the first line of that.
func (o *Origin) Calls() bool {
	return o.Role == Via && o.Exact == AtLine && (o.Step == Module || o.Step == Release)
}

// Header is the origin narrowed to its first line: the place that stands for
// a whole block when something is missing in it. Where only the file or the
// block is known nothing is narrowed.
func (o *Origin) Header() *Origin {
	if o == nil || o.Exact < AtLine {
		return o
	}
	h := *o
	h.Span = o.Span.FirstLine()
	return &h
}

// Cure is the link of the chain that an edit should go to: what an alias
// stands for, what a template copied as a whole, else the origin itself.
func (o *Origin) Cure() *Origin {
	for o != nil && len(o.From) > 0 {
		from := o.From[0]
		copied := o.Step == Template && from.Role == DrivenBy && from.Entire && from.Exact == AtToken
		if o.Step != Alias && !copied {
			break
		}
		o = from
	}
	return o
}

// Copied is the origin of a text that is a copy of all that its first cause is.
func (o *Origin) Copied() *Origin {
	copied, from := *o, *o.From[0]
	from.Entire = true
	copied.From = append([]*Origin{&from}, o.From[1:]...)
	return &copied
}

// A Handle finds the origin of a value when somebody asks. Graphs hold
// millions of values and report a few, so a handle is cheap and the chain is
// worked out late.
type Handle interface {
	// Origin is the origin of the whole value.
	Origin() *Origin
	// Part is the origin of the bytes [start,end) of the value's decoded text,
	// of the whole value where the part cannot be told apart.
	Part(start, end int) *Origin
}

// Within is the place of the bytes [start,end) of a string's text, which hold
// text of their own.
func Within(of Handle, start, end int) Handle { return within{of, start, end} }

type within struct {
	of         Handle
	start, end int
}

func (w within) Origin() *Origin { return w.of.Part(w.start, w.end) }

func (w within) Part(start, end int) *Origin {
	if start < 0 || start > end || w.start+end > w.end {
		return w.Origin()
	}
	return w.of.Part(w.start+start, w.start+end)
}

// A Block is the handle of a map or list that knows which branches were not
// taken that would have written something in it.
type Block interface {
	Handle
	// Without is the origin that stands for the block when the path below it is
	// missing.
	Without(path string) *Origin
}

// Origin makes every origin a handle of itself.
func (o *Origin) Origin() *Origin { return o }

// Part is the whole origin: an origin alone does not know how text was decoded.
func (o *Origin) Part(int, int) *Origin { return o }

// Origin makes a span the handle of a value written there, exact to the token.
func (s *Span) Origin() *Origin { return &Origin{Span: *s, Step: Written, Exact: AtToken} }

// Part is the part of a span whose text is the decoded text byte for byte; the
// whole span otherwise.
func (s *Span) Part(start, end int) *Origin {
	o := s.Origin()
	if start >= 0 && start <= end && s.Start+end <= s.End {
		o.Span.Start, o.Span.End = s.Start+start, s.Start+end
	}
	return o
}

// Remote is the name of what the origin is in when that is no file of the tree,
// such as cluster:prod/Pod/shop/web, else "".
func (o *Origin) Remote() string {
	if o == nil || o.Span.File == nil || !o.Span.File.Remote {
		return ""
	}
	return o.Span.File.Path
}

// Lines are the first and the last line of where the origin is known to be:
// of the file, of the block, or the one line.
func (o *Origin) Lines() (first, last int) {
	s := o.Span
	if o.Exact == InFile {
		s = s.File.Whole()
	}
	first = s.From().Line
	if o.Exact == AtLine {
		return first, first
	}
	text := bytes.TrimRight(s.File.Data[s.Start:s.End], " \t\r\n")
	return first, s.File.Position(s.Start + len(text)).Line
}
