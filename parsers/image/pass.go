package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
)

// A pass is one reading of an archive from its beginning.
type pass struct {
	*tar.Reader
	file     *os.File
	done     func() // with the unpacker
	number   int    // of the file in the archive that is read, from 1
	unpacked *meter // nil for a plain archive
}

func (p *pass) close() {
	p.done()
	p.file.Close() //nolint:errcheck // it was only read
}

// begin begins a pass. What a compressed archive unpacks to is bounded.
func (a *archive) begin(ctx context.Context) (*pass, error) {
	f, err := os.Open(a.path)
	if err != nil {
		return nil, missing(a.path, err)
	}
	p, err := a.beginIn(ctx, f)
	if err != nil {
		f.Close() //nolint:errcheck // it was only read
	}
	return p, err
}

func (a *archive) beginIn(ctx context.Context, f *os.File) (*pass, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, missing(a.path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fail(Malformed, "it is no regular file")
	}
	stored := bufio.NewReaderSize(f, 256<<10)
	plain, done, err := unpack(stored)
	if err != nil {
		return nil, about("it is no archive that can be read", err)
	}
	if plain == stored {
		_, err := f.Seek(0, io.SeekStart)
		return &pass{Reader: tar.NewReader(f), file: f, done: done}, err
	}
	m := &meter{Reader: plain, ctx: ctx, over: a.limits.expansion(info.Size, 0)}
	return &pass{Reader: tar.NewReader(m), file: f, done: done, unpacked: m}, nil
}

func (p *pass) next() (*tar.Header, error) {
	h, err := p.Next()
	if errors.Is(err, tar.ErrInsecurePath) {
		err = nil // names are names here
	}
	p.number++
	return h, err
}

// document is the file that is read when it looks like JSON, else nil.
func (p *pass) document() ([]byte, error) {
	var b bytes.Buffer
	if _, err := io.CopyN(&b, p, 1); err != nil || b.Bytes()[0] != '{' && b.Bytes()[0] != '[' {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return nil, err
	}
	_, err := b.ReadFrom(p)
	return b.Bytes(), err
}

// forward goes on to a file of a compressed archive: with the pass that is
// parked, when that has not come by yet, else from the beginning.
func (a *archive) forward(ctx context.Context, number int) (io.ReadCloser, error) {
	a.mu.Lock()
	p := a.parked
	if p != nil && p.number < number {
		a.parked = nil
	} else {
		p = nil
	}
	a.mu.Unlock()
	if p == nil {
		var err error
		if p, err = a.begin(ctx); err != nil {
			return nil, err
		}
	}
	if p.unpacked == nil {
		p.close()
		return nil, fail(Malformed, "the archive was changed while it was read")
	}
	p.unpacked.ctx = ctx
	for p.number < number {
		if _, err := p.next(); err != nil {
			p.close()
			return nil, about("the archive", err)
		}
	}
	return &parking{p, a}, nil
}

// parking parks a pass when the file that was read is closed.
type parking struct {
	*pass
	archive *archive
}

func (p *parking) Close() error {
	p.archive.mu.Lock()
	defer p.archive.mu.Unlock()
	if old := p.archive.parked; old != nil {
		old.close()
	}
	p.archive.parked = p.pass
	return nil
}
