package survey

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/config"
)

// maxTold is how many sets of one chart or module are told one by one that are
// off in the configuration.
const maxTold = 3

// Tell says in a few lines what was found, and what of it is off in the
// configuration.
func (s *Survey) Tell(w io.Writer) error {
	var b strings.Builder
	line := func(sure bool, format string, args ...any) {
		if !sure {
			format += " (commented out)"
		}
		fmt.Fprintf(&b, "  "+format+"\n", args...)
	}
	for _, kind := range []struct{ name, one, many string }{
		{"helm", "chart", "charts"}, {"kustomize", "kustomization", "kustomizations"}, {"terraform", "root module", "root modules"},
		{"tfplan", "plan", "plans"}, {"kubernetes", "set of manifests", "sets of manifests"},
	} {
		switch n := s.Roots[kind.name]; n {
		case 0:
		case 1:
			line(true, "1 %s", kind.one)
		default:
			line(true, "%d %s", n, kind.many)
		}
	}
	if s.Outer != "" {
		line(true, "extends %s, which counted here before", config.OneLine(s.Outer))
	}
	for _, f := range s.Inner {
		line(true, "%s goes on counting below it", config.OneLine(f))
	}
	if agreed := s.Version(); agreed != "" {
		line(true, "kube-version %s", agreed)
	} else {
		for _, v := range s.Versions {
			line(false, "kube-version %s, from %s", v.Release, config.OneLine(v.From))
		}
	}
	for _, e := range s.Excludes {
		line(e.Sure, "exclude %s: %s", config.OneLine(e.Pattern), e.Why)
	}
	for _, of := range []struct {
		what string
		all  []Environments
	}{{"chart", s.Charts}, {"root module", s.Modules}} {
		for _, e := range of.all {
			var doubtful []string
			for _, set := range e.Sets {
				if set.Doubt != "" {
					doubtful = append(doubtful, config.OneLine(set.Name))
				}
			}
			for _, set := range e.Sets {
				if set.Doubt == "" || len(doubtful) <= maxTold {
					line(set.Doubt == "", "%s %s with %s: %s", of.what, config.OneLine(e.Dir), config.OneLine(set.Name), config.OneLine(strings.Join(set.Files, ", ")))
				}
			}
			if n := len(doubtful); n > maxTold {
				line(false, "%s %s with %d sets, %s to %s", of.what, config.OneLine(e.Dir), n, doubtful[0], doubtful[n-1])
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
