package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// hidden is a value that must not be in anything that Read returns.
const hidden = "aHVudGVyMg=="

func withSecrets(t *testing.T) *fake {
	f := newFake(t, serves...)
	f.objects["secrets"] = []object{
		{"type": "Opaque", "data": object{"password": hidden}, "metadata": object{
			"name": "db", "namespace": "default", "labels": object{"app": "db"},
			"annotations": object{
				lastApplied: `{"apiVersion":"v1","data":{"password":"` + hidden + `"},"kind":"Secret","stringData":{"a":"` + hidden + `"},"metadata":{"name":"db"}}`,
				"owner":     "me",
			},
			"managedFields": []any{object{"manager": "kubectl", "fieldsV1": object{"f:data": object{"f:password": object{}}}}},
		}},
		{"type": "Opaque", "data": object{"password": hidden}, "metadata": object{
			"name": "odd", "namespace": "default", "annotations": object{
				lastApplied:             `no JSON but ` + hidden,
				"kapp.k14s.io/original": ` {"data":{"password":"` + hidden + `"},"kind":"Secret"}`, "broken": `{"data":"` + hidden,
				"objectset.rio.cattle.io/applied": "H4sIAAAA" + hidden, "banzaicloud.com/last-applied": "UEsDBB" + hidden,
			},
		}},
		{"type": "kubernetes.io/tls", "metadata": object{"name": "web", "namespace": "default"}, "data": object{
			"tls.crt": issue(t, "web.example.com", time.Date(2026, 12, 8, 6, 0, 0, 0, time.UTC)), "tls.key": hidden,
		}},
		{"type": "kubernetes.io/tls", "metadata": object{"name": "worn", "namespace": "default"}, "data": object{"tls.crt": hidden}},
	}
	return f
}

// issue is a certificate as a Secret has it.
func issue(t *testing.T, name string, until time.Time) string {
	t.Helper()
	certificate, _ := issueWithKey(t, name, until)
	return certificate
}

func issueWithKey(t *testing.T, name string, until time.Time) (certificate, private string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: until.AddDate(-1, 0, 0), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(typ string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
	}
	return encoded("CERTIFICATE", der), encoded("EC PRIVATE KEY", secret)
}

// holdsNothing holds that no value of a Secret is in the snapshot.
func holdsNothing(t *testing.T, s *Snapshot) {
	t.Helper()
	whole, err := json.Marshal(s)
	if err != nil || strings.Contains(string(whole), hidden) || strings.Contains(string(whole), "hunter2") {
		t.Errorf("%v: the snapshot has the values of Secrets: %s", err, whole)
	}
}

func TestSecretsAreMetadata(t *testing.T) {
	f := withSecrets(t)
	s := f.must(Options{}, nil)
	for accept := range f.accepts["/api/v1/secrets"] {
		// Were plain JSON among them, an old server would send the values.
		if accept != "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" {
			t.Errorf("asked for %s", accept)
		}
	}
	holdsNothing(t, s)
	if len(s.Objects) != 4 || len(s.Gaps) != 0 {
		t.Fatalf("%d objects, gaps:\n%s", len(s.Objects), gaps(s))
	}
	db := s.Objects[0]
	meta := db["metadata"].(object)
	annotations := meta["annotations"].(object)
	if db["kind"] != "Secret" || db["apiVersion"] != "v1" || len(db) != 3 || annotations["owner"] != "me" || meta["managedFields"] == nil ||
		annotations[lastApplied] != `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"}}` {
		t.Errorf("%v", db)
	}
	if odd := s.Objects[1]["metadata"].(object)["annotations"].(object); len(odd) != 1 || odd["kapp.k14s.io/original"] != `{"kind":"Secret"}` {
		t.Errorf("%v", odd)
	}
}

// TestSecretsOfLiars holds that a server that sends values though it was asked
// for metadata does not get them through.
func TestSecretsOfLiars(t *testing.T) {
	f := withSecrets(t)
	f.before = func(r *fakeRequest) bool {
		if r.in("secrets") {
			r.json(object{"kind": "PartialObjectMetadataList", "items": f.objects["secrets"]})
			return true
		}
		return false
	}
	holdsNothing(t, f.must(Options{}, nil))
	f.before = func(r *fakeRequest) bool {
		if r.in("secrets") {
			r.json(object{"kind": "SecretList", "items": f.objects["secrets"]})
			return true
		}
		return false
	}
	s := f.must(Options{}, nil)
	holdsNothing(t, s)
	if len(s.Objects) != 0 || len(s.Gaps) != 1 {
		t.Errorf("%d objects, gaps:\n%s", len(s.Objects), gaps(s))
	}
	f.before = func(r *fakeRequest) bool {
		return r.in("secrets") && func() bool { r.json(hidden); return true }()
	}
	holdsNothing(t, f.must(Options{}, nil))
}

func TestCertificates(t *testing.T) {
	f := withSecrets(t)
	s := f.must(Options{}, func(k Kind) Want {
		if k.isSecret() {
			return Whole
		}
		return Nothing
	})
	holdsNothing(t, s)
	got, err := json.Marshal(s.Objects[2]["certificate"])
	want := `{"daysLeft":9,"dnsNames":["web.example.com"],"issuer":"CN=web.example.com","notAfter":"2026-12-08T06:00:00Z","notBefore":"2025-12-08T06:00:00Z","subject":"CN=web.example.com"}`
	if err != nil || string(got) != want {
		t.Errorf("certificate %s, want %s", got, want)
	}
	if s.Objects[2]["type"] != "kubernetes.io/tls" || s.Objects[0]["type"] != "Opaque" || s.Objects[0]["data"] != nil || s.Objects[3]["certificate"] != nil {
		t.Errorf("%v", s.Objects)
	}
	if got := gaps(s); got != "the certificate of the secret \"worn\" of namespace \"default\": not read: it is no certificate in PEM\n" {
		t.Errorf("gaps:\n%s", got)
	}
}
