package blocks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestLoad reads what is too large, and what cannot be read to its end.
func TestLoad(t *testing.T) {
	if _, err := Load(bytes.NewReader(make([]byte, Size+1)), Size); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for _, broken := range []error{io.ErrUnexpectedEOF, io.ErrClosedPipe} {
		r := io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(broken))
		if _, err := Load(r, Size); !errors.Is(err, broken) {
			t.Errorf("%v: %v", broken, err)
		}
	}
}

// TestPart reads parts that lie across blocks.
func TestPart(t *testing.T) {
	data := make([]byte, 3*Size+100)
	for i := range len(data) / 4 {
		binary.BigEndian.PutUint32(data[4*i:], uint32(i))
	}
	f, err := Load(iotest.HalfReader(bytes.NewReader(data)), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct{ offset, length int64 }{
		{0, 16}, {Size - 1, 1}, {Size - 1, 2}, {Size, 16}, {100, 2 * Size}, {0, f.Len()}, {f.Len(), 0}, {f.Len() - 1, 1},
	} {
		got, err := f.Part(at.offset, at.length)
		if err != nil || !bytes.Equal(got, data[at.offset:at.offset+at.length]) {
			t.Errorf("%v: %v", at, err)
		}
	}
	for _, at := range []struct{ offset, length int64 }{{-1, 1}, {0, -1}, {f.Len(), 1}, {1 << 62, 1 << 62}, {0, f.Len() + 1}} {
		if _, err := f.Part(at.offset, at.length); err == nil {
			t.Errorf("%v is there", at)
		}
	}
	if n, err := f.ReadAt(make([]byte, 200), f.Len()-100); n != 100 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes at the end, %v", n, err)
	}
}
