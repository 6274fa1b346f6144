// Package images is what rules see of container images that were read.
//
// An image is a resource of the type [Image], there only when the user asked
// for images: its manifest, configuration, history, packages and what is known
// to be wrong with them, as parsers/image writes them down. Workloads are tied
// to it by [graph.Runs] edges, each by the value that names the image, and a
// finding about the image is one at every such value: that is where it is
// brought in.
package images

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Type is the type of the resource that stands for an image.
const Type = "image"

// An Image is one that was read.
type Image struct {
	*graph.Resource
	// Uses are the edges that lead to it, the Via of each the value that names it.
	Uses []graph.Edge
}

// All are the images that were read, in the order of the graph.
var All = analyzers.NewFact(func(g *graph.Graph) []Image {
	var all []Image
	for r := range g.OfType(Type) {
		i := Image{Resource: r}
		for e := range g.In(r, graph.Runs) {
			i.Uses = append(i.Uses, e)
		}
		all = append(all, i)
	}
	return all
})

// Report reports a finding about an image wherever it is named, and at the
// value of the image's own when nothing names it because somebody asked about
// it alone. The message names the image.
func (i Image) Report(p *analyzers.Pass, own graph.Value, format string, args ...any) []*analyzers.Finding {
	if len(i.Uses) == 0 {
		return []*analyzers.Finding{p.Report(own, format, args...)}
	}
	var found []*analyzers.Finding
	for _, u := range i.Uses {
		found = append(found, p.ReportAt(u.Via, Place(u.Via), format, args...))
	}
	return found
}

// Place is where to report that an image is not right: the value that names
// it, or what of the value says which one of a repository it is, when that is
// written elsewhere: the tag among the values of a chart, or in a
// kustomization.
func Place(name graph.Value) *source.Origin {
	whole, text := name.Place(), name.Str()
	image := workload.ParseImage(text)
	start, end := image.TagStart, image.TagEnd
	if image.Tag == "" {
		start, end = len(text)-len(image.Digest), len(text)
	}
	if start == end || whole == nil {
		return whole
	}
	if part := name.Part(start, end); part != nil && !whole.Cure().Span.Contains(part.Cure().Span) {
		return part
	}
	return whole
}
