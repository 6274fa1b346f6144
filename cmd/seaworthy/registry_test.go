package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/seaworthy-iac/seaworthy/parsers/image/imagetest"
)

// TestRealRegistry reads the images of a manifest from a real registry, with
// the credentials that docker would use, and with wrong ones.
func TestRealRegistry(t *testing.T) {
	registry := imagetest.Start(t)
	registry.Credentials(t, imagetest.User, imagetest.Password)
	ref, err := name.ParseReference(registry.Host + "/shop/api:1")
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(1000, 2)
	if err == nil {
		err = remote.Write(ref, image, remote.WithAuthFromKeychain(authn.DefaultKeychain))
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: " + ref.String() + "\n  - name: b\n    image: " + registry.Host + "/gone:1\n"
	if err := os.WriteFile(filepath.Join(dir, "pod.yaml"), []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	scan := func(exit int, want ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		code := run([]string{"scan", "--images", "--select", "k8s-host-pid", "--format", "text", "-v"}, &out, &errs)
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("no %q in\n%s%s", w, out.String(), errs.String())
			}
		}
		if code != exit || strings.Contains(out.String()+errs.String(), "hunter2") {
			t.Errorf("exit code %d:\n%s%s", code, out.String(), errs.String())
		}
	}
	scan(exitClean, "image "+ref.String()+": no distribution", "2 layers of", "pod.yaml:9:12: warning: cannot read image", "the registry does not have it")
	registry.Credentials(t, imagetest.User, "hunter2")
	scan(exitIncomplete, "pod.yaml:7:12: not analysed: cannot read 2 images", "the registry wants credentials, or does not take those it was given")
}
