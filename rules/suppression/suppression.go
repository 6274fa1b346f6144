// Package suppression is the rules about suppressions themselves: what people
// wrote to live with a finding must say what it means, or it hides more, or
// less, than they think. The findings come from package suppress.
package suppression

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
)

// All are the rules of the family.
func All() []*analyzers.Rule { return []*analyzers.Rule{malformed, unknown, expired, unused, reason} }

const form = "`# seaworthy:ignore RULE[,RULE] [until=2027-01-31] [-- reason]`"

var malformed = &analyzers.Rule{
	ID:        suppress.Malformed,
	Title:     "Suppression that cannot be understood",
	Why:       "Somebody believes that a finding is dealt with, and why; in fact nothing is suppressed, or the reason is lost.",
	Remedy:    "Write " + form + ", or `seaworthy:ignore-file` in its place for all of a file.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Check:     analyzers.ByDriver,
}

var unknown = &analyzers.Rule{
	ID:        suppress.UnknownRule,
	Title:     "Suppression of a rule that does not exist",
	Why:       "A name with a slip suppresses nothing; one of a rule that went away is dead weight that readers take for a decision.",
	Remedy:    "Correct the name, or delete it. `seaworthy rules` lists the names.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Check:     analyzers.ByDriver,
}

var expired = &analyzers.Rule{
	ID:        suppress.Expired,
	Title:     "Suppression that is out of date",
	Why:       "The day came until which the finding was accepted. What it hid is reported again, because nobody decided anew.",
	Remedy:    "Mend what was suppressed and delete the suppression, or decide anew and set another day.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Check:     analyzers.ByDriver,
}

var unused = &analyzers.Rule{
	ID:        suppress.Unused,
	Title:     "Suppression that hides nothing",
	Why:       "What was accepted is gone. Left in place, the suppression hides the same fault when it comes back, and nobody is asked.",
	Remedy:    "Delete it.",
	Severity:  analyzers.Info,
	Precision: analyzers.VeryHighPrecision,
	Check:     analyzers.ByDriver,
}

var reason = &analyzers.Rule{
	ID:        suppress.ReasonMissing,
	Title:     "Suppression without a reason",
	Why:       "Whoever reads it later cannot tell a decision from a shortcut, so it stays for ever.",
	Remedy:    "Write the reason behind `--`. Whether it is required is up to you: `require-reason` in the configuration turns this rule on.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Profile:   analyzers.Strict,
	Check:     analyzers.ByDriver,
}
