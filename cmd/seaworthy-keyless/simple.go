package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	bundlev1 "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	commonv1 "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	rekorv1 "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// The annotations that cosign 1 and 2 leave what verifies a signature in.
const (
	signatureOf   = "dev.cosignproject.cosign/signature"
	certificateOf = "dev.sigstore.cosign/certificate"
	loggedOf      = "dev.sigstore.cosign/bundle"
	timestampOf   = "dev.sigstore.cosign/rfc3161timestamp"
)

// simple makes a bundle of a signature in the format "simple signing". The chain
// that lies beside the certificate is left out: who is trusted is in the trusted
// root.
func simple(s sign.Signature) (*bundle.Bundle, error) {
	if s.Annotations[certificateOf] == "" {
		return nil, errOther
	}
	signature, err := base64.StdEncoding.DecodeString(s.Annotations[signatureOf])
	if err != nil {
		return nil, fmt.Errorf("its signature is no base64: %w", err)
	}
	block, _ := pem.Decode([]byte(s.Annotations[certificateOf]))
	if block == nil {
		return nil, errors.New("its certificate is no PEM")
	}
	material := &bundlev1.VerificationMaterial{Content: &bundlev1.VerificationMaterial_X509CertificateChain{
		X509CertificateChain: &commonv1.X509CertificateChain{Certificates: []*commonv1.X509Certificate{{RawBytes: block.Bytes}}},
	}}
	if text := s.Annotations[loggedOf]; text != "" {
		entry, err := logged(text)
		if err != nil {
			return nil, fmt.Errorf("its entry of the transparency log: %w", err)
		}
		material.TlogEntries = append(material.TlogEntries, entry)
	}
	if text := s.Annotations[timestampOf]; text != "" {
		var stamp struct {
			Response []byte `json:"SignedRFC3161Timestamp"`
		}
		if err := json.Unmarshal([]byte(text), &stamp); err != nil {
			return nil, fmt.Errorf("its timestamp: %w", err)
		}
		material.TimestampVerificationData = &bundlev1.TimestampVerificationData{
			Rfc3161Timestamps: []*commonv1.RFC3161SignedTimestamp{{SignedTimestamp: stamp.Response}},
		}
	}
	mediaType, err := bundle.MediaTypeString("0.1")
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(s.Payload)
	return bundle.NewBundle(&bundlev1.Bundle{
		MediaType: mediaType, VerificationMaterial: material,
		Content: &bundlev1.Bundle_MessageSignature{MessageSignature: &commonv1.MessageSignature{
			MessageDigest: &commonv1.HashOutput{Algorithm: commonv1.HashAlgorithm_SHA2_256, Digest: digest[:]}, Signature: signature,
		}},
	})
}

// logged reads the annotation with the promise of a log to take a signature.
func logged(text string) (*rekorv1.TransparencyLogEntry, error) {
	var said struct {
		SignedEntryTimestamp []byte
		Payload              struct {
			Body           []byte `json:"body"`
			IntegratedTime int64  `json:"integratedTime"`
			LogIndex       int64  `json:"logIndex"`
			LogID          string `json:"logID"`
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return nil, err
	}
	var kind struct{ Kind, APIVersion string }
	if err := json.Unmarshal(said.Payload.Body, &kind); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	id, err := hex.DecodeString(said.Payload.LogID)
	if err != nil {
		return nil, fmt.Errorf("logID: %w", err)
	}
	return &rekorv1.TransparencyLogEntry{
		LogIndex: said.Payload.LogIndex, LogId: &commonv1.LogId{KeyId: id}, IntegratedTime: said.Payload.IntegratedTime,
		KindVersion:       &rekorv1.KindVersion{Kind: kind.Kind, Version: kind.APIVersion},
		InclusionPromise:  &rekorv1.InclusionPromise{SignedEntryTimestamp: said.SignedEntryTimestamp},
		CanonicalizedBody: said.Payload.Body,
	}, nil
}
