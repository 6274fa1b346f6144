package helm

import (
	"path"
	"sort"
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
	}
	return nil
}

func (s *set) manifest(f engine.File) {
	m := &manifest{set: s, file: f}
	text := source.NewFile(s.templates[f.Template].Name, []byte(f.Text))
	for _, doc := range yamltext.Parse(text, m.place) {
		if doc.Problem != nil {
			s.b.Fail(doc.Problem.At, "the template renders to something that is no YAML: %s",
				strings.TrimPrefix(doc.Problem.Message, "invalid YAML: "))
			continue
		}
		if doc.Root.Kind() == graph.Absent || doc.Root.Kind() == graph.Null {
			continue
		}
		if !kubernetes.Add(s.b, s.known(doc.Root)) {
			s.b.Warn(s.whole(f.Template), "the template renders to something that is no Kubernetes object")
		}
	}
}

// known makes unknown what only the installation decides.
func (s *set) known(doc *graph.Node) *graph.Node {
	return doc.Replace(func(n *graph.Node) *graph.Node {
		if n.Kind() != graph.String && n.Kind() != graph.Number {
			return n
		}
		text := strings.TrimSpace(n.Text())
		if text == unknownNamespace || s.result.Assumed[text] {
			return graph.NewUnknown(n.Handle())
		}
		return n
	})
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
	file engine.File
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
// was copied from the template, the action when an action printed it.
func (r *rendered) Origin() *source.Origin { return r.m.origin(r.start, r.end) }

// Part is the same of a part of a plain or quoted scalar; of anything else,
// such as a block or text with escapes, it is the origin of the whole.
func (r *rendered) Part(start, end int) *source.Origin {
	raw := r.m.file.Text[r.start:r.end]
	shift := 0
	if raw != "" && (raw[0] == '"' || raw[0] == '\'') {
		if strings.ContainsAny(raw[1:max(len(raw)-1, 1)], "\\'\"\n") {
			return r.Origin()
		}
		shift = 1
	} else if strings.ContainsAny(raw, "\n") {
		return r.Origin()
	}
	from, to := r.start+shift+start, r.start+shift+end
	if start < 0 || end < start || to > r.end-shift {
		return r.Origin()
	}
	return r.m.origin(from, to)
}

func (m *manifest) origin(start, end int) *source.Origin {
	pieces := m.file.Pieces
	first := sort.Search(len(pieces), func(i int) bool { return pieces[i].End > start })
	if first == len(pieces) {
		if first == 0 {
			return m.whole(m.file.Template)
		}
		first--
	}
	last := first
	for last+1 < len(pieces) && pieces[last+1].Start < end {
		last++
	}
	p := pieces[first]
	if p.At.Template < 0 {
		return m.whole(m.file.Template)
	}
	if m.sites[p.At.Template].file == nil {
		o := *m.sites[p.At.Template].packed
		o.Step = source.Template
		return &o
	}
	o := m.line(p.At)
	if p.Literal {
		o.Span.Start += start - p.Start
	}
	switch {
	case first == last && p.Literal:
		o.Span.End = o.Span.Start + max(end-start, 0)
		o.Exact = source.AtToken
	case first == last && strings.TrimSpace(m.file.Text[p.Start:p.End]) == m.file.Text[start:end]:
		o.Exact = source.AtToken
	case !p.Literal && (first == last || p.Start < start):
		// One of several things that the action printed.
		o.Exact = source.InBlock
	default:
		if to, ok := m.through(first, last, end); ok {
			o.Span.End = to
		}
	}
	return o
}

// through is the offset, in the template of the first piece, of the end of
// text that several pieces make up. It fails when they do not follow each
// other there, as when a template includes another or goes around a loop.
func (m *manifest) through(first, last, end int) (to int, ok bool) {
	pieces := m.file.Pieces[first : last+1]
	offset := m.sites[pieces[0].At.Template].offset
	for i, p := range pieces {
		if p.At.Template != pieces[0].At.Template || i > 0 && p.At.Start < pieces[i-1].At.End {
			return 0, false
		}
	}
	p := pieces[len(pieces)-1]
	if p.Literal {
		return offset + p.At.Start + end - p.Start, true
	}
	return offset + p.At.End, true
}
