package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
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

// tagged looks under the tag that cosign makes of the image's digest.
func (v *verification) tagged() error {
	tag := strings.ReplaceAll(v.digest.String(), ":", "-") + ".sig"
	text, err := v.from.Tagged(v.ctx, tag)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("signatures under the tag %s: %w", tag, err)
	case len(text) > maxRead:
		return fmt.Errorf("signatures under the tag %s: the manifest has more than %d bytes", tag, maxRead)
	}
	m, err := v1.ParseManifest(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("signatures under the tag %s: %w", tag, err)
	}
	return undone(v.layers(m))
}

// layers tries the signatures of one manifest, each a layer with its payload.
func (v *verification) layers(m *v1.Manifest) error {
	for _, l := range m.Layers {
		if l.MediaType != simpleSigning {
			continue
		}
		if err := v.more(); err != nil {
			return err
		}
		payload, err := read(v.ctx, v.from.Blob, l)
		if err != nil {
			return err
		}
		v.simple(payload, l.Annotations)
	}
	return nil
}

// simple tries one payload with the signature that its layer's annotations have.
func (v *verification) simple(payload []byte, annotations map[string]string) {
	var s simple
	signature, err := base64.StdEncoding.DecodeString(annotations[signatureOf])
	switch {
	case err != nil || len(signature) == 0:
		v.found(Invalid, "its signature is no base64")
	case json.Unmarshal(payload, &s) != nil || s.Critical.Type != containerSigned:
		v.found(Invalid, "what was signed is no %q", containerSigned)
	case s.Critical.Image.DockerManifestDigest != v.digest.String():
		v.found(Invalid, "its signature is for another image, %q", short(s.Critical.Image.DockerManifestDigest))
	case !v.signed(payload, signature):
		v.refused(annotations[certificateOf] != "")
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
