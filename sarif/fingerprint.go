package sarif

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"unicode/utf16"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// GitHub tells alerts of one rule and file apart by a hash of the lines they
// start on, which it works out itself for uploads by its own action only. Ours
// must be the same to the last bit, or each result draws a warning.
//
// A line's hash covers the next hashed UTF-16 units from its start, which may
// be several lines: blanks are left out, every line break is one "\n", after
// the last line stands endOfFile and after it as many zeros as it takes. Lines
// with equal hashes are numbered from the top.
const (
	hashed    = 100
	base      = 37
	endOfFile = 0xffff
)

// lineHashes are GitHub's hashes of all lines of a text.
func lineHashes(text []byte) []string {
	units, starts := significant(text)
	units = append(units, make([]uint16, hashed)...)
	var leaving uint64 = 1 // the weight of a unit when it leaves the window
	for range hashed {
		leaving *= base
	}
	hashes := make([]string, 0, len(starts))
	seen := make(map[uint64]int, len(starts))
	var hash uint64
	for i, u := range units {
		hash = hash*base + uint64(u)
		start := i + 1 - hashed // of the window
		if start > 0 {
			hash -= leaving * uint64(units[start-1])
		}
		if n := len(hashes); n < len(starts) && starts[n] == start {
			seen[hash]++
			hashes = append(hashes, strconv.FormatUint(hash, 16)+":"+strconv.Itoa(seen[hash]))
		}
	}
	return hashes
}

// significant are the units of a text that are hashed, and where among them
// lines start.
func significant(text []byte) (units []uint16, starts []int) {
	units = make([]uint16, 0, len(text)+1+hashed)
	starts = []int{0}
	var before rune
	for _, r := range string(text) {
		switch {
		case r == ' ', r == '\t', r == '\n' && before == '\r':
		case r == '\r', r == '\n':
			units = append(units, '\n')
			starts = append(starts, len(units))
		default:
			units = utf16.AppendRune(units, r)
		}
		before = r
	}
	return append(units, endOfFile), starts
}

// fingerprints works out fingerprints; it keeps what it hashed.
type fingerprints struct {
	lines map[*source.File][]string
	keys  map[string]int
}

func newFingerprints() *fingerprints {
	return &fingerprints{map[*source.File][]string{}, map[string]int{}}
}

// line is GitHub's hash of a line.
func (p *fingerprints) line(f *source.File, n int) string {
	hashes, ok := p.lines[f]
	if !ok {
		hashes = lineHashes(f.Data)
		p.lines[f] = hashes
	}
	return hashes[min(n, len(hashes))-1]
}

// key is what a finding is without regard to lines: its rule, its resource and
// the path of the value, counted where that is not enough.
func (p *fingerprints) key(f *analyzers.Finding) string {
	key := f.Identity()
	p.keys[key]++
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("%x:%d", sum[:8], p.keys[key])
}
