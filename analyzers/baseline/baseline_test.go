package baseline_test

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/baseline"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// project has faults of all formats: two containers, two overlays, a for_each.
var project = map[string]string{
	"app.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      hostPID: true
      containers:
      - name: app
        image: example.com/app:latest
        securityContext:
          privileged: true
        ports:
        - containerPort: 8080
          hostPort: 80
      - name: log
        image: example.com/log:1.2.3
        securityContext:
          privileged: true
`,
	"base/kustomization.yaml": "resources: [pod.yaml]\n",
	"base/pod.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: job
spec:
  hostNetwork: true
  containers:
  - name: job
    image: example.com/job:1.0.0
`,
	"overlays/dev/kustomization.yaml":  "resources: [../../base]\nnamespace: dev\n",
	"overlays/prod/kustomization.yaml": "resources: [../../base]\nnamespace: prod\n",
	"chart/Chart.yaml":                 "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
	"chart/values.yaml":                "hostIPC: true\nreplicas: 2\n",
	"chart/templates/pod.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: charted
  namespace: shop
spec:
  hostIPC: {{ .Values.hostIPC }}
  containers: []
`,
	"infra/main.tf": `locals {
  names = toset(["a", "b"])
}

resource "aws_ebs_volume" "data" {
  for_each          = local.names
  availability_zone = "eu-west-1a"
  size              = 10
  encrypted         = false
}

resource "aws_security_group" "web" {
  description = "web"

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
`,
}

var selected = []string{
	"k8s-host-pid", "k8s-host-ipc", "k8s-host-network", "k8s-host-port", "k8s-privileged-container", "k8s-image-latest",
	"k8s-memory-limit-missing", "aws-ebs-volume-unencrypted", "aws-security-group-ssh-open", "aws-security-group-rdp-open",
}

func scan(t *testing.T, files map[string]string, filter driver.Filter) []*analyzers.Finding {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	loaded, err := driver.Load{Tree: source.NewTree(fsys), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link}.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	some, err := driver.Select(rules.All(), nil, selected, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := driver.RunPolicies(loaded, []driver.Policy{{Rules: some}}, nil, filter)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Errorf("problem: %s", p.Message)
	}
	return report.Findings
}

type collector struct{ *baseline.Set }

func (c collector) Filter(f []*analyzers.Finding) []*analyzers.Finding {
	c.Add(f)
	return f
}

// written is the baseline of the project, as a file has it.
func written(t *testing.T) []byte {
	t.Helper()
	set := baseline.New()
	if found := scan(t, project, collector{set}); len(found) < 10 {
		t.Fatalf("the project has %d findings only", len(found))
	}
	var text bytes.Buffer
	if err := set.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func against(t *testing.T, text []byte, files map[string]string) (fresh []*analyzers.Finding, fixed int) {
	t.Helper()
	set, err := baseline.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	fresh = scan(t, files, set)
	return fresh, len(set.Fixed(func(string, string) bool { return true }))
}

// An edit changes the project.
type edit func(files map[string]string)

func replace(file, old, text string) edit {
	return func(files map[string]string) {
		if !strings.Contains(files[file], old) {
			panic(file + " does not have " + old)
		}
		files[file] = strings.Replace(files[file], old, text, 1)
	}
}

func rename(from, to string) edit {
	return func(files map[string]string) {
		for name, text := range maps.Clone(files) {
			if rest, ok := strings.CutPrefix(name, from); ok {
				delete(files, name)
				files[to+rest] = text
			}
		}
	}
}

func both(edits ...edit) edit {
	return func(files map[string]string) {
		for _, e := range edits {
			e(files)
		}
	}
}

func put(file, text string) edit { return func(files map[string]string) { files[file] = text } }

const logContainer = `      - name: log
        image: example.com/log:1.2.3
        securityContext:
          privileged: true
`

// TestHarmlessEdits has edits after which nothing is new and nothing is gone.
func TestHarmlessEdits(t *testing.T) {
	text := written(t)
	for name, e := range map[string]edit{
		"nothing":                       func(map[string]string) {},
		"a comment on top":              replace("app.yaml", "apiVersion", "# what it is\n\napiVersion"),
		"a comment behind":              replace("app.yaml", "hostPID: true", "hostPID: true # known"),
		"blank lines":                   replace("app.yaml", "    spec:\n", "\n    spec:\n\n"),
		"quotes":                        replace("app.yaml", "image: example.com/app:latest", `image: "example.com/app:latest"`),
		"another way to write true":     replace("app.yaml", "hostPID: true", "hostPID: True"),
		"flow style":                    replace("app.yaml", "        securityContext:\n          privileged: true\n        ports:", "        securityContext: {privileged: true}\n        ports:"),
		"keys in another order":         replace("app.yaml", "  name: web\n  namespace: shop\n", "  namespace: shop\n  name: web\n"),
		"containers in another order":   both(replace("app.yaml", logContainer, ""), replace("app.yaml", "      containers:\n", "      containers:\n"+logContainer)),
		"a container in front":          replace("app.yaml", "      containers:\n", "      containers:\n      - name: first\n        image: example.com/first:1.0.0\n        resources: {limits: {memory: 1Gi}}\n"),
		"a renamed file":                rename("app.yaml", "web.yaml"),
		"a file in another directory":   rename("app.yaml", "deploy/k8s/app.yaml"),
		"another document in front":     replace("app.yaml", "apiVersion", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n---\napiVersion"),
		"an object split off":           put("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n"),
		"a renamed overlay":             rename("overlays/prod/", "overlays/production/"),
		"a renamed base":                both(rename("base/", "common/"), replace("overlays/dev/kustomization.yaml", "base", "common"), replace("overlays/prod/kustomization.yaml", "base", "common")),
		"a renamed chart directory":     rename("chart/", "charts/web/"),
		"values in another order":       put("chart/values.yaml", "replicas: 2\n# shared memory\nhostIPC: true\n"),
		"a value moved into a template": replace("chart/templates/pod.yaml", "{{ .Values.hostIPC }}", "true"),
		"terraform fmt":                 replace("infra/main.tf", "  encrypted         = false", "  encrypted = false"),
		"blocks in another order":       both(replace("infra/main.tf", "locals {\n  names = toset([\"a\", \"b\"])\n}\n\n", ""), func(f map[string]string) { f["infra/main.tf"] += "\nlocals {\n  names = toset([\"a\", \"b\"])\n}\n" }),
		"a block in another file":       both(replace("infra/main.tf", "locals {\n  names = toset([\"a\", \"b\"])\n}\n", ""), put("infra/locals.tf", "locals {\n  names = toset([\"b\", \"a\"])\n}\n")),
		"a value through a variable":    both(replace("infra/main.tf", "= false", "= var.encrypted"), put("infra/variables.tf", "variable \"encrypted\" {\n  default = false\n}\n")),
		"CRLF":                          func(f map[string]string) { f["app.yaml"] = strings.ReplaceAll(f["app.yaml"], "\n", "\r\n") },
		"another attribute":             replace("infra/main.tf", "size              = 10", "size              = 20"),
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(project)
			e(files)
			fresh, fixed := against(t, text, files)
			for _, f := range fresh {
				t.Errorf("new: %s [%s]", f.Text(), f.Rule.ID)
			}
			if fixed > 0 {
				t.Errorf("%d findings are said to be gone", fixed)
			}
		})
	}
}

// TestNewFindings has edits that make exactly one new finding each, and what it is.
func TestNewFindings(t *testing.T) {
	text := written(t)
	prod := "overlays/prod/kustomization.yaml"
	for name, c := range map[string]struct {
		edit edit
		want string
		gone int
	}{
		"another field":                   {replace("app.yaml", "hostPID: true", "hostPID: true\n      hostIPC: true"), "k8s-host-ipc Deployment/shop/web", 0},
		"another tag":                     {replace("app.yaml", "example.com/log:1.2.3", "example.com/log:latest"), "k8s-image-latest Deployment/shop/web", 0},
		"another image, still latest":     {replace("app.yaml", "example.com/app:latest", "example.com/other:latest"), "k8s-image-latest Deployment/shop/web", 1},
		"another port":                    {replace("app.yaml", "hostPort: 80", "hostPort: 80\n        - containerPort: 9090\n          hostPort: 443"), "k8s-host-port Deployment/shop/web", 0},
		"a renamed container":             {replace("app.yaml", "image: example.com/log:1.2.3\n        securityContext:\n          privileged: true", "image: example.com/log:1.2.3\n        resources: {limits: {memory: 1Gi}}\n      - name: more\n        image: example.com/more:1.0.0\n        resources: {limits: {memory: 1Gi}}\n        securityContext:\n          privileged: true"), "k8s-privileged-container Deployment/shop/web", 2},
		"another container":               {replace("app.yaml", logContainer, logContainer+"      - name: more\n        image: example.com/more:1.0.0\n"), "k8s-memory-limit-missing Deployment/shop/web", 0},
		"an init container":               {replace("app.yaml", "      containers:\n", "      initContainers:\n      - name: init\n        image: example.com/init:latest\n        resources: {limits: {memory: 1Gi}}\n      containers:\n"), "k8s-image-latest Deployment/shop/web", 0},
		"another object":                  {put("b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: shop}\nspec: {hostPID: true, containers: []}\n"), "k8s-host-pid Pod/shop/b", 0},
		"another namespace":               {put("b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: charted, namespace: other}\nspec: {hostIPC: true, containers: []}\n"), "k8s-host-ipc Pod/other/charted", 0},
		"the same object elsewhere":       {put("b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: charted, namespace: shop}\nspec: {hostIPC: true, containers: []}\n"), "k8s-host-ipc Pod/shop/charted", 0},
		"another kind":                    {put("b.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: web, namespace: shop}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostPID: true, containers: []}}}\n"), "k8s-host-pid DaemonSet/shop/web", 0},
		"a third overlay":                 {put("overlays/test/kustomization.yaml", "resources: [../../base]\nnamespace: test\npatches:\n- target: {kind: Pod}\n  patch: |\n    - op: add\n      path: /spec/containers/0/resources\n      value: {limits: {memory: 1Gi}}\n"), "k8s-host-network Pod/test/job", 0},
		"a third overlay, same namespace": {put("overlays/test/kustomization.yaml", "resources: [../../base]\nnamespace: prod\npatches:\n- target: {kind: Pod}\n  patch: |\n    - op: add\n      path: /spec/containers/0/resources\n      value: {limits: {memory: 1Gi}}\n"), "k8s-host-network Pod/prod/job", 0},
		"a patch in one overlay":          {put(prod, "resources: [../../base]\nnamespace: prod\npatches:\n- target: {kind: Pod}\n  patch: |\n    - op: add\n      path: /spec/hostPID\n      value: true\n"), "k8s-host-pid Pod/prod/job", 0},
		"images in one overlay":           {put(prod, "resources: [../../base]\nnamespace: prod\nimages: [{name: example.com/job, newTag: latest}]\n"), "k8s-image-latest Pod/prod/job", 0},
		"another value":                   {both(put("chart/values.yaml", "hostIPC: true\nhostPID: true\n"), replace("chart/templates/pod.yaml", "containers", "hostPID: {{ .Values.hostPID }}\n  containers")), "k8s-host-pid Pod/shop/charted", 0},
		"a third instance":                {replace("infra/main.tf", `["a", "b"]`, `["a", "b", "c"]`), `aws-ebs-volume-unencrypted aws_ebs_volume.data["c"]`, 0},
		"another resource":                {put("infra/more.tf", "resource \"aws_ebs_volume\" \"more\" {\n  availability_zone = \"eu-west-1a\"\n  encrypted = false\n}\n"), "aws-ebs-volume-unencrypted aws_ebs_volume.more", 0},
		"another module call":             {both(put("infra/more.tf", "module \"m\" {\n  source = \"./m\"\n}\n"), put("infra/m/main.tf", "resource \"aws_ebs_volume\" \"data\" {\n  availability_zone = \"eu-west-1a\"\n  encrypted = false\n}\n")), "aws-ebs-volume-unencrypted module.m.aws_ebs_volume.data", 0},
		"another rule of a block":         {replace("infra/main.tf", "  ingress {", "  ingress {\n    description = \"rdp\"\n    from_port = 3389\n    to_port = 3389\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n\n  ingress {"), "aws-security-group-rdp-open aws_security_group.web", 0},
		"a renamed resource":              {replace("infra/main.tf", `"aws_security_group" "web"`, `"aws_security_group" "site"`), "aws-security-group-ssh-open aws_security_group.site", 1},
		"a renamed object":                {replace("chart/templates/pod.yaml", "name: charted", "name: renamed"), "k8s-host-ipc Pod/shop/renamed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(project)
			c.edit(files)
			fresh, gone := against(t, text, files)
			var got []string
			for _, f := range fresh {
				got = append(got, f.Rule.ID+" "+f.Resource.ID)
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Error(diff)
			}
			if gone != c.gone {
				t.Errorf("%d findings are said to be gone, want %d", gone, c.gone)
			}
		})
	}
}

// TestParts knows a finding that collects things as long as none joins, also
// where it is there several times; what an older baseline does not name is new.
func TestParts(t *testing.T) {
	rule := &analyzers.Rule{ID: "image-vulnerability-high"}
	found := func(parts ...string) []*analyzers.Finding {
		return []*analyzers.Finding{
			{Rule: rule, Message: "has flaws", Resource: &graph.Resource{ID: "Pod/a", Root: "one"}, Parts: parts},
			{Rule: rule, Message: "has flaws", Resource: &graph.Resource{ID: "Pod/a", Root: "two"}, Parts: parts},
		}
	}
	looked := func(_, _ string) bool { return true }
	set := baseline.New()
	set.Add(found("CVE-2", "CVE-1"))
	var written bytes.Buffer
	if err := set.Write(&written); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(written.String(), `"parts": [
    "CVE-1",
    "CVE-2"
   ]`) {
		t.Errorf("written as %s", &written)
	}
	older := strings.NewReplacer("\"CVE-1\",", "", "\"CVE-2\"", "").Replace(written.String())
	for _, c := range []struct {
		file, now string
		message   string // of what is new
	}{
		{written.String(), "CVE-1 CVE-2", ""},
		{written.String(), "CVE-2", ""},
		{written.String(), "CVE-1 CVE-3 CVE-2", "has flaws; new: CVE-3"},
		{written.String(), "CVE-3", "has flaws; new: CVE-3"},
		{older, "CVE-1", "has flaws; new: CVE-1"},
		{older, "CVE-1 CVE-2 CVE-3 CVE-4 CVE-5 CVE-6 CVE-7", "has flaws; new: CVE-1, CVE-2, CVE-3, CVE-4, CVE-5 and 2 more"},
	} {
		set, err := baseline.Read(strings.NewReader(c.file))
		if err != nil {
			t.Fatal(err)
		}
		rest := set.Filter(found(strings.Fields(c.now)...))
		var want []string
		if c.message != "" {
			want = []string{c.message, c.message}
		}
		var got []string
		for _, f := range rest {
			got = append(got, f.Message)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.now, diff)
		}
		if fixed := set.Fixed(looked); len(fixed) > 0 || set.Found() != 2-len(want) {
			t.Errorf("%s: %d found, fixed %v", c.now, set.Found(), fixed)
		}
	}
}
