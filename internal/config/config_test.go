package config

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

func tree(files map[string]string) *source.Tree {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return source.NewTree(fsys)
}

const full = `# everything
extends: base.yaml
select: [recommended, "aws-*"]
ignore:
  - k8s-image-latest
  - rules: [k8s-host-network, k8s-host-pid]
    paths: [charts/node/**]
    resources: DaemonSet/*
    reason: needs the host
    until: 2027-01-31
severity:
  k8s-host-pid: critical
params:
  k8s-registry: {allowed: [registry.example.com], strict: true, depth: 2}
exclude: [testdata/, "*.gen.yaml", "!keep.gen.yaml"]
frameworks: cis-kubernetes
fail-on: medium
kube-version: 1.30
require-reason: true
foreign-ignores: false
helm:
  namespace: shop
  values: [common.yaml]
  sets:
    charts/web:
      prod: [prod.yaml, secrets.yaml]
      default: []
terraform:
  var-files: [all.tfvars]
  sets:
    "envs/*": {prod: prod.tfvars}
`

func TestRead(t *testing.T) {
	c, err := Read(tree(map[string]string{
		"a/.seaworthy.yaml": full,
		"a/base.yaml":       "extends: ../common.yaml\nselect: strict\nexclude: vendor/\nfail-on: high\nseverity: {k8s-host-ipc: low, k8s-host-pid: low}",
		"common.yaml":       "ignore: [aws-s3-versioning]\nhelm: {values: top.yaml}\n",
	}), "a/.seaworthy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	no := false
	want := &Config{
		Dir: "a", Select: []string{"recommended", "aws-*"},
		Ignore: []Ignore{
			{Rules: []string{"aws-s3-versioning"}},
			{Rules: []string{"k8s-image-latest"}},
			{Rules: []string{"k8s-host-network", "k8s-host-pid"}, Paths: []string{"a/charts/node/**"}, Resources: []string{"DaemonSet/*"}, Reason: "needs the host", Until: "2027-01-31"},
		},
		Severity:   map[string]string{"k8s-host-ipc": "low", "k8s-host-pid": "critical"},
		Params:     map[string]map[string]any{"k8s-registry": {"allowed": []any{"registry.example.com"}, "strict": true, "depth": 2.0}},
		Exclude:    []string{"/a/**/vendor/", "/a/**/testdata/", "/a/**/*.gen.yaml", "!/a/**/keep.gen.yaml"},
		Frameworks: []string{"cis-kubernetes"}, FailOn: "medium", KubeVersion: "1.30", RequireReason: true, ForeignIgnores: &no,
		Helm: Helm{
			Namespace: "shop", Values: []string{"top.yaml", "a/common.yaml"},
			Sets: map[string]map[string][]string{"a/charts/web": {"prod": {"a/prod.yaml", "a/secrets.yaml"}, "default": nil}},
		},
		Terraform: Terraform{
			VarFiles: []string{"a/all.tfvars"},
			Sets:     map[string]map[string][]string{"a/envs/*": {"prod": {"a/prod.tfvars"}}},
		},
	}
	ignored := cmp.Options{cmpopts.IgnoreFields(Config{}, "File"), cmpopts.IgnoreFields(Ignore{}, "At"), cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, c, ignored); diff != "" {
		t.Error(diff)
	}
	if at := c.Ignore[2].At.Span.From().Line; at != 6 {
		t.Errorf("the third entry is said to be in line %d", at)
	}
	if got := c.Where("params", "k8s-registry", "nosuch"); got != "a/.seaworthy.yaml:14:17" {
		t.Errorf("parameters are said to be at %s", got)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string][]string{
		"selct: [all]":                         {`c.yaml:1:1: unknown key "selct"; did you mean "select"?`},
		"a: 1\nhelm:\n  nmespace: b":           {`c.yaml:1:1: unknown key "a"; there are extends, select`, `c.yaml:3:3: unknown key "nmespace"; did you mean "namespace"?`},
		"select: {a: b}":                       {`c.yaml:1:9: "select" has to be a list, not a map`},
		"fail-on: bad":                         {`c.yaml:1:10: "fail-on": unknown severity "bad"`},
		"severity: {a: b}":                     {`c.yaml:1:15: "a": unknown severity "b"`},
		"severity: high":                       {`c.yaml:1:11: "severity" has to be a mapping, not a string`},
		"ignore:\n- rules: [a]\n  until: soon": {`c.yaml:3:10: "until": "soon" is no day`},
		"ignore:\n- paths: [a]":                {`c.yaml:2:3: "rules" is missing in "ignore"`},
		"ignore:\n- [a]":                       {`c.yaml:2:3: "ignore" has to be a mapping, not a list`},
		"require-reason: 1":                    {`c.yaml:1:17: "require-reason" has to be true or false`},
		"select: all\nselect: all":             {`c.yaml:2:1: "select" stands here twice`},
		"- a":                                  {`c.yaml:1:1: the configuration has to be a mapping, not a list`},
		"select: [":                            {`c.yaml:1`},
		"select: all\n---\nselect: all":        {`c.yaml:2:1: there is more than one document`},
		"select: [[a]]":                        {`c.yaml:1:10: "select" has to be a text, not a list`},
	} {
		_, err := Parse(source.NewFile("c.yaml", []byte(text)))
		if err == nil {
			t.Errorf("%q is read without complaint", text)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %q", text, err, w)
			}
		}
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "select:\n"} {
		if _, err := Parse(source.NewFile("c.yaml", []byte(text))); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Read(tree(map[string]string{"a.yaml": "extends: b.yaml", "b.yaml": "extends: [a.yaml]"}), "a.yaml"); err == nil || !strings.Contains(err.Error(), "a.yaml extends itself: a.yaml → b.yaml → a.yaml") {
		t.Errorf("a cycle: %v", err)
	}
	if _, err := Read(tree(map[string]string{"a.yaml": "extends: ../../etc/passwd"}), "a.yaml"); err == nil {
		t.Error("a file outside the tree is read")
	}
}

func TestFind(t *testing.T) {
	f := NewFinder(tree(map[string]string{
		Name: "fail-on: high", "a/b/" + Name: "fail-on: low", "a/x.yaml": "", "c/" + Name: "nosuch: 1",
	}), nil)
	for dir, want := range map[string]string{".": "high", "a": "high", "a/b": "low", "a/b/c/d": "low", "c": ""} {
		if got := f.At(dir).FailOn; got != want {
			t.Errorf("%s: fail-on %q, want %q", dir, got, want)
		}
	}
	if err := f.Err(); err == nil || strings.Count(err.Error(), "unknown key") != 1 {
		t.Errorf("what is wrong: %v", err)
	}
}

// TestSchema holds the schema against what is read.
func TestSchema(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{
		full: true, "null": true, "select: all": true, "selct: all": false, "fail-on: bad": false, "ignore: [{paths: [a]}]": false,
		"ignore: [a, {rules: b}]": true, "require-reason: 1": false, "helm: {sets: {a: {b: [c]}}}": true, "helm: {sets: {a: [c]}}": false,
	} {
		root := yamltext.Parse(source.NewFile("c.yaml", []byte(text)), nil)[0].Root
		if err := s.Validate(plain(root)); (err == nil) != ok {
			t.Errorf("%q: %v, want ok: %v", text, err, ok)
		}
		if _, err := Parse(source.NewFile("c.yaml", []byte(text))); (err == nil) != ok {
			t.Errorf("%q is read with %v, want ok: %v", text, err, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("ignore: [a, {rules: b}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(source.NewFile("c.yaml", []byte(text)))
		if (c == nil) == (err == nil) && err == nil {
			t.Error("neither a configuration nor an error")
		}
	})
}
