package component

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Setting is one setting of a component: as written or, when it is written
// nowhere, as it is by default.
type Setting struct {
	// Name is the setting as it is called where it is written: --profiling,
	// profiling, enableProfiling, ETCD_AUTO_TLS.
	Name string
	// Set tells whether it is written at all; Unsure when it may be where it
	// cannot be seen.
	Set graph.Tri
	// At is where it is written, or what it is missing in.
	At graph.Value

	texts []string // all texts, for flags that may be given several times
	known bool
	bare  bool // --flag without =value: what follows may be its value
}

// Flag is the setting that has this name on the command line. It is false
// where the component's form has no such setting, such as a configuration file
// without the field.
func (c Component) Flag(name string) (Setting, bool) {
	var s Setting
	switch c.form {
	case commandLine:
		s = c.onCommandLine(name)
	case k3s:
		s = c.onCommandLine(name)
		s.Name = strings.TrimLeft(s.Name, "-")
	case kubeadm:
		s = c.extraArgument(name)
	case file:
		field, ok := fields[c.Program][name]
		if !ok {
			return s, false
		}
		v := c.config.At(field)
		s = Setting{Name: field, At: v, Set: v.Present()}
		if s.Set == graph.True {
			s.Name = v.Key()
		}
		s.take(v)
	}
	if s.Set == graph.False {
		s.texts, s.known = []string{c.standard(name)}, true
	}
	return s, true
}

func (c Component) onCommandLine(name string) Setting {
	s := Setting{Name: "--" + name, At: c.holder, Set: graph.False}
	variable := c.variable(name)
	if c.hidden || c.outsourced(name) || variable.Present() == graph.Unsure {
		s.Set = graph.Unsure
	}
	if c.Program == Etcd && variable.Present() == graph.True {
		s.Name, s.At, s.Set = "ETCD_"+environment(name), variable, graph.True
		s.take(variable)
	}
	first := true
	for i, w := range c.words {
		if w.text == "--" {
			break
		}
		flag, value, inline := strings.Cut(w.text, "=")
		if !strings.HasPrefix(flag, "-") || normal(strings.TrimLeft(flag, "-")) != name {
			continue
		}
		if first {
			s.texts, s.known, first = nil, true, false
		}
		s.Name, s.At, s.Set, s.bare = flag, w.at, graph.True, !inline
		if !inline && i+1 < len(c.words) && !strings.HasPrefix(c.words[i+1].text, "-") {
			next := c.words[i+1]
			value, s.known = next.text, s.known && next.known
		}
		s.add(value)
	}
	return s
}

// variable is the environment variable that stands in for a flag of etcd.
func (c Component) variable(name string) graph.Value {
	if c.Program == Etcd {
		for v := range c.env.Each() {
			if v.At("name").Is("ETCD_"+environment(name)) == graph.True {
				if v.At("valueFrom").Present() == graph.True {
					return v.At("valueFrom")
				}
				return v.At("value")
			}
		}
	}
	return graph.Value{}
}

func environment(flag string) string {
	return strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// outsourced tells whether a file that the component is given may hold the setting.
func (c Component) outsourced(name string) bool {
	for _, w := range c.words {
		flag, _, _ := strings.Cut(strings.TrimLeft(w.text, "-"), "=")
		switch flag = normal(flag); {
		case !strings.HasPrefix(w.text, "-"):
		case c.Program == Etcd && flag == "config-file",
			c.Program == Proxy && flag == "config",
			c.Program == APIServer && flag == "authentication-config" && name == "anonymous-auth",
			c.Program == APIServer && flag == "authorization-config" && name == "authorization-mode":
			return true
		case flag == "config", flag == "config-dir":
			if fields[c.Program][name] != "" {
				return true
			}
		}
	}
	return false
}

func (c Component) extraArgument(name string) Setting {
	s := Setting{Name: name, At: c.holder, Set: graph.False, known: true}
	if c.hidden {
		s.Set = graph.Unsure
	}
	for i, v := range c.args {
		if c.names[i] == name {
			s.At, s.Set, s.texts, s.known = v, graph.True, nil, true
			s.take(v)
		}
	}
	return s
}

// take adds the text of a value, or the texts of a list or of a map.
func (s *Setting) take(v graph.Value) {
	s.known = true
	switch v.Kind() {
	case graph.List:
		for item := range v.Each() {
			text, known := item.Text("")
			s.known = s.known && known
			s.add(text)
		}
	case graph.Map:
		for key, item := range v.Entries() {
			text, known := item.Text("")
			s.known = s.known && known
			s.add(key + "=" + text)
		}
	default:
		text, known := v.Text("")
		s.known = known
		s.add(text)
	}
}

// add takes a text; a variable that the kubelet puts in is not known.
func (s *Setting) add(text string) {
	s.known = s.known && !strings.Contains(text, "$(")
	s.texts = append(s.texts, text)
}

// Text is the setting's text; of several the last.
func (s Setting) Text() (text string, known bool) {
	if s.Set == graph.Unsure || !s.known || len(s.texts) == 0 {
		return "", s.Set == graph.True && s.known
	}
	return s.texts[len(s.texts)-1], true
}

// Bool is the truth of a setting that is a switch.
func (s Setting) Bool() graph.Tri {
	text, known := s.Text()
	if !known {
		return graph.Unsure
	}
	if s.bare {
		return graph.True // a switch takes no word that follows it
	}
	b, err := strconv.ParseBool(text)
	if err != nil && text != "" {
		return graph.Unsure
	}
	return graph.Of(b)
}

// Words are the items of a setting that is a list: of all times it is given.
func (s Setting) Words() (words []string, known bool) {
	if _, known := s.Text(); !known {
		return nil, false
	}
	for _, text := range s.texts {
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
	}
	return words, true
}

// Has tells whether one of the words is among the items.
func (s Setting) Has(words ...string) graph.Tri {
	items, known := s.Words()
	if !known {
		return graph.Unsure
	}
	return graph.Of(slices.ContainsFunc(items, func(item string) bool { return slices.Contains(words, item) }))
}

// Number is a number.
func (s Setting) Number() (n float64, known bool) {
	text, known := s.Text()
	if !known {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// Seconds is a duration such as 1h30m, or a plain 0.
func (s Setting) Seconds() (n float64, known bool) {
	text, known := s.Text()
	if !known {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	return d.Seconds(), err == nil
}
