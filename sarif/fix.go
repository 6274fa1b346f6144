package sarif

import (
	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// fixes are the ways to mend a finding, with regions exact to the byte: the
// same edits that the fix command makes.
func (w *writer) fixes(f *analyzers.Finding) []*sarif.Fix {
	var fixes []*sarif.Fix
	for _, o := range f.Offered() {
		text := o.Title
		if !o.Safe {
			text += ". This may break what works today; look at it first."
		}
		fix := sarif.NewFix().WithDescription(sarif.NewTextMessage(plain(text)))
		var change *sarif.ArtifactChange
		var of *source.File
		for _, e := range o.Edits {
			uri, ok := w.uri(&source.Origin{Span: e.Span})
			if !ok {
				change = nil
				break
			}
			if change == nil || of.Path != e.Span.File.Path {
				change, of = sarif.NewArtifactChange(sarif.NewSimpleArtifactLocation(uri)), e.Span.File
				fix.ArtifactChanges = append(fix.ArtifactChanges, change)
			}
			from, to := of.UTF16(e.Span.Start), of.UTF16(e.Span.End)
			change.WithReplacement(sarif.NewReplacement(sarif.NewRegion().
				WithStartLine(from.Line).WithStartColumn(from.Column).
				WithEndLine(to.Line).WithEndColumn(to.Column)).
				WithInsertedContent(sarif.NewArtifactContent().WithText(e.New)))
		}
		if change != nil {
			fixes = append(fixes, fix)
		}
	}
	return fixes
}
