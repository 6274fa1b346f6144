package terraform_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

func call(dir string) string { return "module \"m\" {\n  source = \"" + dir + "\"\n}\n" }

func TestRoots(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		only  []string // the files to analyse; all when nil
		want  []string
	}{
		"a module is no root": {
			files: map[string]string{"live/main.tf": call("../modules/a"), "modules/a/main.tf": call("./b"), "modules/a/b/main.tf": "", "alone/main.tofu": ""},
			want:  []string{"terraform:alone", "terraform:live"},
		},
		"examples call the module above them": {
			files: map[string]string{"main.tf": "", "examples/x/main.tf": call("../../"), "examples/y/main.tf.json": `{"module": {"m": {"source": "../.."}}}`},
			want:  []string{"terraform:examples/x", "terraform:examples/y"},
		},
		"a circle has a root all the same": {
			files: map[string]string{"a/main.tf": call("../b"), "b/main.tf": call("../a"), "self/main.tf": call("../self")},
			want:  []string{"terraform:a", "terraform:self"},
		},
		"the caller is not among the files": {
			files: map[string]string{"live/main.tf": call("../m"), "m/main.tf": ""},
			only:  []string{"m/main.tf"},
			want:  []string{"terraform:m"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			var files []string
			for name, text := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
				files = append(files, name)
			}
			slices.Sort(files)
			if tt.only != nil {
				files = tt.only
			}
			p := parsers.NewProject(source.NewTree(fsys), files)
			var got []string
			for _, r := range terraform.New(terraform.Options{}).Roots(p, &graph.Builder{}) {
				got = append(got, r.ID())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, f := range files {
				if !p.Claimed(f) {
					t.Errorf("%s is not claimed", f)
				}
			}
		})
	}
}

func TestReads(t *testing.T) {
	read := func(expr string) string { return "resource \"x\" \"y\" {\n  a = " + expr + "\n}\n" }
	for name, tt := range map[string]struct {
		main     string
		yes, not []string
	}{
		"modules and what is below": {
			main: call("../m") + read(`file("${path.module}/policies/a.json")`),
			yes:  []string{"live/main.tf", "live/x.tfvars", "live/policies/a.json", "m/main.tf"},
			not:  []string{"other/main.tf", "main.tf"},
		},
		"a file above": {
			main: read(`file("../shared/a.json")`),
			yes:  []string{"live/main.tf", "shared/a.json"},
		},
		"a file anywhere": {
			main: read(`templatefile(var.path, {})`),
			yes:  []string{"shared/a.json"},
		},
		"a variable file": {
			yes: []string{"vars/prod.tfvars"},
			not: []string{"vars/test.tfvars"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{
				"live/main.tf": &fstest.MapFile{Data: []byte(tt.main)},
				"m/main.tf":    &fstest.MapFile{},
			}
			p := parsers.NewProject(source.NewTree(fsys), []string{"live/main.tf", "m/main.tf"})
			roots := terraform.New(terraform.Options{Given: terraform.GivenFiles([]string{"vars/prod.tfvars"})}).Roots(p, &graph.Builder{})
			live := roots[0]
			for _, name := range tt.yes {
				if !live.Reads(name) {
					t.Errorf("does not read %s", name)
				}
			}
			for _, name := range tt.not {
				if live.Reads(name) {
					t.Errorf("reads %s", name)
				}
			}
		})
	}
}

// TestTree holds that nothing outside the tree is read, not through a link either.
func TestTree(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/secret.json", `{"secret": true}`)
	write(t, dir+"/tree/main.tf", `
resource "x" "y" {
  a = file("../secret.json")
  b = file("link.json")
  c = file("`+dir+`/secret.json")
  d = fileset("..", "*")
  e = templatefile("link.json", {})
}
module "m" {
  source = "./linked"
}
`)
	link(t, dir+"/secret.json", dir+"/tree/link.json")
	link(t, dir, dir+"/tree/linked")
	tree, err := source.OpenTree(dir + "/tree")
	if err != nil {
		t.Fatal(err)
	}
	var y *graph.Resource
	problems := 0
	for _, b := range load(t, tree, []string{"main.tf"}, terraform.Options{}) {
		problems += len(b.Problems)
		for _, r := range b.Resources {
			if r.ID == "x.y" {
				y = r
			}
		}
	}
	for key, v := range y.Config.Entries() {
		if v.Kind() != graph.Unknown {
			t.Errorf("%s is read: %s", key, v.Kind())
		}
	}
	if problems != 6 {
		t.Errorf("%d problems, want one for each", problems)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}
