// Package chartutil puts the values of a chart and its subcharts together, and
// takes out the subcharts that they switch off, as Helm's package of that name
// does. Helm's own brings a Kubernetes client and a schema validator that
// downloads schemas, and costs every start of the program 6 ms; a test holds
// this one against it. The name is the same because templates can see it: the
// type of .Values is chartutil.Values.
package chartutil

import (
	"fmt"
	"maps"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// Values are what templates see as .Values.
type Values map[string]any

// Table is the table at a path of keys joined by dots.
func (v Values) Table(path string) (Values, bool) {
	for key := range strings.SplitSeq(path, ".") {
		switch t := v[key].(type) {
		case map[string]any:
			v = t
		case Values:
			v = t
		default:
			return nil, false
		}
	}
	return v, true
}

// AsMap is the values as a plain map, for templates whose functions want one.
func (v Values) AsMap() map[string]any {
	if len(v) == 0 {
		return map[string]any{}
	}
	return v
}

// YAML is the values as YAML.
func (v Values) YAML() (string, error) {
	b, err := yaml.Marshal(v)
	return string(b), err
}

// scalar is what stands at a path, unless that is a table.
func (v Values) scalar(path string) (any, bool) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		t, ok := v.Table(path[:i])
		if !ok {
			return nil, false
		}
		v, path = t, path[i+1:]
	}
	s, ok := v[path]
	return s, ok && !isTable(s)
}

// globalKey is the key whose values subcharts see, too.
const globalKey = "global"

// Coalesce is the values of a chart and its subcharts with the given ones over
// them. A null among those removes a value of the chart.
func Coalesce(c *chart.Chart, given map[string]any) (Values, error) {
	v := copyTable(given)
	return v, overlay(c, v, false)
}

// overlay lays v over the values of c and its subcharts, in v. keepNull keeps
// the nulls that would remove something, for a later round to heed.
func overlay(c *chart.Chart, v map[string]any, keepNull bool) error {
	for key, own := range copyTable(c.Values) {
		given, ok := v[key]
		switch t := given.(type) {
		case map[string]any:
			if own, ok := own.(map[string]any); ok {
				under(t, own, keepNull || hasSubchart(c, key))
			}
		case nil:
			if !ok {
				v[key] = own
			} else if !keepNull {
				delete(v, key)
			}
		}
	}
	for _, sub := range c.Dependencies() {
		own, ok := v[sub.Name()]
		if !ok {
			own = map[string]any{}
			v[sub.Name()] = own
		}
		t, ok := own.(map[string]any)
		if !ok {
			return fmt.Errorf("the value %q is not a table, and there is a subchart of that name", sub.Name())
		}
		passGlobals(t, v)
		if err := overlay(sub, t, keepNull); err != nil {
			return err
		}
	}
	return nil
}

func hasSubchart(c *chart.Chart, name string) bool {
	for _, sub := range c.Dependencies() {
		if sub.Name() == name {
			return true
		}
	}
	return false
}

// passGlobals hands the globals of a chart on to the values of a subchart.
// What the parent says wins over what was there for the subchart.
func passGlobals(to, from map[string]any) {
	theirs, ok := global(to)
	if !ok {
		return
	}
	ours, ok := global(from)
	if !ok {
		return
	}
	for key, v := range ours {
		t, ok := v.(map[string]any)
		if !ok {
			if !isTable(theirs[key]) {
				theirs[key] = v
			}
			continue
		}
		t = shallow(t)
		if old, there := theirs[key]; there {
			old, ok := old.(map[string]any)
			if !ok {
				continue
			}
			under(t, old, true)
		}
		theirs[key] = t
	}
	to[globalKey] = theirs
}

// global is the table of globals; a new one when there is none.
func global(v map[string]any) (map[string]any, bool) {
	g, ok := v[globalKey]
	if !ok {
		return map[string]any{}, true
	}
	t, ok := g.(map[string]any)
	return t, ok
}

// under lays src under dst, in dst. A null in dst removes what src has, or
// hides it with keepNull; a null that hides nothing stays. src changes, too:
// it takes over the nulls.
func under(dst, src map[string]any, keepNull bool) map[string]any {
	if dst == nil {
		return src
	}
	if src == nil {
		return dst
	}
	hides := map[string]bool{}
	for key, v := range src {
		hides[key] = v != nil
	}
	for key, v := range dst {
		if v == nil {
			src[key] = nil
		}
	}
	for key, v := range src {
		d, ok := dst[key]
		switch {
		case !ok:
			dst[key] = v
		case d == nil && hides[key] && !keepNull:
			delete(dst, key)
		default:
			d, isTable := d.(map[string]any)
			if v, ok := v.(map[string]any); ok && isTable {
				under(d, v, keepNull)
			}
		}
	}
	return dst
}

func isTable(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

func shallow(t map[string]any) map[string]any {
	c := make(map[string]any, len(t))
	maps.Copy(c, t)
	return c
}

// copyTable is a copy that shares no table and no list; never nil.
func copyTable(t map[string]any) map[string]any {
	c := make(map[string]any, len(t))
	for k, v := range t {
		c[k] = copyValue(v)
	}
	return c
}

func copyValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		return copyTable(v)
	case []any:
		if v == nil {
			return v
		}
		c := make([]any, len(v))
		for i := range v {
			c[i] = copyValue(v[i])
		}
		return c
	}
	return v
}

// InRange tells whether a version is in a range; false when either is none.
func InRange(constraint, version string) bool {
	v, err := semver.NewVersion(version)
	if err != nil {
		return false
	}
	r, err := semver.NewConstraint(constraint)
	return err == nil && r.Check(v)
}
