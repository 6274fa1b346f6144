package printer

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// flow writes the way from the place to edit to what it ends up in, in one
// line where there is room: values.yaml:14 → templates/web.yaml:31. It returns
// the places that it has shown. Where a link is a condition, or what would have
// written the value, no value flows, and the places are told in words.
func (o Options) flow(b *strings.Builder, f *analyzers.Finding) map[source.Span]bool {
	var links []string
	shown := map[source.Span]bool{}
	for _, n := range f.Flow() {
		switch n.At.Role {
		case source.Condition, source.Overrides, source.NotRendered:
			return nil
		case source.SetBy, source.Via, source.DrivenBy:
		}
		link := o.file(n.At.Span.File)
		if n.At.Exact > source.InFile {
			link = fmt.Sprintf("%s:%d", link, n.At.Span.From().Line)
		}
		shown[n.At.Span] = true
		if len(links) == 0 || links[len(links)-1] != link {
			links = append(links, link)
		}
	}
	if len(links) < 2 { // several links in one line lead nowhere else
		return nil
	}
	o.joined(b, "", links, "", " → ")
	return shown
}

// joined writes a note of several parts, as many in a line as there is room
// for. Every part but the last ends with end; between two in a line is sep,
// and a line that goes on starts with what of it is no blank.
func (o Options) joined(b *strings.Builder, label string, parts []string, end, sep string) {
	const margin = "  = "
	text, used := label, len(margin)+columns(label)
	for i, part := range parts {
		if i < len(parts)-1 {
			part += end
		}
		switch n := columns(part); {
		case i == 0:
			text, used = text+part, used+n
		case used+columns(sep)+n <= o.width():
			text, used = text+sep+part, used+columns(sep)+n
		default:
			start := "\n    " + strings.TrimLeft(sep, " ")
			text, used = text+start+part, columns(start)-1+n
		}
	}
	fmt.Fprintf(b, "  %s %s\n", o.paint(dim, "="), text)
}
