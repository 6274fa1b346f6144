package image

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// schema1 is a manifest as Docker made them before 2015: of one layer, with a
// signature in JWS by a key made for it. The signature is over the text without
// it, which a protected header says how to get back.
func schema1(t testing.TB, name, tag, layer string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const tail = "\n}"
	text := fmt.Sprintf(`{
   "schemaVersion": 1,
   "name": %q,
   "tag": %q,
   "architecture": "amd64",
   "fsLayers": [{"blobSum": %q}],
   "history": [{"v1Compatibility": "{\"id\":\"%064x\",\"architecture\":\"amd64\",\"os\":\"linux\"}"}]`, name, tag, layer, 1)
	encode := base64.RawURLEncoding.EncodeToString
	protected := encode(fmt.Appendf(nil, `{"formatLength":%d,"formatTail":%q,"time":"2015-01-01T00:00:00Z"}`, len(text), encode([]byte(tail))))
	digest := sha256.Sum256([]byte(protected + "." + encode([]byte(text+tail))))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := slices.Concat(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32)))
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	jwk := map[string]string{"kty": "EC", "crv": "P-256", "kid": keyID(t, key), "x": encode(point[1:33]), "y": encode(point[33:])}
	signatures, err := json.Marshal([]any{map[string]any{
		"header": map[string]any{"alg": "ES256", "jwk": jwk}, "signature": encode(signature), "protected": protected,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, "%s,\n   \"signatures\": %s%s", text, signatures, tail)
}

// keyID is the name that Docker's library gives a key: twelve groups of four
// letters of its digest.
func keyID(t testing.TB, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(der)
	var groups []string
	for group := range slices.Chunk([]byte(base32.StdEncoding.EncodeToString(digest[:30])), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, ":")
}
