package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that signatures are made over
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A Key is a public key that the user believes.
type Key struct {
	Name string // what to call it, such as its file
	key  crypto.PublicKey
}

// minRSA is how many bits an RSA key must have (NIST SP 800-131A).
const minRSA = 2048

// ParseKeys reads the public keys of a PEM file, as `cosign
// generate-key-pair` and `cosign public-key` write it.
func ParseKeys(name string, text []byte) ([]Key, error) {
	var keys []Key
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, fmt.Errorf("read the key %s: %w", name, err)
		}
		keys = append(keys, Key{name, key})
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("read the key %s: it has no public key in PEM", name)
	}
	return keys, nil
}

// ReadKeys reads the public keys of a file; they are called after it.
func ReadKeys(path string) ([]Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxKeys))
	if err != nil {
		return nil, fmt.Errorf("read the key %s: %w", path, err)
	}
	return ParseKeys(filepath.Base(path), text)
}

// maxKeys is how much of a file with keys is read, in bytes.
const maxKeys = 1 << 20

func parseKey(block *pem.Block) (key crypto.PublicKey, err error) {
	switch {
	case strings.Contains(block.Type, "PRIVATE KEY"):
		return nil, errors.New("it is a private key, which belongs to whoever signs: give the public one")
	case block.Type == "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case block.Type == "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	default:
		return nil, fmt.Errorf("it has a %q, which is no public key", block.Type)
	}
	if err != nil {
		return nil, err
	}
	return key, strong(key)
}

// strong tells why a key is not one to believe.
func strong(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() || k.Curve == elliptic.P521() {
			return nil
		}
		return fmt.Errorf("its curve is %s, not P-256, P-384 or P-521", k.Params().Name)
	case *rsa.PublicKey:
		if k.N.BitLen() >= minRSA {
			return nil
		}
		return fmt.Errorf("it has %d bits, less than %d", k.N.BitLen(), minRSA)
	case ed25519.PublicKey:
		return nil
	}
	return errors.New("it is of a kind that images are not signed with: ECDSA, RSA and Ed25519 are")
}

// verifies tells whether the key made the signature over message. Cosign
// hashes with SHA-256 whatever the key, and newer ones with what suits it; RSA
// keys that a cloud keeps sign with PSS.
func (k Key) verifies(message, signature []byte) bool {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature) ||
			ed25519.VerifyWithOptions(key, sum(crypto.SHA512, message), signature, &ed25519.Options{Hash: crypto.SHA512}) == nil
	case *ecdsa.PublicKey:
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			if ecdsa.VerifyASN1(key, sum(h, message), signature) {
				return true
			}
		}
	case *rsa.PublicKey:
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := sum(h, message)
			if rsa.VerifyPKCS1v15(key, h, digest, signature) == nil || rsa.VerifyPSS(key, h, digest, signature, nil) == nil {
				return true
			}
		}
	}
	return false
}

func sum(h crypto.Hash, message []byte) []byte {
	w := h.New()
	w.Write(message)
	return w.Sum(nil)
}
