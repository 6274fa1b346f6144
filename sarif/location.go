package sarif

import (
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// physical is a place as SARIF has it; nil for one that is in no file of the
// tree, which a reader could not open and GitHub would not accept.
func (w *writer) physical(o *source.Origin) *sarif.PhysicalLocation {
	uri, ok := w.uri(o)
	if !ok {
		return nil
	}
	return sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewSimpleArtifactLocation(uri)).
		WithRegion(region(o))
}

// uri is the path of a place's file as a relative reference.
func (w *writer) uri(o *source.Origin) (string, bool) {
	if o == nil || o.Span.File == nil || o.Span.File.Remote || o.Span.File.Path == "." || !fs.ValidPath(o.Span.File.Path) {
		return "", false
	}
	segments := strings.Split(path.Join(w.opt.Base, o.Span.File.Path), "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A") // or the first one looks like a scheme
	}
	return strings.Join(segments, "/"), true
}

// region is as narrow as the place is known and no narrower.
func region(o *source.Origin) *sarif.Region {
	s := o.Span
	if o.Exact == source.AtToken && s.Start < s.End {
		from, to := s.File.UTF16(s.Start), s.File.UTF16(s.End)
		return sarif.NewRegion().
			WithStartLine(from.Line).WithStartColumn(from.Column).
			WithEndLine(to.Line).WithEndColumn(to.Column)
	}
	first, last := o.Lines()
	return sarif.NewSimpleRegion(first, last)
}
