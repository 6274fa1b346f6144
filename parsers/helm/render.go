package helm

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/chartutil"
	"github.com/seaworthy-iac/seaworthy/parsers/helm/engine"
)

// render renders a chart with the user's values and adds what it renders to.
func (l *loader) render(c *chart.Chart) error {
	at := l.metadata[c]
	vals, err := l.renderValues(c)
	if err != nil {
		l.b.Fail(at, "cannot put the values of the chart together: %v", err)
		return l.ctx.Err()
	}
	l.missing(c)
	if isLibrary(c) {
		l.b.Skip(at.Span.File.Path, "library chart: it is rendered where it is used")
	}
	s := &set{loader: l, files: map[string]site{}}
	s.values = l.layers(c)
	s.collect(c, vals, nil)
	res, err := engine.Render(l.ctx, s.templates)
	if err != nil {
		return err
	}
	s.result = res
	s.failures()
	s.crds(c)
	return s.manifests()
}

// renderValues is what Helm hands to the templates of the root chart, after
// dependencies that are switched off were taken out.
func (l *loader) renderValues(c *chart.Chart) (chartutil.Values, error) {
	given := l.in.values().merged
	if err := chartutil.ProcessDependencies(c, given); err != nil {
		return nil, err
	}
	merged, err := chartutil.Coalesce(c, given)
	if err != nil {
		return nil, err
	}
	caps, err := l.capabilities(c)
	if err != nil {
		return nil, err
	}
	o := l.in.options
	return chartutil.Values{
		"Capabilities": caps,
		"Release": map[string]any{
			"Name":      cmp.Or(o.ReleaseName, DefaultReleaseName),
			"Namespace": cmp.Or(o.Namespace, unknownNamespace),
			"IsUpgrade": false,
			"IsInstall": true,
			"Revision":  1,
			"Service":   "Helm",
		},
		"Values": merged,
	}, nil
}

// missing reports dependencies that are switched on and nowhere to be found.
func (l *loader) missing(c *chart.Chart) {
	for _, d := range c.Metadata.Dependencies {
		if slices.ContainsFunc(c.Dependencies(), func(s *chart.Chart) bool { return s.Name() == d.Name }) {
			continue
		}
		e := l.entries[d]
		if e.at == nil {
			continue
		}
		hint := "run helm dependency build"
		if e.hint != "" {
			hint = e.hint
		}
		l.b.Fail(e.at, "the chart %q %s that this one depends on is not here (%s); it is rendered without", e.name, e.version, hint)
	}
	for _, s := range c.Dependencies() {
		l.missing(s)
	}
}

func isLibrary(c *chart.Chart) bool { return strings.EqualFold(c.Metadata.Type, "library") }

// A set is the templates of a chart and its subcharts, and what became of them.
type set struct {
	*loader
	templates []engine.Template
	sites     []site          // of the templates
	files     map[string]site // other files, by the scope of their chart and name
	values    *layers
	result    *engine.Result
}

// collect adds the templates of a chart and its subcharts, each with what it
// sees. It returns what templates of this chart see as dot.
func (s *set) collect(c *chart.Chart, parent chartutil.Values, scope []string) map[string]any {
	subcharts := map[string]any{}
	dot := map[string]any{
		"Chart": struct {
			chart.Metadata
			IsRoot bool
		}{*c.Metadata, c.IsRoot()},
		"Files":        newFiles(c.Files),
		"Release":      parent["Release"],
		"Capabilities": parent["Capabilities"],
		"Values":       chartutil.Values{},
		"Subcharts":    subcharts,
	}
	if c.IsRoot() {
		dot["Values"] = parent["Values"]
	} else if own, ok := parent.Table("Values." + c.Name()); ok {
		dot["Values"] = own
	}
	for _, sub := range c.Dependencies() {
		subcharts[sub.Name()] = s.collect(sub, dot, append(slices.Clip(scope), sub.Name()))
	}
	for _, f := range c.Files {
		s.files[strings.Join(append(slices.Clip(scope), f.Name), "\x00")] = s.loader.sites[f]
	}
	full := c.ChartFullPath()
	for _, t := range c.Templates {
		if isLibrary(c) && !strings.HasPrefix(path.Base(t.Name), "_") {
			continue
		}
		s.templates = append(s.templates, engine.Template{
			Name:     path.Join(full, t.Name),
			Text:     string(t.Data),
			Data:     dot,
			BasePath: path.Join(full, "templates"),
			Scope:    scope,
			Silent:   strings.HasSuffix(t.Name, "NOTES.txt"),
		})
		s.sites = append(s.sites, s.loader.sites[t])
	}
	return dot
}

// failures reports the templates that could not be rendered. A helper that
// fails for many templates is reported once.
func (s *set) failures() {
	reported := map[string]bool{}
	for _, f := range s.result.Failures {
		site := s.sites[f.Template]
		at := site.whole()
		for i, p := range f.At {
			o := s.line(p)
			if i == 0 {
				at = o
				continue
			}
			c := *o
			c.Step, c.Role = source.Include, source.Via
			at.From = append(at.From, &c)
		}
		key := fmt.Sprintf("%s %d %s", at.Span.File.Path, at.Span.Start, f.Message)
		if !reported[key] {
			reported[key] = true
			s.b.Fail(at, "cannot render the template: %s", f.Message)
		}
	}
}

// line is the origin of a place that is known by its line.
func (s *set) line(p engine.Place) *source.Origin {
	site := s.sites[p.Template]
	if site.file == nil {
		c := *site.packed
		return &c
	}
	return &source.Origin{
		Span:  source.Span{File: site.file, Start: site.offset + p.Start, End: site.offset + p.End},
		Step:  source.Template,
		Exact: source.AtLine,
	}
}

// whole is the origin of a template as a whole.
func (s *set) whole(template int) *source.Origin {
	o := *s.sites[template].whole()
	o.Step = source.Template
	return &o
}
