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
// checked here and never makes an image verified. Transparency logs and timestamps
// are not looked at for keys either. What does check them is a program of its own,
// cmd/seaworthy-keyless, as what it links would make every start slower; the two
// share [Find] and speak in a [Report].
package sign

import (
	"context"
	"errors"
	"fmt"

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
		for s, err := range Find(ctx, from, digest) {
			if err == nil {
				err = v.try(s)
			}
			if v.best.State == Verified {
				return v.best, nil
			}
			errs = append(errs, err)
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
	best   Result
}

// try holds one signature against the keys.
func (v *verification) try(s Signature) error {
	if s.Bundle != nil {
		return v.bundle(s.Bundle)
	}
	v.simple(s)
	return nil
}

// rank orders states by how much they say.
var rank = map[State]int{NotChecked: -1, None: 0, Keyless: 1, Invalid: 2, Verified: 3}

// found takes note of one signature.
func (v *verification) found(state State, format string, args ...any) {
	if rank[state] > rank[v.best.State] {
		v.best = Result{State: state, Detail: fmt.Sprintf(format, args...)}
	}
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
