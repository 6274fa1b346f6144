package sign

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// What a manifest of cosign's signatures has in it, each a layer.
const (
	simpleSigning   = "application/vnd.dev.cosign.simplesigning.v1+json"
	legacyArtifact  = "application/vnd.dev.cosign.artifact.sig.v1+json"
	signatureOf     = "dev.cosignproject.cosign/signature"
	certificateOf   = "dev.sigstore.cosign/certificate"
	containerSigned = "cosign container image signature"
)

// A simple is a payload in the format "simple signing".
type simple struct {
	Critical struct {
		Identity struct {
			DockerReference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			DockerManifestDigest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
}

// About tells whether a payload says that it is the one of an image, and what
// it is about when not.
func About(payload []byte, digest v1.Hash) (other string, ok bool) {
	var s simple
	if json.Unmarshal(payload, &s) != nil || s.Critical.Type != containerSigned {
		return fmt.Sprintf("what was signed is no %q", containerSigned), false
	}
	if s.Critical.Image.DockerManifestDigest != digest.String() {
		return fmt.Sprintf("its signature is for another image, %q", short(s.Critical.Image.DockerManifestDigest)), false
	}
	return "", true
}

// simple tries one payload with the signature that its layer's annotations have.
func (v *verification) simple(s Signature) {
	signature, err := base64.StdEncoding.DecodeString(s.Annotations[signatureOf])
	other, about := About(s.Payload, v.digest)
	switch {
	case err != nil || len(signature) == 0:
		v.found(Invalid, "its signature is no base64")
	case !about:
		v.found(Invalid, "%s", other)
	case !v.signed(s.Payload, signature):
		v.refused(s.Annotations[certificateOf] != "")
	}
}

// short is a stranger's text of a length for messages.
func short(text string) string {
	const most = 100
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
