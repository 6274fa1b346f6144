package sign

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/tools/txtar"
)

// TestCosign holds signatures against the keys that cosign itself made both
// with.
func TestCosign(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no signatures", err)
	}
	others := onCurve(t, elliptic.P256(), crypto.SHA256).key(t, "other.pub")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string][]byte{}
		for _, f := range a.Files {
			parts[f.Name] = bytes.TrimSuffix(f.Data, []byte("\n"))
		}
		keys, err := ParseKeys("cosign.pub", parts["key.pub"])
		if err != nil {
			t.Fatal(err)
		}
		digest, err := v1.NewHash(string(parts["digest"]))
		if err != nil {
			t.Fatal(err)
		}
		s := Signature{Payload: parts["payload"], Annotations: map[string]string{signatureOf: string(parts["signature"])}, Bundle: parts["bundle"]}
		state := func(keys []Key, digest v1.Hash) State {
			v := verification{ctx: context.Background(), keys: keys, digest: digest, best: Result{State: None}}
			if err := v.try(s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return v.best.State
		}
		if got := state(append(others, keys...), digest); got != Verified {
			t.Errorf("%s is %s", name, got)
		}
		if got := state(others, digest); got != Invalid {
			t.Errorf("%s is %s with another key", name, got)
		}
		digest.Hex = "00" + digest.Hex[2:]
		if got := state(keys, digest); got != Invalid {
			t.Errorf("%s is %s of another image", name, got)
		}
	}
}
