package helm

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/ignore"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

const (
	chartFile        = "Chart.yaml"
	requirementsFile = "requirements.yaml"
	valuesFile       = "values.yaml"
	ignoreFile       = ".helmignore"
)

// The limits of one root. Helm has the one on files itself.
const (
	maxFiles     = 20_000
	maxFileSize  = 5 << 20
	maxTotalSize = 128 << 20
	maxDepth     = 32 // directories in directories, and charts in charts
	maxCharts    = 100
)

// A file is one file of a chart: from the tree, or out of an archive.
type file struct {
	name string // relative to the chart
	data []byte // without a byte order mark
	site site
}

// A site says where the text of a file is for people.
type site struct {
	file   *source.File   // nil for a file out of an archive
	offset int            // of the text in file
	packed *source.Origin // the line that brought the archive in
}

// whole is the file as a whole.
func (s site) whole() *source.Origin {
	if s.file == nil {
		return s.packed
	}
	return parsers.Whole(s.file)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// files reads the files of the chart in a directory of the tree, but for those
// that its .helmignore names.
func (l *loader) files(dir string) []file {
	w := walker{loader: l, dir: dir, rules: l.ignored(dir)}
	w.walk("", 0)
	return w.files
}

func (l *loader) ignored(dir string) *ignore.Rules {
	rules := ignore.Empty()
	if f, err := l.in.tree.Read(path.Join(dir, ignoreFile)); err == nil {
		parsed, err := ignore.Parse(bytes.NewReader(f.Data))
		if err != nil {
			l.b.Fail(parsers.Whole(f), "cannot read the rules in %s: %v", ignoreFile, err)
		} else {
			rules = parsed
		}
	}
	rules.AddDefaults()
	return rules
}

type walker struct {
	*loader
	dir   string
	rules *ignore.Rules
	files []file
}

// walk follows symbolic links, as Helm does, as long as they stay in the tree.
func (w *walker) walk(sub string, depth int) {
	dir := path.Join(w.dir, sub)
	entries, err := fs.ReadDir(w.in.tree.FS(), dir)
	if err != nil {
		w.b.Fail(parsers.Missing(dir), "cannot read the directory: %v", reason(err))
		return
	}
	for _, e := range entries {
		name := path.Join(sub, e.Name())
		info, err := fs.Stat(w.in.tree.FS(), path.Join(w.dir, name))
		if err != nil {
			if e.Type()&fs.ModeSymlink == 0 {
				w.b.Fail(parsers.Missing(path.Join(w.dir, name)), "cannot read the file: %v", reason(err))
			}
			continue // a link that leads nowhere or out of the tree is the tree's problem
		}
		if e.Name() == ".git" || w.rules.Ignore(name, info) {
			continue
		}
		if info.IsDir() {
			if depth < maxDepth && w.count < maxFiles {
				w.count++
				w.walk(name, depth+1)
			}
			continue
		}
		if !w.room(name) {
			return
		}
		w.add(name, info)
	}
}

// room counts files, and says once that there are too many.
func (w *walker) room(string) bool {
	w.count++
	if w.count == maxFiles+1 {
		w.b.Fail(parsers.Missing(path.Join(w.dir, chartFile)),
			"more than %d files in the chart; the rest is left out (name them in %s)", maxFiles, ignoreFile)
	}
	return w.count <= maxFiles
}

func (w *walker) add(name string, info fs.FileInfo) {
	full := path.Join(w.dir, name)
	if !info.Mode().IsRegular() {
		return
	}
	if limit := int64(maxFileSize); info.Size() > limit {
		w.b.Fail(parsers.Missing(full), "larger than %d MiB: Helm does not load such a chart", limit>>20)
		return
	}
	f, err := w.in.tree.Read(full)
	if err != nil {
		w.b.Fail(parsers.Missing(full), "cannot read the file: %v", reason(err))
		return
	}
	if !w.take(len(f.Data)) {
		w.b.Fail(parsers.Whole(f), "the chart has more than %d MiB; the rest is left out", maxTotalSize>>20)
		w.count = maxFiles + 1
		return
	}
	data := bytes.TrimPrefix(f.Data, byteOrderMark)
	w.files = append(w.files, file{name, data, site{file: f, offset: len(f.Data) - len(data)}})
}

// take counts bytes and tells whether there is room for them.
func (l *loader) take(n int) bool {
	l.size += n
	return l.size <= maxTotalSize
}

// reason is an error without the path, which the reader is told anyway.
func reason(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, ": "); i >= 0 {
		return s[i+2:]
	}
	return s
}
