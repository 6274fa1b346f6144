package sarif

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// The hashes were worked out by the code that GitHub's upload action uses.
func TestLineHashes(t *testing.T) {
	manifest := []string{"851a8be1eb97dd5a:1", "a4dbcf8136ed9257:1", "f4d1ebce2e759912:1", "a6b6ede492fce51:1", "c129715d7a2bc9a3:1"}
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"empty":            {"", []string{"c129715d7a2bc9a3:1"}},
		"no line break":    {"kind: Pod", []string{"1c2a20dcc1c7e70e:1"}},
		"blanks":           {"  kind:\tPod  ", []string{"1c2a20dcc1c7e70e:1"}},
		"LF":               {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n", manifest},
		"CRLF":             {"apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: a\r\n", manifest},
		"CR":               {"apiVersion: v1\rkind: Pod\rmetadata:\r  name: a\r", manifest},
		"mixed line ends":  {"a\r\n\n\rb\r \nc", []string{"f212e4e15e9f9b2f:1", "7f71515e70d3d4b8:1", "73409ca04f7d2c2e:1", "b0367d257df6d03c:1", "1c206f60a702cfe8:1", "188ff2f224477a1e:1"}},
		"beyond the BMP":   {"é: 🚀\n漢字: \u00a0ok\n", []string{"1a6fa7ce85f334dc:1", "1deeebd9d224a482:1", "c129715d7a2bc9a3:1"}},
		"byte order mark":  {"\ufeffkind: Pod\n", []string{"fc4b6fb989bfac87:1", "c129715d7a2bc9a3:1"}},
		"longer than hash": {strings.Repeat("x", 250) + "\n" + strings.Repeat("y", 99) + "\nz\n", []string{"52b56201ffb58620:1", "cadd4b5b9d92c4ad:1", "95de0951c928fa27:1", "c129715d7a2bc9a3:1"}},
		"equal lines": {strings.Repeat("- name: web\n", 14), []string{
			"536cced676c43480:1", "536cced676c43480:2", "536cced676c43480:3", "536cced676c43480:4", "536cced676c43480:5",
			"c9893cf489711bbb:1", "e0e4b4f7b8ddc963:1", "f8889373aa3a3bcb:1", "49641ea97853cf3:1", "b5ede1925fcbc6db:1",
			"ac60ac23c6338383:1", "e12c0de407d14ceb:1", "b69a27a100ebad13:1", "57e5b3b59d495dfb:1", "c129715d7a2bc9a3:1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, lineHashes([]byte(test.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKey(t *testing.T) {
	rule := &analyzers.Rule{ID: "k8s-a"}
	res := func(root, id string) *graph.Resource {
		r := graph.NewResource(id, "core/Pod", "a", nil, nil)
		r.Root = root
		return r
	}
	first := &analyzers.Finding{Rule: rule, Resource: res("helm:a", "Pod/a"), Path: "spec.x"}
	keys := newFingerprints()
	one := keys.key(first)
	if !strings.HasSuffix(one, ":1") {
		t.Errorf("key of a first finding is %q", one)
	}
	if again := keys.key(first); again != strings.TrimSuffix(one, "1")+"2" {
		t.Errorf("the second of its kind is %q, the first %q", again, one)
	}
	moved := *first
	moved.Message = "other words, other line"
	if key := newFingerprints().key(&moved); key != one {
		t.Errorf("message is part of the key: %q, %q", key, one)
	}
	distinct := []string{one}
	for _, f := range []*analyzers.Finding{
		{Rule: &analyzers.Rule{ID: "k8s-b"}, Resource: first.Resource, Path: first.Path},
		{Rule: rule, Resource: res("helm:b", "Pod/a"), Path: first.Path},
		{Rule: rule, Resource: res("helm:a", "Pod/b"), Path: first.Path},
		{Rule: rule, Resource: first.Resource, Path: "spec.y"},
		{Rule: rule, Path: first.Path},
	} {
		key := newFingerprints().key(f)
		if slices.Contains(distinct, key) {
			t.Errorf("%v has the key of another: %s", f.Text(), key)
		}
		distinct = append(distinct, key)
	}
}
