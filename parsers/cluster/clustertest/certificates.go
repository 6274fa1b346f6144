package clustertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificates writes server.crt and server.key, and returns the certificate
// that signs itself and is to be trusted.
func certificates(t testing.TB, dir string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "apiserver"},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 1),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, filepath.Join(dir, "server.crt"), string(public))
	write(t, filepath.Join(dir, "server.key"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})))
	return public
}

// TLS is a Secret with the server's certificate, which is valid for a day.
func (s *Server) TLS(t testing.TB, namespace, name string) map[string]any {
	t.Helper()
	data := map[string]any{}
	for key, file := range map[string]string{"tls.crt": "server.crt", "tls.key": "server.key"} {
		text, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		data[key] = base64.StdEncoding.EncodeToString(text)
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
		"metadata": map[string]any{"namespace": namespace, "name": name}, "data": data,
	}
}

// Token is a token of a service account that is valid until then.
func (s *Server) Token(t testing.TB, namespace, account string, until time.Time) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	part := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"iss":"https://kubernetes.default.svc","aud":["https://kubernetes.default.svc"],"sub":"system:serviceaccount:%[1]s:%[2]s",`+
		`"iat":%[3]d,"nbf":%[3]d,"exp":%[4]d,"kubernetes.io":{"namespace":%[1]q,"serviceaccount":{"name":%[2]q,"uid":"1"}}}`,
		namespace, account, until.Add(-time.Hour).Unix(), until.Unix())
	signed := part([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + part([]byte(claims))
	sum := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	v.FillBytes(signature[32:])
	return signed + "." + part(signature)
}
