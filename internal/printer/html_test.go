package printer

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// framework asks for what the catalogue of the tests is about.
func framework() *analyzers.Framework {
	return &analyzers.Framework{
		ID: "tests", Title: "Benchmark of <Tests>", Version: "1.0", URL: "https://example.com/?a&b", About: "What tests ask for.",
		Sections: []analyzers.Section{{Title: "1 Containers", Controls: []*analyzers.Control{
			{ID: "1.1", Title: "No privileged containers", Rules: []string{catalogue[0].ID}},
			{ID: "1.2", Title: "Nothing is odd", Rules: []string{"k8s-nothing-like-it", catalogue[2].ID}, Live: "the rest shows live"},
			{ID: "1.3", Title: "There is nothing of this kind", Rules: []string{"k8s-idle"}},
		}}, {Title: "2 Files", Controls: []*analyzers.Control{
			{ID: "2.1", Title: "Files are root's", Live: "shows on the node only"},
			{ID: "2.10", Title: "People agree", Manual: "people have to say"},
			{ID: "2.11", Title: "Not run", Rules: []string{"k8s-not-run"}},
		}}},
	}
}

// assessed is a report with every verdict.
func assessed() *analyzers.Report {
	r := everything()
	r.Rules = append(slices.Clone(r.Rules), &analyzers.Rule{ID: "k8s-idle"}, &analyzers.Rule{ID: "k8s-fine"}, &analyzers.Rule{ID: "k8s-vague"})
	r.Looked = map[string]int{"k8s-fine": 2}
	r.Unsure = append(r.Unsure, &analyzers.Finding{Rule: r.Rules[len(r.Rules)-1], Message: "may be odd"})
	f := framework()
	f.Sections[0].Controls = append(f.Sections[0].Controls,
		&analyzers.Control{ID: "1.4", Title: "All is fine", Rules: []string{"k8s-fine"}, Manual: "people see more"},
		&analyzers.Control{ID: "1.5", Title: "Nothing is vague", Rules: []string{"k8s-vague"}})
	r.Assessments = []*analyzers.Assessment{r.Assess(f), (&analyzers.Report{}).Assess(f)}
	return r
}

var tag = regexp.MustCompile(`^(!DOCTYPE html|/?[a-z][a-z0-9]*( [a-z-]+="[^"<>]*")*)>`)

// Nothing that is quoted becomes markup, and what is opened is closed.
func TestHTMLQuotes(t *testing.T) {
	const evil = `</pre><script>alert(1)</script><img src=x onerror="alert(2)">&amp;`
	f := source.NewFile(evil+".yaml", []byte("a: 1\nb: "+evil+"\nc: \"'`\n"))
	rule := &analyzers.Rule{ID: "k8s-evil", Title: evil, Why: evil + " `" + evil + "`", Remedy: "```sh\n" + evil + "\n```", Severity: analyzers.High}
	finding := &analyzers.Finding{Rule: rule, Message: evil, Resource: resource("helm:"+evil, evil), At: at(f, evil, source.AtToken)}
	finding.Related = []analyzers.Note{{At: at(f, "a", source.AtLine), Text: evil}}
	r := &analyzers.Report{Rules: []*analyzers.Rule{rule}, Findings: []*analyzers.Finding{finding}}
	evilFramework := &analyzers.Framework{ID: evil, Title: evil, About: evil, URL: evil, Sections: []analyzers.Section{{Title: evil, Controls: []*analyzers.Control{{ID: evil, Title: evil, Rules: []string{rule.ID}}}}}}
	r.Assessments = []*analyzers.Assessment{r.Assess(evilFramework)}
	for _, report := range []*analyzers.Report{r, assessed(), nothing(), {}} {
		var b strings.Builder
		if err := HTML(&b, report, Options{Version: "1.2.3"}); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		if strings.Count(out, "<script>") != 1 || strings.Contains(out, "<img") || strings.Contains(out, "onerror=\"") {
			t.Errorf("what is quoted became markup: %s", out)
		}
		head, body, _ := strings.Cut(out, "</style>")
		body, _, _ = strings.Cut(body, "<script>")
		head, _, _ = strings.Cut(head, "<style>")
		var stack []string
		for i, piece := range strings.Split(head+body, "<") {
			if i == 0 {
				continue
			}
			m := tag.FindString(piece)
			if m == "" {
				t.Fatalf("no tag: <%s", piece)
			}
			name := strings.TrimRight(strings.Fields(m)[0], ">")
			switch {
			case strings.HasPrefix(name, "/"):
				if len(stack) == 0 || stack[len(stack)-1] != name[1:] {
					t.Fatalf("<%s> closes %v", name, stack)
				}
				stack = stack[:len(stack)-1]
			case name == "meta", name == "input", name == "wbr", name == "!DOCTYPE":
			default:
				stack = append(stack, name)
			}
		}
		if !slices.Equal(stack, []string{"html", "body"}) { // the script and their ends follow
			t.Errorf("left open: %v", stack)
		}
		if regexp.MustCompile(`<(link|img|iframe|object|embed)| src="|@import|url\(`).MatchString(out) {
			t.Error("the page loads something")
		}
	}
}

// Every link within the page leads somewhere.
func TestHTMLLinks(t *testing.T) {
	var b strings.Builder
	if err := HTML(&b, assessed(), Options{}); err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(b.String(), -1)
	if len(links) < 20 {
		t.Errorf("%d links", len(links))
	}
	for _, m := range links {
		if !strings.Contains(b.String(), ` id="`+m[1]+`"`) {
			t.Errorf("a link leads to %s, which is not there", m[1])
		}
	}
}

// A page shows the worst findings when there are too many for a browser.
func TestHTMLMany(t *testing.T) {
	f := source.NewFile("a.yaml", []byte("a: 1\n"))
	low, high := &analyzers.Rule{ID: "k8s-low", Severity: analyzers.Low}, &analyzers.Rule{ID: "k8s-high", Severity: analyzers.High}
	r := &analyzers.Report{Rules: []*analyzers.Rule{low, high}}
	for i := range maxDetailed + 5 {
		rule := low
		if i > maxDetailed {
			rule = high
		}
		r.Findings = append(r.Findings, &analyzers.Finding{Rule: rule, Message: "m", At: at(f, "a", source.AtToken)})
	}
	var b strings.Builder
	if err := HTML(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "<article"); n != maxDetailed {
		t.Errorf("%d findings are shown", n)
	}
	if n := strings.Count(b.String(), `<article id="f`) - strings.Count(b.String(), `data-severity="low"`); n != 4 {
		t.Errorf("%d of the worst are shown", n)
	}
	if !strings.Contains(b.String(), "5 findings are not shown here") {
		t.Error("the page does not say what it leaves out")
	}
}
