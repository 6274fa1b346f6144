package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// trust is who is believed, as the user says it.
type trust struct{ root, identity, pattern, issuer string }

// verifier prepares for signatures. A signature has to be in a transparency log,
// and its certificate in one of certificates, where the trusted root names such
// logs; the time it was made at always has to be known, since that is when the
// certificate has to be valid.
func (t trust) verifier() (*verifier, error) {
	switch {
	case t.root == "":
		return nil, errors.New("--trusted-root is missing: without it nobody is trusted")
	case t.identity == "" && t.pattern == "":
		return nil, errors.New("--identity or --identity-regexp is missing: anybody may sign keyless")
	case t.identity != "" && t.pattern != "":
		return nil, errors.New("--identity and --identity-regexp exclude each other")
	case t.issuer == "":
		return nil, errors.New("--issuer is missing: an identity is worth what vouches for it")
	}
	whole := ""
	if t.pattern != "" {
		if _, err := regexp.Compile(t.pattern); err != nil {
			return nil, fmt.Errorf("--identity-regexp: %w", err)
		}
		whole = `\A(?:` + t.pattern + `)\z`
	}
	identity, err := verify.NewShortCertificateIdentity(t.issuer, "", t.identity, whole)
	if err != nil {
		return nil, fmt.Errorf("--identity: %w", err)
	}
	trusted, err := root.NewTrustedRootFromPath(t.root)
	if err != nil {
		return nil, fmt.Errorf("--trusted-root: read %s: %w", t.root, err)
	}
	options := []verify.VerifierOption{verify.WithObserverTimestamps(1)}
	if len(trusted.RekorLogs()) > 0 {
		options = append(options, verify.WithTransparencyLog(1))
	}
	if len(trusted.CTLogs()) > 0 {
		options = append(options, verify.WithSignedCertificateTimestamps(1))
	}
	entities, err := verify.NewVerifier(trusted, options...)
	if err != nil {
		return nil, fmt.Errorf("--trusted-root: %w", err)
	}
	return &verifier{entities, identity}, nil
}

// A verifier holds signatures against who is trusted.
type verifier struct {
	*verify.Verifier
	identity verify.CertificateIdentity
}

// verify looks for a signature of a digest that is by who is trusted. Where one
// is found it does not matter what else lies there; where none is and something
// could not be read, the digest is not checked.
func (v *verifier) verify(ctx context.Context, from sign.Fetcher, digest v1.Hash) sign.Finding {
	best := sign.Finding{State: sign.None, Detail: "it has no keyless signature"}
	var unread error
	for found, err := range sign.Find(ctx, from, digest) {
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		result, err := v.signature(found, digest)
		switch {
		case errors.Is(err, errOther):
		case err != nil:
			best = sign.Finding{State: sign.Invalid, Detail: err.Error()}
		default:
			c := result.Signature.Certificate
			return sign.Finding{State: sign.Verified, Identity: c.SubjectAlternativeName, Issuer: c.Issuer}
		}
	}
	if unread != nil {
		return sign.Finding{State: sign.NotChecked, Detail: unread.Error()}
	}
	return best
}

// errOther says that what lies beside an image is no keyless signature of it: it
// is by a key, or an attestation.
var errOther = errors.New("it is no keyless signature")

// signature verifies one signature.
func (v *verifier) signature(s sign.Signature, digest v1.Hash) (*verify.VerificationResult, error) {
	if s.Bundle != nil {
		return v.bundle(s.Bundle, digest)
	}
	b, err := simple(s)
	if err != nil {
		return nil, err
	}
	if other, ok := sign.About(s.Payload, digest); !ok {
		return nil, errors.New(other)
	}
	return v.held(b, verify.WithArtifact(bytes.NewReader(s.Payload)))
}

// bundle verifies a bundle, over the image's manifest or a statement about it.
func (v *verifier) bundle(text []byte, digest v1.Hash) (*verify.VerificationResult, error) {
	var b bundle.Bundle
	if err := b.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("its bundle cannot be read: %w", err)
	}
	if b.VerificationMaterial.GetPublicKey() != nil {
		return nil, errOther
	}
	content, err := b.SignatureContent()
	if err != nil {
		return nil, fmt.Errorf("its bundle cannot be read: %w", err)
	}
	if envelope := content.EnvelopeContent(); envelope != nil {
		statement, err := envelope.Statement()
		if err != nil {
			return nil, fmt.Errorf("what was signed is no statement of in-toto: %w", err)
		}
		if statement.GetPredicateType() != sign.Predicate {
			return nil, errOther
		}
	}
	sum, err := hex.DecodeString(digest.Hex)
	if err != nil {
		return nil, err
	}
	return v.held(&b, verify.WithArtifactDigest(digest.Algorithm, sum))
}

func (v *verifier) held(b *bundle.Bundle, signed verify.ArtifactPolicyOption) (*verify.VerificationResult, error) {
	result, err := v.Verify(b, verify.NewPolicy(signed, verify.WithCertificateIdentity(v.identity)))
	if err != nil {
		return nil, err
	}
	if result.Signature == nil || result.Signature.Certificate == nil {
		return nil, errOther
	}
	return result, nil
}
