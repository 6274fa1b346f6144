// Package image has the rules about images that were read: what their
// configuration, history and files say, alone and beside what the pods that run
// them ask for. Without images that were read they have nothing to say.
package image

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// All are the rules of the family.
func All() []*analyzers.Rule {
	return slices.Concat(users, platforms, start, secrets, contents, age, origin, builds, ports, vulnerabilities)
}

// each makes a Check of a function that looks at an image at one place that
// names it.
func each(fn func(*analyzers.Pass, images.Use)) func(*analyzers.Pass) {
	return analyzers.Each(images.Uses, fn)
}

// eachContainer makes a Check of a function that looks at a container and the
// image it runs.
func eachContainer(fn func(*analyzers.Pass, images.Use)) func(*analyzers.Pass) {
	return each(func(p *analyzers.Pass, u images.Use) {
		if !u.Contained() {
			p.Look(-1)
			return
		}
		fn(p, u)
	})
}

// maxListed is how many of many a message names.
const maxListed = 3

// listed are names for a message, quoted.
func listed(names []string) string {
	var quoted []string
	for _, name := range names[:min(len(names), maxListed)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(names) - maxListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// some is True where there are names.
func some(names []string) graph.Tri { return graph.Of(len(names) > 0) }
