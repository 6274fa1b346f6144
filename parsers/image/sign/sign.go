// Package sign verifies the signatures of images that cosign made with a key.
//
// A signature lies beside the image, in the same repository: under a tag made
// of the image's digest, or as an artifact that refers to it. It is a few bytes
// over a small document, the payload, which names the image's digest. A payload
// that a key signed and that names the digest makes the image [Verified]; where
// the signature lies, what tags and annotations say and who serves it proves
// nothing.
//
// Only keys that the user gives are believed. A keyless signature, whose
// certificate has to be held against authorities and a transparency log, is not
// checked and never makes an image verified. Transparency logs and timestamps
// are not looked at for keys either.
package sign

import (
	"context"
	"errors"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A State is what is known about the signatures of an image.
type State string

// The states.
const (
	Verified State = "verified" // one of the keys signed it
	Invalid  State = "invalid"  // there are signatures, and none is one of the keys'
	// Keyless has keyless signatures only, which are not checked.
	Keyless State = "keyless"
	None    State = "none"
	// NotChecked is one that nobody asked about, or that could not be looked for.
	NotChecked State = "not checked"
)

// A Result is what came of looking for signatures.
type Result struct {
	State State
	// By is the name of the key that signed; "" unless Verified.
	By string
	// Detail is in words for people why the state is what it is.
	Detail string
}

// Bounds on what is read of strangers, all far above what is real.
const (
	maxRead       = 4 << 20 // bytes of a manifest, a payload or a bundle
	maxSignatures = 64      // signatures that are tried of one image
)

// Verify looks for signatures of an image by one of the keys. The image has
// more than one digest where its manifest was chosen from an index: cosign signs
// the index, and what it names with it. The error says what could not be read;
// the result is NotChecked then unless a signature was found all the same.
func Verify(ctx context.Context, from Fetcher, digests []v1.Hash, keys []Key) (Result, error) {
	if len(keys) == 0 {
		return Result{State: NotChecked, Detail: "no key was given"}, nil
	}
	v := verification{ctx: ctx, from: from, keys: keys, best: Result{State: None, Detail: "it has no signature"}}
	var errs []error
	for _, digest := range digests {
		v.digest = digest
		errs = append(errs, v.tagged(), v.referrers())
		if v.best.State == Verified {
			return v.best, nil
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Result{State: NotChecked, Detail: "its signatures could not be read"}, err
	}
	return v.best, nil
}

// A verification is the look for signatures of one image.
type verification struct {
	ctx    context.Context
	from   Fetcher
	keys   []Key
	digest v1.Hash
	tried  int
	best   Result
}

// rank orders states by how much they say.
var rank = map[State]int{None: 0, Keyless: 1, Invalid: 2, Verified: 3}

// found takes note of one signature.
func (v *verification) found(state State, format string, args ...any) {
	if rank[state] > rank[v.best.State] {
		v.best = Result{State: state, Detail: fmt.Sprintf(format, args...)}
	}
}

// more tells whether another signature may be tried.
func (v *verification) more() error {
	if v.best.State == Verified {
		return errDone
	}
	if v.tried++; v.tried > maxSignatures {
		return fmt.Errorf("signatures of %s: there are more than %d", v.digest, maxSignatures)
	}
	return v.ctx.Err()
}

// errDone ends a walk over signatures.
var errDone = errors.New("done")

// undone is err unless it says that nothing is left to do.
func undone(err error) error {
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// signed tells whether one of the keys made the signature over message, and
// takes note of it.
func (v *verification) signed(message, signature []byte) bool {
	for _, k := range v.keys {
		if k.verifies(message, signature) {
			v.best = Result{State: Verified, By: k.Name, Detail: "signed with " + k.Name}
			return true
		}
	}
	return false
}

// refused takes note of a signature that is none of the keys'.
func (v *verification) refused(keyless bool) {
	if keyless {
		v.found(Keyless, "keyless signatures are not checked")
		return
	}
	v.found(Invalid, "its signature is by none of the keys given")
}

// read reads a small blob and holds it against its digest.
func read(ctx context.Context, open func(context.Context, v1.Descriptor) (io.ReadCloser, error), d v1.Descriptor) ([]byte, error) {
	r, err := open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(r, maxRead+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.Digest, err)
	}
	if len(text) > maxRead {
		return nil, fmt.Errorf("read %s: it has more than %d bytes", d.Digest, maxRead)
	}
	return text, checkDigest(text, d.Digest)
}

// checkDigest tells when text is not what its digest says.
func checkDigest(text []byte, want v1.Hash) error {
	h, err := v1.Hasher(want.Algorithm)
	if err != nil {
		return fmt.Errorf("read %s: %w", want, err)
	}
	h.Write(text)
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want.Hex {
		return fmt.Errorf("read %s: what came has the digest %s:%s", want, want.Algorithm, got)
	}
	return nil
}
