package survey

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

const chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n"

// shop is a project that has everything.
func shop() fstest.MapFS {
	files := map[string]string{
		"charts/web/Chart.yaml":                chart + "kubeVersion: '>=1.25.0-0'\n",
		"charts/web/values.yaml":               "a: 1\n",
		"charts/web/values-prod.yaml":          "a: 2\n",
		"charts/web/values-staging-eu.yaml":    "a: 2\n",
		"charts/web/values-ha.yaml":            "a: 3\n",
		"charts/web/values-broken.yaml":        "a: [\n",
		"charts/web/ci/minimal-values.yaml":    "a: 4\n",
		"charts/web/values.schema.json":        "{}\n",
		"charts/web/charts/sub/Chart.yaml":     chart,
		"charts/web/charts/sub/values-qa.yaml": "a: 1\n",
		"charts/api/Chart.yaml":                chart,
		"charts/api/values/common.yaml":        "a: 1\n",
		"charts/api/values/dev.yaml":           "a: 1\n",
		"infra/main.tf":                        "variable \"a\" {}\n",
		"infra/terraform.tfvars":               "a = 1\n",
		"infra/x.auto.tfvars":                  "a = 1\n",
		"infra/prod.tfvars":                    "a = 1\n",
		"infra/env/uat.tfvars.json":            "{}\n",
		"infra/env/large.tfvars":               "a = 1\n",
		"infra/vars/dev/terraform.tfvars":      "a = 1\n",
		"infra/modules/other/prod.tfvars":      "a = 1\n",
		"infra/modules/other/main.tf":          "\n",
		"kind-config.yaml":                     "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- image: kindest/node:v1.31.2@sha256:00\n",
		".tool-versions":                       "helm 3.15.0\nkubectl 1.31.0\n",
		".gitattributes":                       "*.gen.yaml linguist-generated\n*.md linguist-vendored=true\n",
		"deploy/x.gen.yaml":                    "a: 1\n",
		"vendor/modules.txt":                   "",
		"vendor/k8s.io/a.yaml":                 "a: 1\n",
		"lib/vendor/b.yaml":                    "a: 1\n",
		"pkg/testdata/charts/x/Chart.yaml":     chart,
		"pkg/testdata/charts/x/values-qa.yaml": "a: 1\n",
		"tests/a.yaml":                         "a: 1\n",
		"tests/fixtures/a.yaml":                "a: 1\n",
		"deploy/.seaworthy.yaml":               "fail-on: high\n",
	}
	return mapped("", files)
}

func mapped(prefix string, files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[prefix+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func look1(t *testing.T, fsys fstest.MapFS, dir string) *Survey {
	t.Helper()
	s, err := Look(source.NewTree(fsys), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLook(t *testing.T) {
	const test = "values that the tests of the chart use"
	const named = "not by its name an environment"
	const common = "supposed to build on charts/api/values/common.yaml"
	want := &Survey{
		Inner: []string{"deploy/.seaworthy.yaml"},
		Roots: map[string]int{"helm": 2, "terraform": 2, "kubernetes": 1},
		Charts: []Environments{
			{"charts/api", []Set{{"dev", []string{"charts/api/values/common.yaml", "charts/api/values/dev.yaml"}, common}}},
			{"charts/web", []Set{
				{"ci-minimal", []string{"charts/web/ci/minimal-values.yaml"}, test},
				{"ha", []string{"charts/web/values-ha.yaml"}, named},
				{"prod", []string{"charts/web/values-prod.yaml"}, ""},
				{"staging-eu", []string{"charts/web/values-staging-eu.yaml"}, ""},
			}},
		},
		Modules: []Environments{
			{"infra", []Set{
				{"dev", []string{"infra/vars/dev/terraform.tfvars"}, ""},
				{"large", []string{"infra/env/large.tfvars"}, named},
				{"prod", []string{"infra/prod.tfvars"}, ""},
				{"uat", []string{"infra/env/uat.tfvars.json"}, ""},
			}},
			{"infra/modules/other", []Set{{"prod", []string{"infra/modules/other/prod.tfvars"}, ""}}},
		},
		Excludes: []Exclude{
			{"*.gen.yaml", "linguist-generated in .gitattributes", true},
			{"/lib/vendor/", "other people's code", false},
			{"/pkg/testdata/", "test data", true},
			{"/tests/", "seems to be test data", false},
			{"/vendor/", "other people's code", true},
		},
		Versions: []Version{
			{"1.31", "kubectl in .tool-versions", false},
			{"1.25", "kubeVersion in charts/web/Chart.yaml", true},
			{"1.31", "the nodes of kind-config.yaml", false},
		},
	}
	if diff := cmp.Diff(want, look1(t, shop(), ".")); diff != "" {
		t.Error(diff)
	}
}

// TestWrittenConfiguration holds what is written against what reads it, as it
// is and with everything switched on.
func TestWrittenConfiguration(t *testing.T) {
	hostile := mapped("", map[string]string{
		"a: b\n#x/Chart.yaml": chart, "a: b\n#x/values-prod.yaml": "a: 1\n", "a: b\n#x/values-\"no\".yaml": "a: 1\n", "a: b\n#x/values-on.yaml": "a: 1\n",
		"- [x]\x1b/tests/a.yaml": "a: 1\n", "1.0/main.tf": "", "1.0/prod, x.tfvars": "", "1.0/qa]: {.tfvars": "",
		".gitattributes": "{*.yaml linguist-generated\n",
	})
	inner := shop()
	inner["deploy/charts/web/Chart.yaml"] = inner["charts/web/Chart.yaml"]
	for name, test := range map[string]struct {
		fsys fstest.MapFS
		dir  string
	}{
		"shop": {shop(), "."}, "hostile": {hostile, "."}, "empty": {mapped("", map[string]string{"a.txt": ""}), "."}, "inner": {inner, "deploy/charts"},
	} {
		t.Run(name, func(t *testing.T) {
			s := look1(t, test.fsys, test.dir)
			var text bytes.Buffer
			if err := s.Write(&text); err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(text.String(), "\n"); first != "# yaml-language-server: $schema="+config.SchemaURL {
				t.Errorf("the first line is %q", first)
			}
			as := func(text string) *config.Config {
				t.Helper()
				test.fsys[test.dir+"/"+config.Name] = &fstest.MapFile{Data: []byte(text)}
				validate(t, text)
				c, err := config.Read(source.NewTree(rooted(test.fsys)), strings.TrimPrefix(test.dir+"/"+config.Name, "./"))
				if err != nil {
					t.Fatalf("%v in\n%s", err, text)
				}
				return c
			}
			is := as(text.String())
			sure, sets := 0, 0
			for _, e := range append(s.Charts, s.Modules...) {
				for _, set := range e.Sets {
					sets++
					if set.Doubt == "" {
						sure++
					}
				}
			}
			if got := count(is); got != sure {
				t.Errorf("%d sets are read, want the %d that are sure; in\n%s", got, sure, text.String())
			}
			if got := as(off.ReplaceAllString(text.String(), "$1")); sets > 1 && count(got) < sets {
				t.Errorf("with everything on %d sets are read, want %d; in\n%s", count(got), sets, off.ReplaceAllString(text.String(), "$1"))
			}
			if s.Version() != is.KubeVersion {
				t.Errorf("the version is read as %q, want %q", is.KubeVersion, s.Version())
			}
		})
	}
}

// off are settings that are commented out.
var off = regexp.MustCompile(`(?m)^#(\S|  )`)

func count(c *config.Config) int {
	n := 0
	for _, all := range []map[string]map[string][]string{c.Helm.Sets, c.Terraform.Sets} {
		for _, sets := range all {
			n += len(sets)
		}
	}
	return n
}

// rooted has files by clean names.
func rooted(fsys fstest.MapFS) fstest.MapFS {
	clean := fstest.MapFS{}
	for name, f := range fsys {
		clean[strings.TrimPrefix(name, "./")] = f
	}
	return clean
}

func TestOuterConfiguration(t *testing.T) {
	s := look1(t, mapped("", map[string]string{".seaworthy.yaml": "fail-on: high", "a/b/x.yaml": "a: 1"}), "a/b")
	if s.Outer != "../../.seaworthy.yaml" {
		t.Errorf("the configuration that counts above is said to be %q", s.Outer)
	}
}

func TestVersionsThatDisagree(t *testing.T) {
	for versions, want := range map[string]string{"1.30": "1.30", "1.30 1.30": "1.30", "1.30 1.31": "", ">1.29": "", ">1.29 1.31": "1.31"} {
		s := &Survey{}
		for v := range strings.FieldsSeq(versions) {
			release, lowest := strings.CutPrefix(v, ">")
			s.Versions = append(s.Versions, Version{Release: release, Lowest: lowest})
		}
		if got := s.Version(); got != want {
			t.Errorf("%s agree on %q, want %q", versions, got, want)
		}
	}
}

// validate holds a configuration against the schema that editors use.
func validate(t *testing.T, text string) {
	t.Helper()
	schema, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(config.SchemaURL, doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(config.SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
}

// FuzzLook holds that whatever files are called and say, a configuration comes
// out that can be read.
func FuzzLook(f *testing.F) {
	f.Add("charts/web/values-prod.yaml", "a: 1", "*.yaml linguist-generated", "kubectl 1.31")
	f.Add("a/b: c\n#/env/prod.tfvars", "a = 1", "{a,[b linguist-vendored", "kubectl 1.99999999999999999999")
	f.Add("kind.yaml", "apiVersion: kind.x-k8s.io/v1\nnodes: [{image: kindest/node:v1.31}]", "", "")
	f.Fuzz(func(t *testing.T, name, text, attributes, tools string) {
		if !fs.ValidPath(name) || name == "." {
			return
		}
		dir := path.Dir(name)
		fsys := fstest.MapFS{
			name: {Data: []byte(text)}, ".gitattributes": {Data: []byte(attributes)}, ".tool-versions": {Data: []byte(tools)},
			path.Join(dir, "Chart.yaml"): {Data: []byte(chart)}, path.Join(path.Dir(dir), "main.tf"): {Data: []byte("")},
		}
		s, err := Look(source.NewTree(fsys), ".")
		if err != nil {
			return // a name that is file and directory
		}
		var out bytes.Buffer
		if err := s.Write(&out); err != nil {
			t.Fatal(err)
		}
		fsys[config.Name] = &fstest.MapFile{Data: out.Bytes()}
		if _, err := config.Read(source.NewTree(fsys), config.Name); err != nil {
			t.Errorf("%v in\n%s", err, out.String())
		}
	})
}
