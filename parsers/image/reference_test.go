package image

import (
	"strings"
	"testing"
)

// TestReferences holds how names of images are taken apart, and which are one.
func TestReferences(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	hub := "index.docker.io"
	for _, c := range []struct{ ref, registry, repository, tag, key string }{
		{"nginx", hub, "library/nginx", "latest", hub + "/library/nginx:latest"},
		{"nginx:1.27", hub, "library/nginx", "1.27", hub + "/library/nginx:1.27"},
		{"docker.io/nginx:1.27", hub, "library/nginx", "1.27", hub + "/library/nginx:1.27"},
		{"docker.io/library/nginx:1.27", hub, "library/nginx", "1.27", hub + "/library/nginx:1.27"},
		{"index.docker.io/library/nginx:1.27", hub, "library/nginx", "1.27", hub + "/library/nginx:1.27"},
		{"shop/api", hub, "shop/api", "latest", hub + "/shop/api:latest"},
		{"nginx@" + digest, hub, "library/nginx", "", hub + "/library/nginx@" + digest},
		{"nginx:1.27@" + digest, hub, "library/nginx", "1.27", hub + "/library/nginx@" + digest},
		{"localhost/api", "localhost", "api", "latest", "localhost/api:latest"},
		{"localhost:5000/api", "localhost:5000", "api", "latest", "localhost:5000/api:latest"},
		{"r.example.com:5000/a/b/c", "r.example.com:5000", "a/b/c", "latest", "r.example.com:5000/a/b/c:latest"},
		{"r.example.com:5000/a/b/c:1", "r.example.com:5000", "a/b/c", "1", "r.example.com:5000/a/b/c:1"},
		{"r.example.com:5000/a@" + digest, "r.example.com:5000", "a", "", "r.example.com:5000/a@" + digest},
		{"r.example.com:5000/a:1@" + digest, "r.example.com:5000", "a", "1", "r.example.com:5000/a@" + digest},
		{"[::1]:5000/a:1", "[::1]:5000", "a", "1", "[::1]:5000/a:1"},
		{"123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "a", "1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1"},
	} {
		parsed, err := parse(c.ref, nil)
		if err != nil {
			t.Errorf("%s: %v", c.ref, err)
			continue
		}
		d := newDocument(c.ref)
		d.identify(parsed)
		if d.Registry != c.registry || d.Repository != c.repository || d.Tag != c.tag {
			t.Errorf("%s: %s, %s, %s", c.ref, d.Registry, d.Repository, d.Tag)
		}
		if key, err := Key(c.ref); err != nil || key != c.key {
			t.Errorf("%s: the key %s, %v; want %s", c.ref, key, err, c.key)
		}
	}
	for _, ref := range []string{"", "nginx:", "nginx@sha256:12", "nginx:a b", "NGINX", "docker://nginx", "a//b", "a:1:2", "nginx@" + digest + "0", ":1", "/nginx", "r.example.com:port/a"} {
		if d, err := parse(ref, nil); err == nil {
			t.Errorf("%q is read as %s", ref, d)
		}
	}
}
