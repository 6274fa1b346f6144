package seaworthy

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/seaworthy-iac/seaworthy"

// parserRow are the parsers, each of which may import those before it.
var parserRow = []string{
	"parsers", "parsers/yamltext", "parsers/hcltext", "parsers/kubernetes", "parsers/helm",
	"parsers/kustomize", "parsers/terraform", "parsers/tfplan", "parsers/cluster", "parsers/image", "parsers/formats",
}

// The floors that more than one package lives on.
const (
	contract  = 20
	facts     = 50
	catalogue = 60
	outputs   = 70
	top       = 80
)

// floor is how high a package lives; imports go down only.
func floor(pkg string) int {
	below := func(dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }
	switch {
	case pkg == "internal/source":
		return 0
	case pkg == "internal/graph":
		return 10
	case pkg == "internal/spelling", pkg == "internal/late", pkg == "internal/wait":
		return 0
	case below("internal/kubeschema"), pkg == "internal/kube", pkg == "internal/edit":
		return 11
	case pkg == "analyzers":
		return contract
	case below("parsers"):
		for i, p := range parserRow { // what a parser is made of is just below it
			if p == pkg {
				return contract + 2*i
			} else if i > 0 && below(p) {
				return contract + 2*i - 1
			}
		}
	case pkg == "analyzers/driver", pkg == "analyzers/ruletest", pkg == "sarif":
		return outputs
	case pkg == "internal/survey", pkg == "internal/migrate": // they write what internal/config reads
		return outputs + 5
	case below("analyzers"):
		return facts
	case below("rules"):
		return catalogue
	case below("cmd"), pkg == "":
		return top
	case below("internal"):
		return outputs
	}
	return -1
}

// TestFloors holds the architecture against what is really imported, because
// lint can be skipped.
func TestFloors(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	rel := func(path string) (string, bool) {
		rest, ours := strings.CutPrefix(path, module)
		return strings.TrimPrefix(rest, "/"), ours
	}
	packages := 0
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		pkg, _ := rel(path)
		packages++
		if floor(pkg) < 0 {
			t.Errorf("%s has no floor: give it one here and in .golangci.yml", pkg)
		}
		for path := range strings.FieldsSeq(imports) {
			imported, ours := rel(path)
			switch {
			case !ours:
				if pkg == "internal/source" && strings.Contains(path, ".") {
					t.Errorf("%s imports %s: the lowest floor has the standard library only", pkg, path)
				}
				if floor(pkg) == catalogue && forbidden[path] {
					t.Errorf("%s imports %s: rules look at the graph only", pkg, path)
				}
			case floor(pkg) == catalogue && strings.HasPrefix(imported, "parsers"):
				t.Errorf("%s imports %s: rules know no formats", pkg, imported)
			case strings.HasPrefix(pkg, "parsers") && strings.HasPrefix(imported, "analyzers"):
				t.Errorf("%s imports %s: parsers know no rules", pkg, imported)
			case floor(pkg) == facts && strings.HasPrefix(imported, "parsers"):
				t.Errorf("%s imports %s: facts know no formats", pkg, imported)
			case floor(imported) > floor(pkg), floor(imported) == floor(pkg) && floor(pkg) == outputs:
				if pkg != "analyzers/ruletest" {
					t.Errorf("%s imports %s: imports go down only", pkg, imported)
				}
			}
		}
	}
	if packages < 10 {
		t.Errorf("go list named %d packages", packages)
	}
}

// TestTriLaw keeps a trap out: "t != graph.True" is true of an answer that is
// not known, so a Tri is compared with == only.
func TestTriLaw(t *testing.T) {
	trap := regexp.MustCompile(`!= graph\.(True|False|Unsure)\b`)
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || path == "floors_test.go" {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for i, line := range strings.Split(string(text), "\n") {
			if trap.MatchString(line) && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%s:%d: compare a Tri with == only: %s", path, i+1, strings.TrimSpace(line))
			}
		}
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%d files looked at: %v", files, err)
	}
}

var forbidden = map[string]bool{"os": true, "net": true, "net/http": true, "io": true, "time": true}
