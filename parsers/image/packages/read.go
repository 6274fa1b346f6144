package packages

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages/blocks"
)

// What is read of one file.
const (
	maxDatabase = 64 << 20 // of dpkg, apk
	maxMetadata = 1 << 20  // of one package of a language; os-release
	maxLock     = 16 << 20 // of all packages of a program
	maxLine     = 1 << 20
)

// tooLarge is the error of a file that is larger than what is read of it.
type tooLarge struct {
	name  string
	limit int64
}

func (t tooLarge) Error() string {
	return fmt.Sprintf("%q is larger than %d KiB, or has a line that is, and was not read", t.name, t.limit>>10)
}

// readJSON reads a file of at most limit bytes; what is wrong with its text is a
// gap.
func readJSON(name string, r io.Reader, limit int64, to any, f *found) error {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return err
	case int64(len(data)) > limit:
		return tooLarge{name, limit}
	}
	err = json.Unmarshal(data, to)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		f.gap = fmt.Sprintf("%q is not JSON of a package: a %s is where it should not be, up to byte %d", name, wrong.Value, wrong.Offset)
	} else if err != nil {
		f.gap = fmt.Sprintf("%q is not JSON of a package: %v", name, err)
	}
	return nil
}

// load reads a file of at most limit bytes that cannot be read as a stream.
func load(name string, r io.Reader, limit int64) (*blocks.File, error) {
	f, err := blocks.Load(r, limit)
	if errors.Is(err, blocks.ErrTooLarge) {
		err = tooLarge{name, limit}
	}
	return f, err
}

// eachLine reads a file of at most limit bytes by lines, until do says no.
func eachLine(name string, r io.Reader, limit int64, do func(line string) bool) error {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if !do(lines.Text()) {
			return nil
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return tooLarge{name, maxLine}
	case err != nil:
		return err
	case limited.N <= 0:
		return tooLarge{name, limit}
	}
	return nil
}

// A stanza is a paragraph of "Key: value" lines. Values that go on over more
// lines are not needed, but for their first line.
type stanza map[string]string

// eachStanza reads paragraphs, keeping the named fields.
func eachStanza(name string, r io.Reader, limit int64, do func(stanza) bool, fields ...string) error {
	s, more := stanza{}, true
	err := eachLine(name, r, limit, func(line string) bool {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			if len(s) > 0 {
				more = do(s)
				s = stanza{}
			}
			return more
		}
		if key, value, ok := strings.Cut(line, ":"); ok && line[0] != ' ' && line[0] != '\t' {
			for _, f := range fields {
				if strings.EqualFold(f, key) {
					s[f] = strings.TrimSpace(value)
				}
			}
		}
		return true
	})
	if err == nil && more && len(s) > 0 {
		do(s)
	}
	return err
}
