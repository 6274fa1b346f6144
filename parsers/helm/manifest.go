package helm

import (
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// manifests reads what the templates rendered to.
func (s *set) manifests() error {
	for _, f := range s.result.Files {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if strings.TrimSpace(f.Text) != "" {
			s.manifest(f)
		}
		s.doubtful(f)
	}
	return nil
}

func (s *set) manifest(f engine.File) {
	m := &manifest{set: s, file: f}
	text := source.NewFile(s.templates[f.Template].Name, []byte(f.Text))
	docs := yamltext.Parse(text, m.place)
	for _, doc := range docs {
		if doc.Problem != nil {
			if f.Failed {
				continue // for want of what failed, which has been reported
			}
			s.b.Fail(doc.Problem.At, "the template renders to something that is no YAML: %s",
				strings.TrimPrefix(doc.Problem.Message, "invalid YAML: "))
			continue
		}
		if doc.Root.Kind() == graph.Absent || doc.Root.Kind() == graph.Null {
			continue
		}
		if !m.add(doc.Root) {
			if !f.Failed {
				s.b.Warn(s.whole(f.Template), "the template renders to something that is no Kubernetes object")
			}
		}
	}
}

// crds adds the files of the crds directories, which are not rendered.
func (s *set) crds(c *chart.Chart) {
	for _, f := range c.Files {
		switch path.Ext(f.Name) {
		case ".yaml", ".yml", ".json":
		default:
			continue
		}
		if !strings.HasPrefix(f.Name, "crds/") {
			continue
		}
		at := s.loader.sites[f]
		text, place := at.file, (func(start, end int) source.Handle)(nil)
		if text == nil {
			text = source.NewFile(f.Name, f.Data)
			place = func(int, int) source.Handle { return at.packed }
		}
		for _, doc := range yamltext.Parse(text, place) {
			if doc.Problem != nil {
				s.b.Problems = append(s.b.Problems, *doc.Problem)
				continue
			}
			kubernetes.Add(s.b, doc.Root)
		}
	}
	for _, sub := range c.Dependencies() {
		s.crds(sub)
	}
}

// A manifest is the rendered text of one template, and knows where it is from.
type manifest struct {
	*set
	file  engine.File
	begin int           // of the document that is being read
	gaps  []engine.Miss // where a value that is not known stood for keys or items
}

// place is the handle of the bytes [start,end) of the rendered text.
func (m *manifest) place(start, end int) source.Handle { return &rendered{m, start, end} }

// rendered is a range of rendered text. Where it comes from is worked out when
// somebody asks.
type rendered struct {
	m          *manifest
	start, end int
}

// Origin is where the template has what was rendered: the text itself when it
// was copied from the template, the action when an action printed it, with the
// values that flowed in.
func (r *rendered) Origin() *source.Origin {
	from, to := r.content()
	return r.m.origin(r.start, r.end, from, to)
}

// content is what the text says, without quotes or the header of a block.
func (r *rendered) content() (from, to int) {
	raw := r.m.file.Text[r.start:r.end]
	if len(raw) >= 2 && (raw[0] == '"' || raw[0] == '\'') && raw[len(raw)-1] == raw[0] {
		return r.start + 1, r.end - 1
	}
	return r.start, r.end
}

// Part is the same of a part of a plain or quoted scalar; of anything else,
// such as a block or text with escapes, it is the origin of the whole.
func (r *rendered) Part(start, end int) *source.Origin {
	from, to := r.start+start, r.start+end
	if start < 0 || end < start || to > r.end {
		return r.Origin()
	}
	return r.m.origin(from, to, from, to)
}
