package helm

import (
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
)

// A sibling is a chart of the tree that others may depend on.
type sibling struct{ dir, name, version string }

// siblings reads the names of all charts of the tree. Those that do not parse
// are reported where they are loaded.
func (in *input) siblings() []sibling {
	var all []sibling
	for _, dir := range in.dirs {
		if m := in.chartMetadata(dir); m != nil {
			all = append(all, sibling{dir, m.Name, m.Version})
		}
	}
	return all
}

func (in *input) chartMetadata(dir string) *chart.Metadata {
	f, err := in.tree.Read(path.Join(dir, chartFile))
	if err != nil {
		return nil
	}
	m := new(chart.Metadata)
	if yaml.Unmarshal(f.Data, m) != nil {
		return nil
	}
	if f, err := in.tree.Read(path.Join(dir, requirementsFile)); err == nil {
		_ = yaml.Unmarshal(f.Data, m) // reported when the chart is loaded
	}
	return m
}

// find looks in the tree for the chart that a dependency wants: where its
// file:// repository points, else the chart of that name with the newest
// version in range. hint says why a chart that looks right will not do.
func (in *input) find(from string, d *chart.Dependency) (dir, hint string) {
	if rel, ok := strings.CutPrefix(d.Repository, "file://"); ok {
		dir := path.Join(from, rel)
		switch {
		case path.IsAbs(rel) || dir == ".." || strings.HasPrefix(dir, "../"):
			hint = "its repository lies outside of what is analysed"
		case !in.tree.Exists(path.Join(dir, chartFile)):
			hint = "there is no chart in " + dir
		default:
			return dir, ""
		}
	}
	var best *semver.Version
	for _, s := range in.index() {
		if s.name != d.Name || s.dir == from {
			continue
		}
		v, err := semver.NewVersion(s.version)
		if err != nil || !chartutil.InRange(d.Version, s.version) {
			if hint == "" {
				hint = "the chart in " + s.dir + " has version " + s.version
			}
			continue
		}
		if best == nil || v.GreaterThan(best) {
			best, dir = v, s.dir
		}
	}
	return dir, hint
}

// resolve loads the dependencies of a chart that its charts directory lacks
// from elsewhere in the tree. A chart out of an archive came complete.
func (l *loader) resolve(dir string, c *chart.Chart, packed *source.Origin) {
	if packed != nil {
		return
	}
	vendored := slices.Clone(c.Dependencies())
	done := map[string]bool{}
	for _, d := range c.Metadata.Dependencies {
		key := d.Name + " " + d.Version + " " + d.Repository
		if done[key] || slices.ContainsFunc(vendored, func(s *chart.Chart) bool { return s.Name() == d.Name }) {
			continue
		}
		done[key] = true
		where, hint := l.in.find(dir, d)
		if where != "" && slices.Contains(l.stack, where) {
			where, hint = "", "the charts depend on each other"
		}
		if where == "" {
			if sub := l.fromCache(dir, c, d); sub != nil {
				c.AddDependency(sub)
				continue
			}
			e := l.entries[d]
			e.hint = hint
			l.entries[d] = e
			continue
		}
		if sub := l.directory(where); sub != nil {
			c.AddDependency(sub)
		}
	}
}

// dependencies are the directories that the dependencies of the root's charts
// may be loaded from, and whether there are dependencies at all.
func (r *root) dependencies() (n needs) {
	seen := map[string]bool{}
	var visit func(dir string)
	visit = func(dir string) {
		if seen[dir] {
			return
		}
		seen[dir] = true
		m := r.in.chartMetadata(dir)
		if m == nil {
			return
		}
		for _, d := range m.Dependencies {
			if d == nil {
				continue
			}
			n.any = true
			if found, _ := r.in.find(dir, d); found != "" {
				n.dirs = append(n.dirs, found)
				visit(found)
			}
		}
	}
	for _, dir := range r.in.dirs {
		if dir == r.dir || within(dir, r.dir) {
			visit(dir)
		}
	}
	return n
}

type needs struct {
	any  bool
	dirs []string
}
