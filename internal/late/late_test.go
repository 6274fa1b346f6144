package late_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

func TestPatternIsOne(t *testing.T) {
	word := late.Pattern(`^\w+$`)
	if first := word(); first != word() || !word().MatchString("sail") || word().MatchString("set sail") {
		t.Error("a pattern is not the regular expression that was written")
	}
}

// TestPatternsCompile does what the compiler and linters do for
// regexp.MustCompile: a pattern that is none would be found only by who needs
// it.
func TestPatternsCompile(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "Pattern" {
				return true
			}
			if of, ok := fun.X.(*ast.Ident); !ok || of.Name != "late" {
				return true
			}
			found++
			at := files.Position(call.Pos())
			literal, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: the pattern is not written there", at)
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil {
				_, err = regexp.Compile(text)
			}
			if err != nil {
				t.Errorf("%s: %v", at, err)
			}
			return true
		})
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d patterns found: %v", found, err)
	}
}
