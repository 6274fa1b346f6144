package helm

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// files is what templates see as .Files. Its methods are those that Helm
// documents.
type files map[string][]byte

func newFiles(list []*chart.File) files {
	fs := files{}
	for _, f := range list {
		fs[f.Name] = f.Data
	}
	return fs
}

// GetBytes is the content of a file, empty when there is none.
func (fs files) GetBytes(name string) []byte {
	if data, ok := fs[name]; ok {
		return data
	}
	return []byte{}
}

// Get is GetBytes as text.
func (fs files) Get(name string) string { return string(fs.GetBytes(name)) }

// maxPattern bounds patterns, whose compilation is not linear.
const maxPattern = 1024

// Glob is the files whose names match; all when the pattern is none.
func (fs files) Glob(pattern string) files {
	var g glob.Glob
	var err error
	if len(pattern) <= maxPattern {
		g, err = glob.Compile(pattern, '/')
	}
	out := files{}
	for name, data := range fs {
		if err != nil || g != nil && g.Match(name) {
			out[name] = data
		}
	}
	return out
}

// AsConfig is the files as the data of a ConfigMap, by their base names.
func (fs files) AsConfig() string {
	return fs.yaml(func(data []byte) string { return string(data) })
}

// AsSecrets is the files as the data of a Secret.
func (fs files) AsSecrets() string { return fs.yaml(base64.StdEncoding.EncodeToString) }

func (fs files) yaml(encode func([]byte) string) string {
	if fs == nil {
		return ""
	}
	names := make([]string, 0, len(fs))
	for name := range fs {
		names = append(names, name)
	}
	slices.Sort(names) // of two with the same base name the last one counts
	m := map[string]string{}
	for _, name := range names {
		m[path.Base(name)] = encode(fs[name])
	}
	data, err := yaml.Marshal(m)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

// Lines are the lines of a file.
func (fs files) Lines(name string) []string {
	text := strings.TrimSuffix(string(fs[name]), "\n")
	if len(fs[name]) == 0 {
		return []string{}
	}
	return strings.Split(text, "\n")
}
