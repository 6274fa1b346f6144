package sign

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// bundleType begins the media types of Sigstore's bundles, of all versions.
const bundleType = "application/vnd.dev.sigstore.bundle"

// Predicate is the one of a statement in a DSSE envelope that is a signature.
// Others are attestations: they tell something of the image, and do not vouch
// for it.
const Predicate = "https://sigstore.dev/cosign/sign/v1"

// What a signature in a DSSE envelope says of itself.
const (
	inToto        = "application/vnd.in-toto+json"
	statementType = "https://in-toto.io/Statement/"
)

// A bundle is a signature with what is needed to verify it.
type bundle struct {
	MediaType    string `json:"mediaType"`
	Verification struct {
		PublicKey   json.RawMessage `json:"publicKey"`
		Certificate json.RawMessage `json:"certificate"`
		Chain       json.RawMessage `json:"x509CertificateChain"`
	} `json:"verificationMaterial"`
	Message *struct {
		Digest struct {
			Algorithm string `json:"algorithm"`
			Digest    []byte `json:"digest"`
		} `json:"messageDigest"`
		Signature []byte `json:"signature"`
	} `json:"messageSignature"`
	Envelope *envelope `json:"dsseEnvelope"`
}

func (b bundle) keyless() bool {
	return len(b.Verification.Certificate) > 0 || len(b.Verification.Chain) > 0
}

// An envelope is one of DSSE.
type envelope struct {
	Payload    []byte `json:"payload"`
	Type       string `json:"payloadType"`
	Signatures []struct {
		Signature []byte `json:"sig"`
	} `json:"signatures"`
}

// encoding is what the signatures of an envelope are made over (DSSE 1.0, PAE).
func (e envelope) encoding() []byte {
	var b bytes.Buffer
	b.WriteString("DSSEv1 " + strconv.Itoa(len(e.Type)) + " " + e.Type + " " + strconv.Itoa(len(e.Payload)) + " ")
	b.Write(e.Payload)
	return b.Bytes()
}

// A statement is one of in-toto.
type statement struct {
	Type      string `json:"_type"`
	Predicate string `json:"predicateType"`
	Subject   []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
}

func (s statement) about(digest v1.Hash) bool {
	for _, subject := range s.Subject {
		if subject.Digest[digest.Algorithm] == digest.Hex {
			return true
		}
	}
	return false
}

// bundle tries one bundle.
func (v *verification) bundle(text []byte) error {
	var b bundle
	switch err := json.Unmarshal(text, &b); {
	case err != nil:
		v.found(Invalid, "its signature is no bundle: %s", short(err.Error()))
	case b.Message != nil:
		return v.message(b)
	case b.Envelope != nil:
		v.envelope(b)
	default:
		v.found(Invalid, "its bundle has no signature")
	}
	return nil
}

// envelope tries the signatures of an envelope.
func (v *verification) envelope(b bundle) {
	var s statement
	if b.Envelope.Type != inToto || json.Unmarshal(b.Envelope.Payload, &s) != nil || !strings.HasPrefix(s.Type, statementType) {
		v.found(Invalid, "what was signed is no statement of in-toto")
		return
	}
	if s.Predicate != Predicate {
		return
	}
	if !s.about(v.digest) {
		v.found(Invalid, "its signature is for another image")
		return
	}
	message := b.Envelope.encoding()
	for _, one := range b.Envelope.Signatures[:min(len(b.Envelope.Signatures), maxSignatures)] {
		if v.signed(message, one.Signature) {
			return
		}
	}
	v.refused(b.keyless())
}

// message tries a signature that is made over the image's manifest itself.
func (v *verification) message(b bundle) error {
	// Others are of the manifest as well, but not the name of the image.
	if d := b.Message.Digest; d.Algorithm == "SHA2_256" && hex.EncodeToString(d.Digest) != v.digest.Hex {
		v.found(Invalid, "its signature is for another image")
		return nil
	}
	manifest, err := read(v.ctx, v.from.Manifest, v1.Descriptor{Digest: v.digest})
	if err != nil {
		return fmt.Errorf("the manifest that was signed: %w", err)
	}
	if !v.signed(manifest, b.Message.Signature) {
		v.refused(b.keyless())
	}
	return nil
}
