package ruletest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
)

// fixed starts the name of a section with a file after the fixes.
const fixed = "@fix/"

var update = flag.Bool("update", false, "write the "+fixed+" sections of fixtures anew")

// fixes holds the fixes of a rule against the fixture's sections.
func fixes(t *testing.T, rule *analyzers.Rule, x driver.Fixer, archive *txtar.Archive, path string) {
	out, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range out.Done {
		if rule.Fix == analyzers.NoFix {
			t.Errorf("%s: a fix is attached, but the rule's Fix says there is none", where(one.At))
			return
		}
	}
	if *update {
		rewrite(t, archive, path, out.Texts)
		return
	}
	want := map[string][]byte{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, fixed); ok {
			want[name] = f.Data
		}
	}
	if rule.Fix != analyzers.NoFix && len(want) == 0 {
		t.Errorf("the rule has a fix and the fixture no %s section; look at what -update writes", fixed)
	}
	for name, text := range out.Texts {
		if !bytes.Equal(want[name], text) {
			t.Errorf("%s after the fixes is not what the section says:\n%s", name, text)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s is not changed by fixes", name)
	}
	again(t, x, out)
}

// again scans what was fixed with nothing known from before, and fixes it once
// more.
func again(t *testing.T, x driver.Fixer, first driver.Fixed) {
	if len(first.Done) == 0 {
		return
	}
	x.Load.Tree = x.Load.Tree.With(first.Texts)
	second, err := x.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for name := range second.Texts {
		t.Errorf("%s is changed by fixing once more", name)
	}
	for _, f := range second.Report.Findings {
		for _, one := range first.Done {
			if f.Path == one.Path && f.Resource != nil && f.Resource.ID == one.Resource.ID && f.Resource.Root == one.Resource.Root && where(f.At) == where(one.At) {
				t.Errorf("%s: still found after its fix: %s", where(f.At), f.Message)
			}
		}
	}
}

// rewrite puts the files after the fixes into the fixture.
func rewrite(t *testing.T, archive *txtar.Archive, path string, texts map[string][]byte) {
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, fixed) })
	for _, f := range slices.Clone(archive.Files) {
		if text, ok := texts[f.Name]; ok {
			archive.Files = append(archive.Files, txtar.File{Name: fixed + f.Name, Data: text})
		}
	}
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil { //nolint:gosec // a fixture, for all to read
		t.Fatal(err)
	}
}
