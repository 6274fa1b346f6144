package rules_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/ruletest"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
)

func TestFixtures(t *testing.T) {
	ruletest.Run(t, rules.All(), fixtureFormats(), "../fixtures/rules")
}

func fixtureFormats() ruletest.Formats {
	return ruletest.Formats{Sources: formats.Sources(formats.Options{}), Link: formats.Link, Comments: formats.Comments}
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
