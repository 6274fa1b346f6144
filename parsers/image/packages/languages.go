package packages

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// npmPackage is the manifest of an installed package; other files of the name
// belong to tests, examples and builds within one.
var npmPackage = late.Pattern(`(^|/)node_modules/(@[^/]+/)?[^/@.][^/]*/package\.json$`)

func isNPM(name string) bool {
	return strings.HasSuffix(name, "/package.json") && npmPackage().MatchString(name)
}

// readNPM reads a package.json.
func readNPM(c *Collector, name string, r io.Reader, f *found) error {
	data, err := whole(name, r)
	if err != nil {
		return err
	}
	var p struct{ Name, Version string }
	if err := json.Unmarshal(data, &p); err != nil {
		f.gap = fmt.Sprintf("%q is not JSON of a package: %v", name, err)
		return nil
	}
	if p.Name != "" && p.Version != "" {
		c.take(f, Package{Type: NPM, Ecosystem: "npm", Name: p.Name, Version: strings.TrimPrefix(strings.TrimSpace(p.Version), "v")})
	}
	return nil
}

// isPython finds the metadata of installed Python packages: those of wheels,
// of eggs, and of eggs that are one file.
func isPython(name string) bool {
	dir, base := path.Split(name)
	switch base {
	case "METADATA":
		return strings.HasSuffix(dir, ".dist-info/")
	case "PKG-INFO":
		return strings.HasSuffix(dir, ".egg-info/") || strings.HasSuffix(dir, ".egg/EGG-INFO/")
	}
	return strings.HasSuffix(base, ".egg-info")
}

// readPython reads the head of a Python package's metadata.
func readPython(c *Collector, name string, r io.Reader, f *found) error {
	return eachStanza(name, r, maxMetadata, func(s stanza) bool {
		if s["Name"] != "" && s["Version"] != "" {
			c.take(f, Package{Type: Python, Ecosystem: "PyPI", Name: PythonName(s["Name"]), Version: s["Version"]})
		}
		return false // what follows is the description
	}, "Name", "Version")
}

var pythonSeparators = late.Pattern(`[-_.]+`)

// PythonName is the one spelling of a name of many: see
// https://packaging.python.org/en/latest/specifications/name-normalization/.
func PythonName(name string) string {
	return strings.ToLower(pythonSeparators().ReplaceAllString(name, "-"))
}
