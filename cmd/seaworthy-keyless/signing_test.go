package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	bundlev1 "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	commonv1 "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	dssev1 "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	rekorv1 "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/testing/ca"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"google.golang.org/protobuf/encoding/protojson"
)

// Who signs in these tests, and who vouches for it.
const (
	identity = "build@shop.example.com"
	issuer   = "https://login.shop.example.com"
)

// An authority is a Sigstore of its own, in memory.
type authority struct {
	*ca.VirtualSigstore
	t *testing.T
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	s, err := ca.NewVirtualSigstore()
	if err != nil {
		t.Fatal(err)
	}
	return authority{s, t}
}

// root writes the trusted root, with its logs or with its timestamps alone. Its
// certificates are in no log of certificates.
func (a authority) root(logs bool) string {
	a.t.Helper()
	rekor := map[string]*root.TransparencyLog{}
	if logs {
		for id, l := range a.RekorLogs() {
			l.ID = a.hex(id)
			rekor[id] = l
		}
	}
	return a.write(nil, rekor)
}

func (a authority) write(ct, rekor map[string]*root.TransparencyLog) string {
	a.t.Helper()
	r, err := root.NewTrustedRoot(root.TrustedRootMediaType01, a.FulcioCertificateAuthorities(), ct, a.TimestampingAuthorities(), rekor)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := r.MarshalJSON()
	path := filepath.Join(a.t.TempDir(), "trusted_root.json")
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return path
}

func (a authority) hex(text string) []byte {
	a.t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// statement is what cosign signs of a digest.
func statement(digest v1.Hash, predicate string) []byte {
	return []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"` + digest.Hex +
		`"}}],"predicateType":"` + predicate + `","predicate":{}}`)
}

// bundle signs a statement, which the log takes at a time. edit changes the
// bundle before it is written; nil leaves it.
func (a authority) bundle(body []byte, at time.Time, edit func(*bundlev1.Bundle)) []byte {
	a.t.Helper()
	e, err := a.AttestAtTime(identity, issuer, body, at, true)
	if err != nil {
		a.t.Fatal(err)
	}
	b := a.material(e)
	b.Content = &bundlev1.Bundle_DsseEnvelope{DsseEnvelope: &dssev1.Envelope{
		Payload: body, PayloadType: "application/vnd.in-toto+json", Signatures: []*dssev1.Signature{{Sig: content(a.t, e).Signature()}},
	}}
	for _, l := range entries(a.t, e) {
		entry := l.TransparencyLogEntry()
		entry.KindVersion = kindOf(a.t, entry.GetCanonicalizedBody())
		entry.InclusionPromise = promise(a, entry)
		b.VerificationMaterial.TlogEntries = append(b.VerificationMaterial.TlogEntries, entry)
	}
	if edit != nil {
		edit(b)
	}
	return text(a.t, b)
}

// message signs a manifest, with a timestamp and in no log.
func (a authority) message(manifest []byte) []byte {
	a.t.Helper()
	e, err := a.Sign(identity, issuer, manifest)
	if err != nil {
		a.t.Fatal(err)
	}
	b, signed := a.material(e), content(a.t, e)
	b.Content = &bundlev1.Bundle_MessageSignature{MessageSignature: &commonv1.MessageSignature{
		MessageDigest: &commonv1.HashOutput{Algorithm: commonv1.HashAlgorithm_SHA2_256, Digest: signed.MessageSignatureContent().Digest()},
		Signature:     signed.Signature(),
	}}
	return text(a.t, b)
}

// material is a bundle with a certificate and timestamps, and no signature yet.
func (a authority) material(e *ca.TestEntity) *bundlev1.Bundle {
	a.t.Helper()
	stamps, err := e.Timestamps()
	if err != nil {
		a.t.Fatal(err)
	}
	d := &bundlev1.TimestampVerificationData{}
	for _, s := range stamps {
		d.Rfc3161Timestamps = append(d.Rfc3161Timestamps, &commonv1.RFC3161SignedTimestamp{SignedTimestamp: s})
	}
	return &bundlev1.Bundle{
		MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
		VerificationMaterial: &bundlev1.VerificationMaterial{
			Content:                   &bundlev1.VerificationMaterial_Certificate{Certificate: &commonv1.X509Certificate{RawBytes: certificate(a.t, e)}},
			TimestampVerificationData: d,
		},
	}
}

func text(t *testing.T, b *bundlev1.Bundle) []byte {
	t.Helper()
	text, err := protojson.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func content(t *testing.T, e *ca.TestEntity) verify.SignatureContent {
	t.Helper()
	c, err := e.SignatureContent()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func certificate(t *testing.T, e *ca.TestEntity) []byte {
	t.Helper()
	v, err := e.VerificationContent()
	if err != nil {
		t.Fatal(err)
	}
	return v.Certificate().Raw
}

func entries(t *testing.T, e *ca.TestEntity) []*tlog.Entry {
	t.Helper()
	all, err := e.TlogEntries()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// annotated signs a payload as cosign 2 did.
func (a authority) annotated(digest v1.Hash) (payload []byte, annotations map[string]string) {
	a.t.Helper()
	payload = []byte(`{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"` + digest.String() +
		`"},"type":"cosign container image signature"},"optional":null}`)
	e, err := a.Sign(identity, issuer, payload)
	if err != nil {
		a.t.Fatal(err)
	}
	entry := entries(a.t, e)[0].TransparencyLogEntry()
	log, err := json.Marshal(map[string]any{
		"SignedEntryTimestamp": promise(a, entry).GetSignedEntryTimestamp(),
		"Payload": map[string]any{
			"body": entry.GetCanonicalizedBody(), "integratedTime": entry.GetIntegratedTime(), "logIndex": entry.GetLogIndex(),
			"logID": hex.EncodeToString(entry.GetLogId().GetKeyId()),
		},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	stamps, err := e.Timestamps()
	if err != nil {
		a.t.Fatal(err)
	}
	stamp, err := json.Marshal(map[string]any{"SignedRFC3161Timestamp": stamps[0]})
	if err != nil {
		a.t.Fatal(err)
	}
	return payload, map[string]string{
		signatureOf:   base64.StdEncoding.EncodeToString(content(a.t, e).Signature()),
		certificateOf: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate(a.t, e)})),
		loggedOf:      string(log),
		timestampOf:   string(stamp),
	}
}

// promise is what the log signs when it takes an entry.
func promise(a authority, e *rekorv1.TransparencyLogEntry) *rekorv1.InclusionPromise {
	a.t.Helper()
	set, err := a.RekorSignPayload(tlog.RekorPayload{
		Body: base64.StdEncoding.EncodeToString(e.GetCanonicalizedBody()), IntegratedTime: e.GetIntegratedTime(),
		LogIndex: e.GetLogIndex(), LogID: hex.EncodeToString(e.GetLogId().GetKeyId()),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return &rekorv1.InclusionPromise{SignedEntryTimestamp: set}
}

func kindOf(t *testing.T, body []byte) *rekorv1.KindVersion {
	t.Helper()
	var kind struct{ Kind, APIVersion string }
	if err := json.Unmarshal(body, &kind); err != nil {
		t.Fatal(err)
	}
	return &rekorv1.KindVersion{Kind: kind.Kind, Version: kind.APIVersion}
}
