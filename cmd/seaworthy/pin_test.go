package main

import (
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestPin has a tag pinned to the digest that it has in a registry.
func TestPin(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	image, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/shop/api:1")
	if err == nil {
		err = remote.Write(ref, image)
	}
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pod.yaml")
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: '" + ref.String() + "'}]}\n"
	if err := os.WriteFile(file, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	var out, errs bytes.Buffer
	if code := run([]string{"fix", file, "--images", "--unsafe", "k8s-image-not-pinned"}, &out, &errs); code != exitClean {
		t.Errorf("exit %d, %s%s", code, &out, &errs)
	}
	got, err := os.ReadFile(file)
	if want := strings.Replace(pod, ref.String(), ref.String()+"@"+digest.String(), 1); err != nil || string(got) != want {
		t.Errorf("%s(%v), %s, want %s", got, err, &out, want)
	}
}
