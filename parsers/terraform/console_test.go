package terraform_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// consoleFiles are the files that the expressions of console.txt read.
var consoleFiles = map[string]string{
	"files/a.txt":     "hello\n",
	"files/sub/b.txt": "b",
	"files/bin":       "\xff\xfe",
	"files/t.tftpl": "Hi ${name}%{ if size > 1 } big%{ endif }\n" +
		"%{ for x in list ~}\n- ${x}\n%{ endfor ~}\n",
}

// TestConsole holds the evaluator against what "terraform console" of
// Terraform 1.11.4 says of the expressions in testdata/console.txt: a line with
// the expression, then "= " and its value in JSON, or "!" for an error.
func TestConsole(t *testing.T) {
	data, err := os.ReadFile("testdata/console.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) < 600 || len(lines)%2 != 0 {
		t.Fatalf("%d lines", len(lines))
	}
	for i := 0; i < len(lines); i += 2 {
		expr, want := lines[i], lines[i+1]
		if got := console(t, expr); got != want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", expr, got, want)
		}
	}
}

// console is the value of an expression as JSON, or "!" when it is in error.
func console(t *testing.T, expr string) string {
	t.Helper()
	fsys := fstest.MapFS{}
	names := []string{"main.tf"}
	for name, text := range consoleFiles {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	fsys["main.tf"] = &fstest.MapFile{Data: []byte("output \"o\" {\n  value = jsonencode([" + expr + "])\n}\n")}
	all := load(t, source.NewTree(fsys), names, terraform.Options{Env: []string{"TF_WORKSPACE=default"}})
	var problems []string
	for _, b := range all {
		for _, p := range b.Problems {
			problems = append(problems, p.Message)
		}
	}
	var value graph.Value
	for _, r := range all[len(all)-1].Resources {
		value = r.At("value")
	}
	text, known := value.Text("")
	switch {
	case len(problems) == 0 && known:
		return "= " + strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	case len(problems) > 0:
		return "!"
	}
	return fmt.Sprintf("%q known=%t, problems %q", text, known, problems)
}
