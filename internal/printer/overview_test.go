package printer

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// many is a report with more than one can read through.
func many() *analyzers.Report {
	f := source.NewFile("a.yaml", []byte("key: value\n"))
	r := &analyzers.Report{Roots: []string{"kubernetes:."}, Resources: 1}
	for i := range 13 {
		rule := &analyzers.Rule{ID: fmt.Sprintf("k8s-rule-%c", 'a'+i), Severity: analyzers.Severity(i % 5)}
		r.Rules = append(r.Rules, rule)
		for range 5 + i%3 {
			r.Findings = append(r.Findings, &analyzers.Finding{Rule: rule, Message: "bad", At: at(f, "value", source.AtToken)})
		}
	}
	return r
}

func TestManyFindings(t *testing.T) {
	golden(t, "text-many", func(w io.Writer) error { return Text(w, many(), Options{}) })
	var quiet strings.Builder
	if err := Text(&quiet, many(), Options{Quiet: true}); err != nil || strings.Contains(quiet.String(), "findings") {
		t.Errorf("a table in spite of Quiet, or %v", err)
	}
}

// TestWidth holds that what stands below a finding keeps to the width. The
// finding's own line and further places do not: matchers and terminals read
// them by the line.
func TestWidth(t *testing.T) {
	for _, width := range []int{60, 80, 140} {
		var out strings.Builder
		if err := Text(&out, everything(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			place := strings.HasPrefix(line, "  = ") && strings.Contains(line, ": ") && !strings.HasPrefix(line, "  = also")
			if strings.HasPrefix(line, "  ") && !place && columns(line) > width {
				t.Errorf("at %d columns a line has %d: %s", width, columns(line), line)
			}
		}
	}
}
