// Package compliance has the frameworks: which rules answer which control of a
// benchmark, guide or matrix, and why the others cannot be answered.
//
// A framework is a YAML file, for it is read by people who know the framework
// and not the program. Controls of a section may share a reason. A rule is
// named by its ID or, in frameworks that order all rules, by a glob. What is
// here is read only when a framework is asked for: starting the program costs
// nothing.
package compliance

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/rules"
)

//go:embed *.yaml
var files embed.FS

// order is the order of the frameworks wherever they are listed.
var order = [...]string{
	"pss-baseline", "pss-restricted", "cis-kubernetes", "nsa-cisa", "mitre-attack", "owasp-k8s-2022", "owasp-k8s-2025", "4cs",
}

// IDs are the frameworks' IDs in their order.
func IDs() []string { return slices.Clone(order[:]) }

// A document is a framework as it is written.
type document struct {
	ID, Title, Version, URL, About string
	// Includes is the framework whose controls come first.
	Includes string
	Sections []section
}

type section struct {
	Title string
	// Live and Manual are the reason of all controls here that have none.
	Live, Manual string
	Controls     []control
}

type control struct {
	ID, Title    string
	Rules        []string
	Live, Manual string
}

// Load reads all frameworks.
func Load() ([]*analyzers.Framework, error) {
	all := make([]*analyzers.Framework, 0, len(order))
	known := newCatalogue()
	for _, id := range order {
		d, err := read(id)
		if err != nil {
			return nil, fmt.Errorf("framework %s: %w", id, err)
		}
		f, err := d.framework(known, all)
		if err != nil {
			return nil, fmt.Errorf("framework %s: %w", id, err)
		}
		all = append(all, f)
	}
	return all, nil
}

func read(id string) (d document, err error) {
	data, err := files.ReadFile(id + ".yaml")
	if err != nil {
		return d, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	return d, decoder.Decode(&d)
}

func (d document) framework(known catalogue, before []*analyzers.Framework) (*analyzers.Framework, error) {
	f := &analyzers.Framework{ID: d.ID, Title: d.Title, Version: d.Version, URL: d.URL, About: d.About}
	if d.Includes != "" {
		i := slices.IndexFunc(before, func(b *analyzers.Framework) bool { return b.ID == d.Includes })
		if i < 0 {
			return nil, fmt.Errorf("includes %s, which is not before it", d.Includes)
		}
		f.Sections = slices.Clone(before[i].Sections)
	}
	for _, s := range d.Sections {
		made := analyzers.Section{Title: s.Title}
		for _, c := range s.Controls {
			answers, err := known.expand(c.Rules)
			if err != nil {
				return nil, fmt.Errorf("control %s: %w", c.ID, err)
			}
			if len(c.Rules) == 0 && c.Live == "" && c.Manual == "" {
				c.Live, c.Manual = s.Live, s.Manual
			}
			made.Controls = append(made.Controls, &analyzers.Control{ID: c.ID, Title: c.Title, Rules: answers, Live: c.Live, Manual: c.Manual})
		}
		f.Sections = append(f.Sections, made)
	}
	return f, nil
}

// A catalogue finds rules by name.
type catalogue struct {
	ids   []string
	index map[string]int
}

func newCatalogue() catalogue {
	c := catalogue{index: map[string]int{}}
	for i, r := range rules.All() {
		c.ids, c.index[r.ID] = append(c.ids, r.ID), i
	}
	return c
}

// expand turns names and globs into the rules they stand for, in the
// catalogue's order. One that stands for none is an error.
func (c catalogue) expand(patterns []string) ([]string, error) {
	var found []int
	for _, p := range patterns {
		if i, ok := c.index[p]; ok {
			found = append(found, i)
			continue
		}
		before := len(found)
		for i, id := range c.ids {
			if ok, err := path.Match(p, id); err != nil {
				return nil, fmt.Errorf("rule %q: %w", p, err)
			} else if ok {
				found = append(found, i)
			}
		}
		if len(found) == before {
			return nil, fmt.Errorf("no rule is named %q", p)
		}
	}
	slices.Sort(found)
	var ids []string
	for _, i := range slices.Compact(found) {
		ids = append(ids, c.ids[i])
	}
	return ids, nil
}
