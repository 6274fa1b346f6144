package engine

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// A Doubtful is a branch that would have written objects, and was not taken by
// a condition that is not known: an installation may take it.
type Doubtful struct {
	// At is the action that begins the branch.
	At Place
	// Kinds are those of the objects, as far as they are known, each once.
	Kinds []string
}

// Doubtful are the branches that would have written objects of their own, each
// once.
func (f *File) Doubtful() []Doubtful {
	if !f.doubts {
		return nil
	}
	return f.search().doubtful
}

var (
	apiVersionLine = late.Pattern(`(?m)^apiVersion:`)
	kindLine       = late.Pattern(`(?m)^kind:[ \t]*"?([A-Za-z0-9]*)`)
)

// kindsIn are the kinds of the objects in a sketch, "" for what is not known.
func kindsIn(text string) []string {
	if !apiVersionLine().MatchString(text) {
		return nil
	}
	var kinds []string
	for _, m := range kindLine().FindAllStringSubmatch(text, -1) {
		if !slices.Contains(kinds, m[1]) {
			kinds = append(kinds, m[1])
		}
	}
	return kinds
}

// doubt adds a branch that was not taken, when that is not known and it would
// have written objects.
func (s *searcher) doubt(g ghost, b gap, f frameOf) {
	if len(b.kinds) == 0 || f.rest > 0 || taintOf(g.cond)&(unknown|open) == 0 {
		return
	}
	at := s.t.r.action(g.script, int(g.pos))
	i := slices.IndexFunc(s.doubtful, func(d Doubtful) bool { return d.At == at })
	if i < 0 {
		i = len(s.doubtful)
		s.doubtful = append(s.doubtful, Doubtful{At: at})
	}
	for _, kind := range b.kinds {
		if !slices.Contains(s.doubtful[i].Kinds, kind) {
			s.doubtful[i].Kinds = append(s.doubtful[i].Kinds, kind)
		}
	}
}
