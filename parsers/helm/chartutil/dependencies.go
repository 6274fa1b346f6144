package chartutil

import (
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
)

// ProcessDependencies leaves a chart with the subcharts that its values and
// the given ones switch on, under their aliases, and takes values from
// subcharts over where the chart imports them. Both change the chart.
func ProcessDependencies(c *chart.Chart, given map[string]any) error {
	if err := enable(c, given, ""); err != nil {
		return err
	}
	importValues(c)
	return nil
}

// enable goes down the charts. v are the values from the top, and path leads
// from there to c.
func enable(c *chart.Chart, v map[string]any, path string) error {
	declared := c.Metadata.Dependencies
	if declared == nil {
		return nil
	}
	var subs []*chart.Chart
	for _, s := range c.Dependencies() { // those that are there without being declared
		if !slices.ContainsFunc(declared, func(d *chart.Dependency) bool { return fits(d, s) }) {
			subs = append(subs, s)
		}
	}
	for _, d := range declared {
		d.Enabled = true
		for _, s := range c.Dependencies() {
			if fits(d, s) {
				subs = append(subs, named(s, d.Alias))
				break
			}
		}
		if d.Alias != "" {
			d.Name = d.Alias
		}
	}
	c.SetDependencies(subs...)

	values, err := Coalesce(c, v)
	if err != nil {
		return err
	}
	off := map[string]bool{}
	for _, d := range declared {
		d.Enabled = condition(d, values, path, byTags(d, values))
		if !d.Enabled {
			off[d.Name] = true
		}
	}
	subs = slices.DeleteFunc(slices.Clone(c.Dependencies()), func(s *chart.Chart) bool { return off[s.Name()] })
	for _, s := range subs {
		if err := enable(s, values, path+s.Name()+"."); err != nil {
			return err
		}
	}
	c.Metadata.Dependencies = nil
	for _, d := range declared {
		if !off[d.Name] {
			c.Metadata.Dependencies = append(c.Metadata.Dependencies, d)
		}
	}
	c.SetDependencies(subs...)
	return nil
}

func fits(d *chart.Dependency, c *chart.Chart) bool {
	return c.Name() == d.Name && InRange(d.Version, c.Metadata.Version)
}

// named is a copy of the chart, under the alias if there is one: a chart can
// be a dependency several times.
func named(c *chart.Chart, alias string) *chart.Chart {
	out, m := *c, *c.Metadata
	if alias != "" {
		m.Name = alias
	}
	out.Metadata = &m
	return &out
}

// byTags tells whether the tags leave a dependency on: some are true, or none
// is false.
func byTags(d *chart.Dependency, v Values) bool {
	tags, _ := v.Table("tags")
	on := true
	for _, t := range d.Tags {
		if b, ok := tags[t].(bool); ok {
			if b {
				return true
			}
			on = false
		}
	}
	return on
}

// condition is the first boolean that the dependency's conditions lead to,
// else what there was before.
func condition(d *chart.Dependency, v Values, path string, before bool) bool {
	for c := range strings.SplitSeq(strings.TrimSpace(d.Condition), ",") {
		if c == "" {
			continue
		}
		if s, ok := v.scalar(path + c); ok {
			if b, ok := s.(bool); ok {
				return b
			}
		}
	}
	return before
}

// importValues takes values of subcharts over, from the bottom up. The chart's
// own values win over those.
func importValues(c *chart.Chart) {
	for _, s := range c.Dependencies() {
		importValues(s)
	}
	if c.Metadata.Dependencies == nil {
		return
	}
	var all Values = map[string]any{}
	if overlay(c, all, true) != nil {
		return
	}
	imported := map[string]any{}
	for _, d := range c.Metadata.Dependencies {
		for _, i := range d.ImportValues {
			child, parent, ok := Import(i)
			if !ok {
				continue
			}
			t, ok := all.Table(d.Name + "." + child)
			if !ok {
				continue
			}
			imported = under(imported, at(parent, t), true)
		}
	}
	c.Values = under(copyTable(all), imported, true)
}

// Import is what an entry of `import-values` in a Chart.yaml takes from a
// subchart and where it puts it, both as paths with dots; "." is all values.
func Import(entry any) (child, parent string, ok bool) {
	switch e := entry.(type) {
	case string:
		return "exports." + e, ".", true
	case map[string]any:
		return fmt.Sprint(e["child"]), fmt.Sprint(e["parent"]), true
	}
	return "", ".", false
}

// at is a table that has t at a path.
func at(path string, t map[string]any) map[string]any {
	if path == "." {
		return t
	}
	keys := strings.Split(path, ".")
	for _, key := range slices.Backward(keys) {
		t = map[string]any{key: t}
	}
	return t
}
