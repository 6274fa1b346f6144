package images

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// image is an image of which a text in YAML's flow style says what is known.
func image(text string) Image {
	return Image{Resource: graph.NewResource("a:1", Type, "a:1", parse(text), &source.Origin{})}
}

func parse(text string) *graph.Node {
	return yamltext.Parse(source.NewFile("a.yaml", []byte(text)), nil)[0].Root
}

func TestUser(t *testing.T) {
	for _, c := range []struct {
		text   string
		root   graph.Tri
		named  bool
		starts bool // under runAsNonRoot
	}{
		{`{}`, graph.True, false, false},
		{`{"config": {"userId": 0, "userKnown": true}}`, graph.True, false, false},
		{`{"config": {"user": "root:root"}}`, graph.True, true, false},
		{`{"config": {"user": "0", "userId": 0, "userKnown": true}}`, graph.True, false, false},
		{`{"config": {"user": "toor", "userId": 0, "userKnown": true}}`, graph.True, true, false},
		{`{"config": {"user": "app"}}`, graph.Unsure, true, false},
		{`{"config": {"user": "app:app", "userId": 1000, "userKnown": true}}`, graph.False, true, false},
		{`{"config": {"user": "1000:0", "userId": 1000, "userKnown": true}}`, graph.False, false, true},
		{`{"platform": "windows/amd64", "config": {"user": "ContainerAdministrator"}}`, graph.False, true, false},
	} {
		i := image(c.text)
		if _, named := i.NamedUser(); i.IsRoot() != c.root || named != c.named || i.StartsNonRoot() != c.starts {
			t.Errorf("%s: root %v, named %v, starts %v", c.text, i.IsRoot(), named, i.StartsNonRoot())
		}
	}
}

func TestFound(t *testing.T) {
	for text, want := range map[string]graph.Tri{
		`{"files": {"setuid": [{"path": "bin/su"}]}, "gaps": ["x"]}`: graph.True,
		`{"gaps": ["layer 2"]}`: graph.Unsure,
		`{}`:                    graph.False,
	} {
		files, found := image(text).Found("setuid")
		if found != want || (len(files) == 1) != (want == graph.True) {
			t.Errorf("%s: %v %q", text, found, files)
		}
	}
}

func TestPlatformsAndPin(t *testing.T) {
	for _, c := range []struct {
		text  string
		n     int
		known bool
		pin   string
	}{
		{`{"source": "registry", "digest": "sha256:a", "index": "sha256:b", "platforms": ["linux/arm/v6", "linux/arm/v7", "linux/amd64"]}`, 2, true, "sha256:b"},
		{`{"source": "registry", "digest": "sha256:a", "platforms": ["linux/amd64"]}`, 1, true, "sha256:a"},
		{`{"source": "layout", "digest": "sha256:a", "platforms": ["linux/amd64"]}`, 1, false, ""},
		{`{"source": "layout", "index": "sha256:b", "platforms": ["linux/amd64"]}`, 1, true, ""},
		{`{"source": "registry"}`, 0, false, ""},
	} {
		i := image(c.text)
		if p, known := i.Platforms(); len(p) != c.n || known != c.known || i.Pin() != c.pin {
			t.Errorf("%s: platforms %q %v, pin %q", c.text, p, known, i.Pin())
		}
	}
}

// TestUses has an image that a container runs and something else, and one that
// nothing does.
func TestUses(t *testing.T) {
	text := `{"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "a:1"}]}}}}`
	pod := graph.NewResource("Deployment/web", "apps/Deployment", "web", parse(text), &source.Origin{})
	task := resource("task", "aws_ecs_task_definition", graph.Field{Key: "image", Node: graph.NewString("a:1", &source.Origin{})})
	run, alone := resource("a:1", Type), resource("b:2", Type)
	b := &graph.Builder{Resources: []*graph.Resource{pod, task, run, alone}}
	b.Link(graph.Runs, pod, run, pod.At("spec.template.spec.containers.0.image"))
	b.Link(graph.Runs, task, run, task.At("image"))
	g := graph.Freeze(b)
	uses := Uses.Of(g)
	if len(uses) != 3 || !uses[0].Contained() || uses[1].Contained() || uses[1].Alone() || !uses[2].Alone() {
		t.Fatalf("uses %v", uses)
	}
	if u, ok := Of(g, workload.Containers.Of(g)[0]); !ok || u.Resource != run || u.Container.Name() != "app" {
		t.Errorf("the container runs %v, %v", u, ok)
	}
	if _, ok := Of(g, workload.Container{}); ok {
		t.Error("no container runs an image")
	}
	p := analyzers.NewPass(&analyzers.Rule{}, g, nil)
	for _, u := range uses {
		u.ReportIf(p, graph.True, u.Config, "bad")
		u.ReportIf(p, graph.Unsure, u.Config, "unsure")
		u.ReportIf(p, graph.False, u.Config, "good")
	}
	for i, want := range []*graph.Resource{pod, task, alone} {
		if len(p.Findings()) != 3 || len(p.Unsure()) != 3 || p.Findings()[i].Resource != want || p.Unsure()[i].Resource != want {
			t.Fatalf("findings %v, unsure %v", p.Findings(), p.Unsure())
		}
	}
}
