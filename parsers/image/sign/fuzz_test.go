package sign

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A stranger is a registry that answers whatever it likes, with the digests
// that fit.
type stranger struct{ manifest, blob, tagged []byte }

func digestText(text []byte) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256(text))}
}

func (s stranger) Manifest(context.Context, v1.Descriptor) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s.manifest)), nil
}

func (s stranger) Blob(context.Context, v1.Descriptor) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s.blob)), nil
}

func (s stranger) Tagged(context.Context, string) ([]byte, error) { return s.tagged, nil }

func (s stranger) Referrers(context.Context, v1.Hash) ([]v1.Descriptor, error) {
	return []v1.Descriptor{{Digest: digestText(s.manifest)}}, nil
}

// FuzzVerify holds that nothing a registry says makes an image verified that
// the key did not sign, and that nothing stops the program.
func FuzzVerify(f *testing.F) {
	t := new(testing.T)
	by := onCurve(t, elliptic.P256(), crypto.SHA256)
	digest := v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%064x", 1)}
	keys := by.key(t, "shop.pub")
	manifest := func(blob []byte, mediaType string) []byte {
		text, err := json.Marshal(map[string]any{"schemaVersion": 2, "layers": []any{map[string]any{
			"mediaType": mediaType, "digest": digestText(blob).String(), "size": len(blob),
			"annotations": map[string]string{signatureOf: "MEUCIQDXmXWj", certificateOf: "x"},
		}}})
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	add := func(blob []byte, mediaType string) { f.Add(manifest(blob, mediaType), blob, []byte("{}")) }
	p := payload(digest.String())
	add(p, simpleSigning)
	add(bundleText(t, onCurve(t, elliptic.P256(), crypto.SHA256), statementOf(digest, Predicate), keyHint), bundleArtifact)
	add([]byte(`{"messageSignature":{"signature":"AAAA"}}`), bundleArtifact)
	f.Fuzz(func(t *testing.T, manifest, blob, tagged []byte) {
		r, err := Verify(context.Background(), stranger{manifest, blob, tagged}, []v1.Hash{digest}, keys)
		if r.State == Verified {
			t.Fatalf("verified: %+v, %v", r, err)
		}
		if err != nil && r.State != NotChecked {
			t.Errorf("after %v it is %+v", err, r)
		}
	})
}
