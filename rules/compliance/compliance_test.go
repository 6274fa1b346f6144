package compliance_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

func load(t testing.TB) []*analyzers.Framework {
	t.Helper()
	all, err := compliance.Load() // names that stand for no rule fail here
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sizes is how many controls each section has, as the framework was published:
// the sections of the CIS benchmark in order, the controls of a level of the
// Pod Security Standards, the risks of OWASP. Those of frameworks that number
// nothing are counted here for them not to get lost.
var sizes = map[string][]int{
	"pss-baseline":   {12},
	"pss-restricted": {12, 7},
	"cis-kubernetes": {21, 30, 7, 2, 7, 3, 2, 10, 14, 1, 13, 12, 2, 2, 1, 4},
	"nsa-cisa":       {8, 10, 4, 4, 2},
	"mitre-attack":   {3, 4, 4, 2, 5, 4, 3, 5},
	"owasp-k8s-2022": {10},
	"owasp-k8s-2025": {10},
	"4cs":            {2, 5, 5, 5},
}

func TestFrameworks(t *testing.T) {
	idForm := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	all := load(t)
	if len(all) != len(sizes) {
		t.Errorf("%d frameworks, %d sizes", len(all), len(sizes))
	}
	for _, f := range all {
		t.Run(f.ID, func(t *testing.T) {
			if !idForm.MatchString(f.ID) || f.Title == "" || f.Version == "" || f.About == "" || !strings.HasPrefix(f.URL, "https://") {
				t.Errorf("%+v", f)
			}
			var got []int
			seen := map[string]bool{}
			for _, s := range f.Sections {
				got = append(got, len(s.Controls))
				if s.Title == "" {
					t.Error("a section has no title")
				}
			}
			if !slices.Equal(got, sizes[f.ID]) {
				t.Errorf("controls by section %v, want %v", got, sizes[f.ID])
			}
			for c := range f.Controls() {
				switch {
				case c.ID == "", c.Title == "", strings.HasSuffix(c.Title, "."):
					t.Errorf("control %q is titled %q", c.ID, c.Title)
				case seen[c.ID]:
					t.Errorf("two controls are %s", c.ID)
				case len(c.Rules) == 0 && c.Reason() == "":
					t.Errorf("%s has neither rules nor a reason", c.ID)
				case c.Manual != "" && c.Live != "":
					t.Errorf("%s is both manual and live", c.ID)
				}
				seen[c.ID] = true
			}
		})
	}
}

// The sections of the benchmark are numbered without gaps.
func TestNumbers(t *testing.T) {
	for _, f := range load(t) {
		if f.ID != "cis-kubernetes" {
			continue
		}
		for _, s := range f.Sections {
			number, _, _ := strings.Cut(s.Title, " ")
			for i, c := range s.Controls {
				if want := number + "." + decimal(i+1); c.ID != want {
					t.Errorf("control %s, want %s", c.ID, want)
				}
			}
		}
	}
}

func decimal(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return decimal(n/10) + decimal(n%10)
}

// Every rule has its place among the 4Cs, but for those about a run.
func TestEveryRuleHasAPlace(t *testing.T) {
	placed := map[string]bool{}
	for _, f := range load(t) {
		if f.ID == "4cs" {
			for c := range f.Controls() {
				for _, r := range c.Rules {
					placed[r] = true
				}
			}
		}
	}
	for _, r := range rules.All() {
		if !placed[r.ID] && r.Family() != suppress.Family {
			t.Errorf("%s is in none of the 4Cs", r.ID)
		}
	}
}

// A framework's ID is a name for --select, which must mean nothing else.
func TestNamesAreFree(t *testing.T) {
	for _, f := range load(t) {
		for _, r := range rules.All() {
			if r.Family() == f.ID || r.ID == f.ID {
				t.Errorf("%s is also %s", f.ID, r.ID)
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := compliance.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
