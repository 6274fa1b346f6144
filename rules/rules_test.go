package rules_test

import (
	"io/fs"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/ruletest"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
	"github.com/seaworthy-iac/seaworthy/rules"
)

func TestFixtures(t *testing.T) {
	ruletest.Run(t, rules.All(), fixtureFormats(), "../fixtures/rules")
}

func fixtureFormats() ruletest.Formats {
	return ruletest.Formats{Sources: formats.Sources(formats.Options{}), Link: formats.Link, Comments: formats.Comments, Recorded: recorded, Asked: cluster.Asked}
}

// recorded is what runs beside the files of a fixture.
func recorded(sections fs.FS) (all []parsers.Follower) {
	for _, f := range []parsers.Follower{cluster.Recorded(sections), image.Recorded(sections)} {
		if f != nil {
			all = append(all, f)
		}
	}
	return all
}

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
		if seen[r.ID] {
			t.Errorf("two rules are named %s", r.ID)
		}
		seen[r.ID] = true
	}
}
