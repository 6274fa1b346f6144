package helm

import (
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
)

// Helm keeps the archives that it downloaded in a directory of the user's, which
// lies outside of what is analysed: so it is only read when the user says so,
// and of it only files that are named like a chart and its version. What a
// chart asks for chooses among these and cannot lead anywhere else.

// maxArchive bounds an archive in the cache, in bytes.
const maxArchive = 20 << 20

// cached finds the archive of a dependency in the cache: the version that the
// lock file names, else the newest in range.
func (l *loader) cached(c *chart.Chart, d *chart.Dependency) (name string) {
	if l.in.options.Cache == nil || !plainName(d.Name) {
		return ""
	}
	names, err := fs.Glob(l.in.options.Cache, d.Name+"-*.tgz")
	if err != nil {
		return ""
	}
	locked := ""
	if c.Lock != nil {
		for _, e := range c.Lock.Dependencies {
			if e != nil && e.Name == d.Name && chartutil.InRange(d.Version, e.Version) {
				locked = e.Version
			}
		}
	}
	var best *semver.Version
	for _, n := range names {
		version := strings.TrimSuffix(strings.TrimPrefix(n, d.Name+"-"), ".tgz")
		v, err := semver.StrictNewVersion(version)
		if err != nil || !chartutil.InRange(d.Version, version) {
			continue
		}
		if version == locked {
			return n
		}
		if best == nil || v.GreaterThan(best) {
			best, name = v, n
		}
	}
	return name
}

// plainName tells of the names that charts have: letters, digits, dots and
// dashes, nothing that means something in a pattern or a path.
func plainName(name string) bool {
	return name != "" && path.Base(name) == name && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r)
	})
}

// fromCache loads a dependency from the cache; nil when it is not there. Its
// files stand at the line that asks for it.
func (l *loader) fromCache(dir string, c *chart.Chart, d *chart.Dependency) *chart.Chart {
	name := l.cached(c, d)
	if name == "" {
		return nil
	}
	at := *l.entries[d].at
	at.Exact = min(at.Exact, source.InBlock)
	f, err := l.in.options.Cache.Open(name)
	if err != nil {
		l.b.Fail(&at, "cannot read %s in Helm's cache: %v", name, reason(err))
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxArchive+1))
	switch {
	case err != nil:
		l.b.Fail(&at, "cannot read %s in Helm's cache: %v", name, reason(err))
		return nil
	case len(data) > maxArchive:
		l.b.Fail(&at, "%s in Helm's cache has more than %d MiB", name, maxArchive>>20)
		return nil
	}
	return l.archive(path.Join(dir, "charts", name), file{name, data, site{packed: &at}}, &at, 1)
}
