package sarif

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A consumer that counts in UTF-16 units gets the very bytes that the fix
// command writes.
func TestFixesAreExactToTheByte(t *testing.T) {
	const text = "note: \"😀é\"\r\nspec: {name: '😀', on: true, off: x} # 😀\r\nlast: 1"
	f := source.NewFile("deploy/web.yaml", []byte(text))
	at := func(part string) *source.Span {
		i := strings.Index(text, part)
		return &source.Span{File: f, Start: i, End: i + len(part)}
	}
	spec := graph.NewMap([]graph.Field{
		{Key: "on", Place: at("on"), Node: graph.NewBool(true, at("true"))},
		{Key: "off", Place: at("off"), Node: graph.NewString("x", at("x"))},
	}, at("{name: '😀', on: true, off: x}"))
	r := graph.NewResource("Pod/web", "core/Pod", "web", graph.NewMap([]graph.Field{
		{Key: "spec", Place: at("spec"), Node: spec},
	}, &source.Span{File: f, End: len(text)}), at("note").Origin())
	rule := &analyzers.Rule{ID: "k8s-a", Title: "t", Why: "w", Remedy: "r", Fix: analyzers.Safe, Check: func(p *analyzers.Pass) {
		on := r.At("spec.on")
		p.Report(on, "on").Fix("Switch it off", edit.Set(on, edit.Bool(false)), edit.Remove(r.At("spec.off")), edit.Add(r.Config, "more", edit.Text("y")))
	}}
	pass := analyzers.NewPass(rule, graph.Freeze(), nil)
	rule.Check(pass)
	report := &analyzers.Report{Rules: []*analyzers.Rule{rule}, Findings: pass.Findings()}
	out := write(t, schema(t), report, Options{})
	type region struct{ StartLine, StartColumn, EndLine, EndColumn int }
	var log struct {
		Runs []struct {
			Results []struct {
				Fixes []struct {
					ArtifactChanges []struct {
						Replacements []struct {
							DeletedRegion   region
							InsertedContent struct{ Text string }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	fixes := log.Runs[0].Results[0].Fixes
	if len(fixes) != 1 || len(fixes[0].ArtifactChanges) != 1 {
		t.Fatalf("fixes %+v", fixes)
	}
	units := utf16.Encode([]rune(text))
	offset := func(line, column int) int {
		at := 0
		for ; line > 1; at++ {
			if units[at] == '\n' {
				line--
			}
		}
		return at + column - 1
	}
	changes := fixes[0].ArtifactChanges[0].Replacements
	for _, change := range slices.Backward(changes) { // from behind, so that offsets stay
		d := change.DeletedRegion
		from, to := offset(d.StartLine, d.StartColumn), offset(d.EndLine, d.EndColumn)
		units = append(units[:from:from], append(utf16.Encode([]rune(change.InsertedContent.Text)), units[to:]...)...)
	}
	const want = "note: \"😀é\"\r\nspec: {name: '😀', on: false} # 😀\r\nlast: 1\r\nmore: \"y\""
	if got := string(utf16.Decode(units)); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
