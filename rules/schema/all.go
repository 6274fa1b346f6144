// Package schema has the rules about objects that the API server does not
// understand: fields that are none, values of the wrong type, fields that must
// be there and are not, words that are no value, keys and items that come
// twice.
//
// One walk along the schema of each object finds all of it, when the first of
// the rules is asked; the rules differ in what they report of it. Kinds of
// Kubernetes' own are held against its schema, custom resources against that of
// their CustomResourceDefinition, where it is among what is analysed.
package schema

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// All are the rules of the family.
func All() []*analyzers.Rule { return faults }

// faults holds the rules, one for each sort of fault.
var faults = []*analyzers.Rule{{
	ID:        "schema-unknown-field",
	Title:     "Field that the kind does not have",
	Why:       "The API server refuses the object, as `kubectl apply` asks it to, or drops the field with a warning that nobody reads, as it does for Helm and for most controllers. The limit, the probe or the safeguard that was written down does not exist in the cluster.",
	Remedy:    "Correct the name or the indentation. `kubectl explain` lists the fields of a kind.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(unknownField),
}, {
	ID:        "schema-wrong-type",
	Title:     "Value is of another type than its field",
	Why:       "The API server cannot read the object: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Write the value as the field has it: numbers and booleans in quotes where it is text, as in labels, annotations and variables, and without them where it is a number or a boolean.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(wrongType),
}, {
	ID:        "schema-missing-field",
	Title:     "Field that must be there is missing",
	Why:       "The API server does not accept the object: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Add the field. `kubectl explain` says what belongs into it.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(missingField),
}, {
	ID:        "schema-unknown-value",
	Title:     "Word that the field does not know",
	Why:       "The API server does not accept the object: the rollout fails with the first change that reaches the cluster.",
	Remedy:    "Write one of the values that the field knows, in its letters of case.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(unknownValue),
}, {
	ID:        "schema-duplicate-key",
	Title:     "Key is written twice in one map",
	Why:       "Only the last one counts, in most tools; others refuse the file. Who reads or changes the first one reads or changes nothing.",
	Remedy:    "Remove one of them, or join what they hold.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(duplicateKey),
}, {
	ID:        "schema-duplicate-item",
	Title:     "Two items of a list are one to Kubernetes",
	Why:       "The items of the list are told apart by a field of theirs. Two that are the same there are refused, or taken for one when something merges or applies the object on the server: one of them is lost.",
	Remedy:    "Remove one of them, or change the field that tells them apart.",
	Severity:  analyzers.Low,
	Precision: analyzers.VeryHighPrecision,
	Check:     report(duplicateItem),
}}

// report makes a Check that reports the faults of one sort.
func report(sort sort) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		all := found.Of(p.Graph)
		p.Look(all.objects)
		for _, f := range all.faults {
			if f.sort != sort {
				continue
			}
			at := f.at.Place()
			if sort == unknownField || sort == duplicateKey {
				at = f.at.KeyPlace()
			}
			finding := p.ReportAt(f.at, at, "%s", f.message)
			if sort == duplicateKey || sort == duplicateItem {
				note := analyzers.Note{At: f.first.Place(), Text: "the first one", Resource: f.first.Resource()}
				if sort == duplicateKey {
					note.At = f.first.KeyPlace()
				}
				finding.Related = append(finding.Related, note)
			}
			if f.crd != nil {
				finding.Note(f.crd.At("metadata.name"), "the definition of the kind")
			}
		}
	}
}
