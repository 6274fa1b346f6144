package printer

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Drift is how a cluster differs from what is written.
type Drift struct {
	Context, Day string
	Compared     int            // objects
	Others       int            // fields that differ and that others keep
	Secrets      int            // objects of which the values were not compared
	Elsewhere    int            // written objects in namespaces that were not read
	Releases     []DriftRelease // that charts were found to be installed as
	Fields       []DriftField
	Absent       []DriftObject // written and not in the cluster
	Stray        []DriftObject // in the cluster and not written
	Unknown      []DriftObject // written, and could not be looked for
	Skipped      []source.Skip // what was left out, and live objects that were not held against what is written
	Problems     []graph.Problem
}

// DriftField is a field that is not in the cluster what is written.
type DriftField struct {
	At            *source.Origin
	Object, Path  string
	Written, Live *string     // nil where there is nothing
	Leaves        []DriftLeaf // of a map that only one side has; nil for any other value
	Manager, Time string      // who set the live value and when; "" when not known
}

// DriftLeaf is a value in a map, by its path in that.
type DriftLeaf struct{ Path, Text string }

// DriftRelease is the Helm release that the chart in a directory was compared
// as.
type DriftRelease struct{ Chart, Name, Namespace string }

// DriftObject is an object that is on one side only, as far as is known. Of is
// what it was made by, Why is why that is not known.
type DriftObject struct {
	At              *source.Origin
	Object, Of, Why string
}

// DriftText writes drift for people.
func DriftText(w io.Writer, d *Drift, opt Options) error {
	var b strings.Builder
	for _, f := range d.Fields {
		opt.head(&b, f.At)
		fmt.Fprintf(&b, "%s: %s %s\n", clean(f.Object), opt.paint(bold, clean(f.path())), clean(f.says()))
		if f.At != nil && f.At.Span.File != nil {
			opt.snippet(&b, f.At, yellow)
		}
		if by := f.by(); by != "" {
			fmt.Fprintf(&b, "  %s %s\n", opt.paint(dim, "="), clean(by))
		}
		b.WriteString("\n")
	}
	for _, o := range d.Absent {
		opt.head(&b, o.At)
		fmt.Fprintf(&b, "%s is not in the cluster\n", clean(o.Object))
	}
	for _, o := range d.Stray {
		fmt.Fprintf(&b, "%s is in the cluster and not written: it was made by %s\n", clean(o.Object), clean(o.Of))
	}
	if len(d.Absent)+len(d.Stray) > 0 {
		b.WriteString("\n")
	}
	for _, p := range d.Problems {
		opt.problem(&b, p)
	}
	if !opt.Quiet {
		d.summary(&b, opt)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const (
	// shownValue is how long a value may be that is shown in a sentence.
	shownValue = 120
	// shownLeaves is how many values in a map are.
	shownLeaves = 4
)

// path is that of the field, or of the only value in it.
func (f DriftField) path() string {
	if len(f.Leaves) == 1 {
		return f.Path + "." + f.Leaves[0].Path
	}
	return f.Path
}

func (f DriftField) says() string {
	switch {
	case f.Written == nil:
		return f.has(*f.Live) + " in the cluster and not written"
	case f.Live == nil:
		return f.has(*f.Written) + " here and not in the cluster"
	}
	return "is " + short(*f.Written) + " here and " + short(*f.Live) + " in the cluster"
}

// has tells the value that one side has, of a map what is in it.
func (f DriftField) has(value string) string {
	switch len(f.Leaves) {
	case 0:
		return "is " + short(value)
	case 1:
		return "is " + short(f.Leaves[0].Text)
	}
	var parts []string
	for _, leaf := range f.Leaves[:min(len(f.Leaves), shownLeaves)] {
		parts = append(parts, leaf.Path+": "+short(leaf.Text))
	}
	if more := len(f.Leaves) - shownLeaves; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return "is {" + strings.Join(parts, ", ") + "}"
}

func short(s string) string {
	if len(s) > shownValue {
		s = strings.ToValidUTF8(s[:shownValue], "") + "…"
	}
	return strconv.Quote(s)
}

func (f DriftField) by() string {
	if f.Manager == "" {
		return ""
	}
	by := fmt.Sprintf("set by %q", f.Manager)
	if f.Time != "" {
		by += " at " + f.Time
	}
	return by
}

func (d *Drift) summary(b *strings.Builder, o Options) {
	drifted := len(d.Fields) + len(d.Absent) + len(d.Stray)
	of := fmt.Sprintf("%s compared with %q", count(d.Compared, "object"), clean(d.Context))
	switch {
	case drifted == 0 && d.Compared == 0:
		fmt.Fprintf(b, "Nothing was compared with %q\n", clean(d.Context))
	case drifted == 0:
		fmt.Fprintf(b, "%s in %s\n", o.paint(green, "No drift"), of)
	default:
		fmt.Fprintf(b, "%s in %s: %s, %d not in the cluster, %d not written\n", o.paint(bold, "Drift"), of, count(len(d.Fields), "field"), len(d.Absent), len(d.Stray))
	}
	for _, r := range d.Releases {
		fmt.Fprintf(b, "%s was compared as the release %q in %q, which its objects in the cluster belong to\n", o.path(r.Chart), clean(r.Name), clean(r.Namespace))
	}
	if d.Others > 0 {
		fmt.Fprintf(b, "%s %s kept by controllers, webhooks or others\n", count(d.Others, "field"), pick(d.Others, "differs and is", "differ and are"))
	}
	if d.Secrets > 0 {
		fmt.Fprintf(b, "%s: values are not read and not compared\n", count(d.Secrets, "secret"))
	}
	if d.Elsewhere > 0 {
		fmt.Fprintf(b, "%s %s not looked for, in namespaces that were not read\n", count(d.Elsewhere, "written object"), pick(d.Elsewhere, "was", "were"))
	}
	if n := len(d.Unknown); n > 0 && !o.Verbose {
		fmt.Fprintf(b, "%s could not be looked for: the name or the namespace is not known, or the kind was not read (-v lists them)\n", count(n, "written object"))
	}
	if o.Verbose {
		for _, u := range d.Unknown {
			fmt.Fprintf(b, "not looked for %s: %s: %s\n", o.where(u.At), clean(u.Object), clean(u.Why))
		}
	}
	o.leftOut(b, d.Skipped)
}

// driftJSON is the JSON output of drift; as for [JSON], keys may be added and
// lists are never null.
type driftJSON struct {
	Format     int               `json:"format"` // of this output, 1
	Version    string            `json:"version"`
	Context    string            `json:"context"`
	Day        string            `json:"day"`
	Compared   int               `json:"compared"`
	Others     int               `json:"kept_by_others"`
	Secrets    int               `json:"secrets_not_compared"`
	Unknown    int               `json:"not_looked_for"` // how many of unknown
	Elsewhere  int               `json:"in_other_namespaces"`
	Releases   []driftRelease    `json:"releases"` // that charts were found to be installed as
	Fields     []driftFieldJSON  `json:"fields"`
	Absent     []driftObjectJSON `json:"absent"`  // written and not in the cluster
	Stray      []driftObjectJSON `json:"stray"`   // in the cluster and not written
	Unsought   []driftUnknown    `json:"unknown"` // written, and could not be looked for
	Skipped    skippedJSON       `json:"skipped"` // with what is in the cluster and was not held against what is written
	Problems   []problemJSON     `json:"problems"`
	Incomplete bool              `json:"incomplete"`
}

// driftFieldJSON is a field; Written and Live are null where there is nothing.
// Lists and maps are JSON in a string.
type driftFieldJSON struct {
	Object   string        `json:"object"`
	Path     string        `json:"path"`
	Written  *string       `json:"written"`
	Live     *string       `json:"live"`
	Manager  string        `json:"manager"`
	Time     string        `json:"time"`
	Location *locationJSON `json:"location"`
}

type driftRelease struct {
	Chart     string `json:"chart"` // its directory
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type driftObjectJSON struct {
	Object   string        `json:"object"`
	Of       string        `json:"of"`
	Location *locationJSON `json:"location"`
}

type driftUnknown struct {
	Object   string        `json:"object"`
	Why      string        `json:"why"`
	Location *locationJSON `json:"location"`
}

// DriftJSON writes drift as one object.
func DriftJSON(w io.Writer, d *Drift, opt Options) error {
	objects := func(all []DriftObject) []driftObjectJSON {
		out := []driftObjectJSON{}
		for _, o := range all {
			out = append(out, driftObjectJSON{o.Object, o.Of, location(o.At)})
		}
		return out
	}
	out := driftJSON{
		Format: 1, Version: opt.Version, Context: d.Context, Day: d.Day, Compared: d.Compared, Others: d.Others, Secrets: d.Secrets, Unknown: len(d.Unknown), Elsewhere: d.Elsewhere,
		Releases: []driftRelease{}, Fields: []driftFieldJSON{}, Absent: objects(d.Absent), Stray: objects(d.Stray), Problems: []problemJSON{},
		Unsought: []driftUnknown{}, Skipped: leftOutJSON(d.Skipped, opt),
	}
	for _, u := range d.Unknown {
		out.Unsought = append(out.Unsought, driftUnknown{u.Object, u.Why, location(u.At)})
	}
	for _, r := range d.Releases {
		out.Releases = append(out.Releases, driftRelease(r))
	}
	for _, f := range d.Fields {
		out.Fields = append(out.Fields, driftFieldJSON{f.Object, f.Path, f.Written, f.Live, f.Manager, f.Time, location(f.At)})
	}
	for _, p := range d.Problems {
		out.Problems = append(out.Problems, problemJSON{problemLevel(p), p.Message, location(p.At)})
		out.Incomplete = out.Incomplete || p.Level == graph.Error
	}
	return encode(w, out)
}
