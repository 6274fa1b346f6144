package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A tracedPlace is a link of a chain as blame's JSON has it.
type tracedPlace struct {
	File      string `json:"file"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Step      string `json:"step"`
	Role      string `json:"role"`
	Exact     string `json:"exact"`
	Depth     int    `json:"depth"`
}

type tracedField struct {
	Path     string          `json:"path"`
	Value    json.RawMessage `json:"value"`
	Unknown  bool            `json:"unknown"`
	Chain    []tracedPlace   `json:"chain"`
	Document *tracedDocument `json:"document"`
}

type tracedDocument struct {
	Fields []tracedField `json:"fields"`
	Blocks []tracedField `json:"blocks"`
}

type tracedResource struct {
	Resource string `json:"resource"`
	Root     string `json:"root"`
	Type     string `json:"type"`
	tracedDocument
}

// blameJSON is what blame says of a directory.
func blameJSON(t *testing.T, args ...string) []tracedResource {
	t.Helper()
	var out, messages bytes.Buffer
	code := run(append([]string{"blame", "--format", "json"}, args...), &out, &messages)
	// Projects of the corpus may lack charts that they download.
	corpus := os.Getenv("SEAWORTHY_CORPUS")
	lacking := code == exitIncomplete && corpus != "" && strings.HasPrefix(args[0], corpus)
	if code != exitClean && !lacking {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	var traced struct {
		Format    int              `json:"format"`
		Resources []tracedResource `json:"resources"`
	}
	if err := json.Unmarshal(out.Bytes(), &traced); err != nil {
		t.Fatal(err)
	}
	if traced.Format != 1 {
		t.Errorf("format %d", traced.Format)
	}
	return traced.Resources
}

// about are the links of everything in the document that a path leads to, of
// what is around it and of what is in it.
func (d tracedDocument) about(path string) []tracedPlace {
	var places []tracedPlace
	within := func(a, b string) bool { // a is b or in it
		rest, ok := strings.CutPrefix(a, b)
		return ok && (b == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	for _, f := range slices.Concat(d.Fields, d.Blocks) {
		if !within(f.Path, path) && !within(path, f.Path) {
			continue
		}
		places = append(places, f.Chain...)
		if f.Document != nil {
			places = append(places, f.Document.about("")...)
		}
	}
	return places
}

// Every place that a finding shows is one that blame shows of the same value,
// of what is in it or of what it is in.
func TestBlameShowsWhatFindingsShow(t *testing.T) {
	projects, err := filepath.Glob("../../fixtures/projects/*")
	if err != nil || len(projects) < 3 {
		t.Fatalf("projects %v: %v", projects, err)
	}
	if corpus := os.Getenv("SEAWORTHY_CORPUS"); corpus != "" {
		entries, err := os.ReadDir(corpus)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				projects = append(projects, filepath.Join(corpus, e.Name()))
			}
		}
	}
	for _, project := range projects {
		t.Run(filepath.Base(project), func(t *testing.T) { showsWhatFindingsShow(t, project) })
	}
}

type reportedPlace struct {
	File       string
	Start, End struct{ Line, Column int }
}

type reportedLink struct {
	Step, Role string
	Location   *reportedPlace
}

// shows tells whether a place is one of those, or in one.
func shows(places []tracedPlace, at *reportedPlace, step, role string) bool {
	return at == nil || slices.ContainsFunc(places, func(p tracedPlace) bool {
		starts := p.Line < at.Start.Line || p.Line == at.Start.Line && p.Column <= at.Start.Column
		ends := p.EndLine > at.End.Line || p.EndLine == at.End.Line && p.EndColumn >= at.End.Column
		return p.File == at.File && starts && ends && (step == "" || p.Step == step && p.Role == role)
	})
}

func showsWhatFindingsShow(t *testing.T, project string) {
	resources := blameJSON(t, project)
	byID := map[string][]tracedResource{} // files that are not applied together may have the same
	for _, r := range resources {
		byID[r.Root+" "+r.Resource] = append(byID[r.Root+" "+r.Resource], r)
	}
	var out bytes.Buffer
	run([]string{"scan", project, "--select", "all", "--format", "json"}, &out, io.Discard)
	var report struct {
		Findings []struct {
			Rule, Resource, Root, Path string
			Absent                     bool
			Location                   *reportedPlace
			Chain                      []reportedLink
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	present, absent, asked := 0, 0, map[string]bool{}
	for _, f := range report.Findings {
		if f.Location == nil || f.Resource == "" {
			continue
		}
		named := byID[f.Root+" "+f.Resource]
		if f.Absent {
			// Of these the branches that were not taken are shown on request.
			told := slices.ContainsFunc(f.Chain, func(l reportedLink) bool { return l.Role == "not-rendered" || l.Role == "overrides" })
			if asked[f.Rule] || told && len(asked) >= 4 {
				continue
			}
			if told {
				asked[f.Rule] = true
				named = nil
				for _, r := range blameJSON(t, project, "--resource", f.Resource, "--field", f.Path) {
					if r.Root == f.Root {
						named = append(named, r)
					}
				}
			}
			absent++
		} else {
			present++
		}
		if len(named) == 0 {
			t.Errorf("%s: blame does not know %s in %s", f.Rule, f.Resource, f.Root)
			continue
		}
		var fewest []string
		for i, r := range named {
			about := r.about(f.Path)
			var hidden []string
			if !shows(about, f.Location, "", "") {
				hidden = append(hidden, fmt.Sprintf("%+v", *f.Location))
			}
			for _, l := range f.Chain {
				if !shows(about, l.Location, l.Step, l.Role) {
					hidden = append(hidden, fmt.Sprintf("%s %s %+v", l.Role, l.Step, *l.Location))
				}
			}
			if i == 0 || len(hidden) < len(fewest) {
				fewest = hidden
			}
		}
		for _, h := range fewest {
			t.Errorf("%s: %s of %s: blame does not show %s", f.Rule, f.Path, f.Resource, h)
		}
	}
	t.Logf("%d findings about what is there, %d about what is not", present, absent)
	if present == 0 {
		t.Error("no finding about something that is there")
	}
}

// The offsets are those of the lines and columns, and every value has a place.
func TestBlamePlaces(t *testing.T) {
	fields := 0
	for _, r := range blameJSON(t, "../../fixtures/projects") {
		for _, f := range r.Fields {
			fields++
			if len(f.Chain) == 0 {
				t.Errorf("%s in %s: %s has no place", r.Resource, r.Root, f.Path)
			}
			if f.Unknown != (f.Value == nil) {
				t.Errorf("%s in %s: %s is %s, unknown %v", r.Resource, r.Root, f.Path, f.Value, f.Unknown)
			}
			for i, p := range f.Chain {
				if p.File != "" && (p.Start > p.End || p.Line > p.EndLine || p.Line == p.EndLine && p.EndColumn-p.Column > p.End-p.Start) || (i == 0) != (p.Depth == 0) {
					t.Errorf("%s in %s: %s: %+v", r.Resource, r.Root, f.Path, p)
				}
			}
		}
	}
	if fields < 100 {
		t.Errorf("%d fields", fields)
	}
}

func TestBlameSameBytesTwice(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var runs [2]strings.Builder
		for i := range runs {
			run([]string{"blame", "../../fixtures/projects", "--format", format}, &runs[i], io.Discard)
		}
		if runs[0].String() != runs[1].String() || runs[0].Len() == 0 {
			t.Errorf("%s: two runs differ or say nothing", format)
		}
	}
}
