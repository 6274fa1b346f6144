package sarif

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// framework has a control of every kind for the rules of everything.
func framework(id string) *analyzers.Framework {
	return &analyzers.Framework{
		ID: id, Title: "Benchmark of Tests", Version: "1.0", URL: "https://example.com/" + id, About: "What tests ask for.",
		Sections: []analyzers.Section{{Title: "One", Controls: []*analyzers.Control{
			{ID: "1.1", Title: "No privileged containers", Rules: []string{"k8s-privileged-container"}},
			{ID: "1.2", Title: "Nothing is open", Rules: []string{"aws-open-ingress", "k8s-privileged-container"}},
		}}, {Title: "Two", Controls: []*analyzers.Control{
			{ID: "2.1", Title: "Files are root's", Live: "shows on the node only"},
		}}},
	}
}

func TestTaxonomies(t *testing.T) {
	r := everything()
	r.Assessments = []*analyzers.Assessment{r.Assess(framework("one")), r.Assess(framework("two"))}
	var frameworks []*analyzers.Framework
	for i := range 12 { // more than there may be tags
		frameworks = append(frameworks, framework(fmt.Sprint("framework-", i)))
	}
	out := write(t, schema(t), r, Options{Memberships: analyzers.Memberships(frameworks)})
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID            string
						Properties    struct{ Tags []string }
						Relationships []relationship
					}
					SupportedTaxonomies []reference
				}
			}
			Taxonomies []taxonomy
			Properties struct {
				Compliance []struct {
					Framework, Formula, Score string
					Controls                  []struct{ ID, Verdict, Reason string }
				}
			}
		}
	}
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for i, ref := range run.Tool.Driver.SupportedTaxonomies {
		if ref.Index != i || run.Taxonomies[i].Name != ref.Name {
			t.Errorf("%+v is no taxonomy of the run", ref)
		}
	}
	related := 0
	for _, rule := range run.Tool.Driver.Rules {
		if len(rule.Properties.Tags) > maxTags {
			t.Errorf("%s has %d tags", rule.ID, len(rule.Properties.Tags))
		}
		for _, r := range rule.Relationships {
			related++
			if taxa := run.Taxonomies[r.Target.ToolComponent.Index].Taxa; taxa[r.Target.Index].ID != r.Target.ID {
				t.Errorf("%s: %+v is no taxon", rule.ID, r.Target)
			}
		}
	}
	if related != 2*3 {
		t.Errorf("%d relationships", related)
	}
	if tags := run.Tool.Driver.Rules[0].Properties.Tags; !slices.Contains(tags, "framework-0") {
		t.Errorf("tags %v", tags)
	}
	if len(run.Properties.Compliance) != 2 || run.Properties.Compliance[0].Score != "0 %" ||
		run.Properties.Compliance[0].Controls[0].Verdict != "failed" || run.Properties.Compliance[0].Controls[2].Reason != "shows on the node only" {
		t.Errorf("%+v", run.Properties)
	}
}
