package image

import (
	"context"
	"encoding/hex"
	"hash"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A verifier passes on what it reads and holds it against a digest.
type verifier struct {
	io.Reader
	want v1.Hash
	hash hash.Hash
	n    int64
}

// verify reads r against a digest; what has none passes as it is.
func verify(r io.Reader, want v1.Hash) (*verifier, error) {
	v := &verifier{Reader: r, want: want}
	if want == (v1.Hash{}) {
		return v, nil
	}
	h, err := v1.Hasher(want.Algorithm)
	if err != nil {
		return nil, fail(Unsupported, "digests of the kind %q cannot be checked", short(want.Algorithm))
	}
	v.hash = h
	return v, nil
}

func (v *verifier) Read(p []byte) (int, error) {
	n, err := v.Reader.Read(p)
	v.n += int64(n)
	if v.hash != nil {
		v.hash.Write(p[:n])
	}
	return n, err
}

// check tells, when all was read, whether it is what was asked for. A size of
// 0 is one that is not known.
func (v *verifier) check(size int64) error {
	if size > 0 && v.n != size {
		return fail(Malformed, "it has %d bytes, not %d as its manifest says", v.n, size)
	}
	if v.hash == nil {
		return nil
	}
	if got := hex.EncodeToString(v.hash.Sum(nil)); got != v.want.Hex {
		return fail(Malformed, "what was read has the digest %s:%s, not %s", v.want.Algorithm, got, v.want)
	}
	return nil
}

// A meter counts what is read, and stops where a limit is reached or the
// context ends.
type meter struct {
	io.Reader
	ctx  context.Context
	n    int64
	over func(n int64) error // nil when n is not too much
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.Reader.Read(p)
	m.n += int64(n)
	if over := m.over(m.n); over != nil {
		return n, over
	}
	return n, err
}
