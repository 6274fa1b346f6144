package packages

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// What is kept of an executable: its head, where the segments are listed, and
// the beginning of what the Go linker wrote about the build. Their lists of
// modules have some ten KiB.
const (
	headSize   = 16 << 10
	windowSize = 1 << 20
)

// buildMagic begins what the Go linker writes about a build.
var buildMagic = []byte("\xff Go buildinf:")

func isExecutable(_ string, mode fs.FileMode) bool { return mode.IsRegular() && mode&0o111 != 0 }

// readExecutable reads what modules a Go executable was built from. The
// executable passes by as a stream, however large it is: a [window] on it has
// what debug/buildinfo needs.
func readExecutable(c *Collector, name string, r io.Reader, f *found) error {
	w, err := openWindow(r)
	if errors.Is(err, errWindows) {
		if !strings.HasSuffix(strings.ToLower(name), ".dll") { // of .NET, or of no use here
			f.gap = "Windows executables are not looked into"
		}
		return nil
	}
	if w == nil || err != nil {
		return err
	}
	if w.old() {
		f.gap = fmt.Sprintf("%q was built with Go older than 1.18, so its modules are not known", name)
		return nil
	}
	info, err := buildinfo.Read(w)
	if err != nil {
		return nil //nolint:nilerr // not built by Go
	}
	of := Package{Type: Go, Ecosystem: "Go"}
	for _, s := range info.Settings {
		if s.Key == "GOARCH" {
			of.Arch = s.Value
		}
	}
	if version, ok := goRelease(info.GoVersion); ok {
		of.Name, of.Version = "stdlib", version
		c.take(f, of)
		if info.Path == "cmd/go" {
			of.Name = "toolchain"
			c.take(f, of)
		}
	}
	for i, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Path == "" || strings.HasPrefix(m.Path, ".") || strings.HasPrefix(m.Path, "/") {
			continue // the standard library's own commands; a directory in a replacement
		}
		of.Name, of.Version, of.Main = m.Path, m.Version, i == 0
		if m.Version == "(devel)" {
			of.Version = ""
		}
		c.take(f, of)
	}
	return nil
}

// goRelease turns "go1.22rc1 X:aliastypeparams" into a semantic version.
func goRelease(text string) (version string, ok bool) {
	m := goVersion().FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	patch := m[2]
	if patch == "" {
		patch = ".0"
	}
	version = m[1] + patch
	if m[3] != "" {
		version += "-" + m[3] + "." + m[4]
	}
	return version, true
}

var goVersion = late.Pattern(`^go(1\.\d+)(\.\d+)?(?:(rc|beta)(\d+))?(?:$|[ +-])`)

var errWindows = errors.New("a Windows executable")

// A window is an executable of which only the head and what follows the build
// information is there; the rest reads as zero.
type window struct {
	head []byte
	at   int64 // of tail
	tail []byte
}

// openWindow reads an executable; nil is one that Go did not build.
func openWindow(r io.Reader) (*window, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("MZ")) {
		return nil, errWindows
	}
	if len(head) < 64 || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return nil, nil
	}
	w := &window{head: bytes.Clone(head)}
	w.hideSections()
	file, err := elf.NewFile(w)
	if err != nil {
		return nil, nil //nolint:nilerr // not an ELF file after all
	}
	at := int64(0)
	for i, p := range file.Progs {
		// As debug/buildinfo looks for it, but that stops at the first of these.
		if p.Type != elf.PT_LOAD || p.Flags&(elf.PF_X|elf.PF_W) != elf.PF_W || int64(p.Off) < at { // debug/elf refuses larger ones
			continue
		}
		if at, err = w.find(b, at, int64(p.Off), int64(p.Off+p.Filesz)); err != nil || w.tail != nil {
			return w, err
		}
		if !w.hideSegment(file, i) {
			break
		}
	}
	return nil, nil
}

// hideSections makes an ELF header say that there is no table of sections: it
// is at the end of the file, and the segments are enough.
func (w *window) hideSections() {
	offset, count := w.head[0x28:0x30], w.head[0x3c:0x40]
	if w.head[elf.EI_CLASS] == byte(elf.ELFCLASS32) {
		offset, count = w.head[0x20:0x24], w.head[0x30:0x34]
	}
	clear(offset)
	clear(count)
}

// hideSegment makes the table of segments say that one is not used.
func (w *window) hideSegment(file *elf.File, i int) bool {
	table, size := file.ByteOrder.Uint64(w.head[0x20:]), file.ByteOrder.Uint16(w.head[0x36:])
	if file.Class == elf.ELFCLASS32 {
		table, size = uint64(file.ByteOrder.Uint32(w.head[0x1c:])), file.ByteOrder.Uint16(w.head[0x2a:])
	}
	entry := table + uint64(i)*uint64(size)
	if entry < table || entry+4 < entry || entry+4 > uint64(len(w.head)) {
		return false
	}
	clear(w.head[entry : entry+4])
	return true
}

// find looks for the build information between two offsets of a file that is
// read up to a third, keeps it, and says up to where it read.
func (w *window) find(b *bufio.Reader, at, from, to int64) (int64, error) {
	n, err := io.CopyN(io.Discard, b, from-at)
	if at += n; err != nil {
		return at, ended(err)
	}
	for at < to {
		chunk, err := b.Peek(32 << 10)
		if len(chunk) == 0 || err != nil && !errors.Is(err, io.EOF) {
			return at, ended(err)
		}
		chunk = chunk[:min(int64(len(chunk)), to-at)]
		i := bytes.Index(chunk, buildMagic)
		skip := len(chunk) - len(buildMagic) + 1 // it may begin in what is left
		switch {
		case i >= 0 && (at+int64(i))%16 == 0:
			if _, err := b.Discard(i); err != nil {
				return at, err
			}
			w.at = at + int64(i)
			w.tail, err = io.ReadAll(io.LimitReader(b, windowSize))
			return w.at, err
		case i >= 0:
			skip = i + 1
		case skip <= 0 || errors.Is(err, io.EOF):
			return at, nil
		}
		if _, err := b.Discard(skip); err != nil {
			return at, err
		}
		at += int64(skip)
	}
	return at, nil
}

// ended is the error of reading a file to its end, which is none.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// old tells whether the build information is of Go before 1.18, which has
// pointers into the rest of the executable.
func (w *window) old() bool { return len(w.tail) > 15 && w.tail[15]&2 == 0 }

var errOutside = errors.New("outside of what was kept of the file")

// ReadAt is that of the whole file, up to what is kept of it. Long reads of
// what is not kept are refused: nobody needs so many zeros.
func (w *window) ReadAt(p []byte, offset int64) (int, error) {
	size := max(int64(len(w.head)), w.at+int64(len(w.tail)))
	if offset < 0 || len(p) > windowSize {
		return 0, errOutside
	}
	if offset >= size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), size-offset))
	clear(p[:n])
	overlay(p[:n], offset, w.head, 0)
	overlay(p[:n], offset, w.tail, w.at)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// overlay copies what of data, which begins at an offset, falls into p.
func overlay(p []byte, offset int64, data []byte, at int64) {
	switch {
	case at >= offset && at-offset < int64(len(p)):
		copy(p[at-offset:], data)
	case at < offset && offset-at < int64(len(data)):
		copy(p, data[offset-at:])
	}
}
