package packages

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// isLanguage finds what says that a package of some language is installed.
func isLanguage(name string) bool {
	return isNPM(name) || isPython(name) || isJava(name) || isGem(name) || isComposer(name) || isDotNet(name)
}

// npmPackage is the manifest of an installed package; other files of the name
// belong to tests, examples and builds within one.
var npmPackage = late.Pattern(`(^|/)node_modules/(@[^/]+/)?[^/@.][^/]*/package\.json$`)

func isNPM(name string) bool {
	return strings.HasSuffix(name, "/package.json") && npmPackage().MatchString(name)
}

// readNPM reads a package.json.
func readNPM(c *Collector, name string, r io.Reader, f *found) error {
	var p struct{ Name, Version string }
	err := readJSON(name, r, maxMetadata, &p, f)
	if p.Name != "" && p.Version != "" {
		c.take(f, Package{Type: NPM, Ecosystem: "npm", Name: p.Name, Version: strings.TrimPrefix(strings.TrimSpace(p.Version), "v")})
	}
	return err
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

// isGem finds what RubyGems writes of an installed gem.
func isGem(name string) bool {
	dir := strings.TrimSuffix(path.Dir(name), "/default")
	return path.Ext(name) == ".gemspec" && path.Base(dir) == "specifications"
}

// readGem reads the line that RubyGems puts in front so that nobody has to run
// the rest: "# stub: nokogiri 1.13.0 x86_64-linux lib".
func readGem(c *Collector, name string, r io.Reader, f *found) error {
	f.gap = fmt.Sprintf("%q does not say what gem it is of", name)
	lines := 0
	return eachLine(name, r, maxMetadata, func(line string) bool {
		lines++
		if words := strings.Fields(line); len(words) > 3 && words[0] == "#" && words[1] == "stub:" {
			f.gap = ""
			c.take(f, Package{Type: Gem, Ecosystem: "RubyGems", Name: words[2], Version: words[3]})
			return false
		}
		return lines < 3
	})
}

// isComposer finds what Composer writes of the packages that it installed.
func isComposer(name string) bool {
	return strings.HasSuffix("/"+name, "/vendor/composer/installed.json")
}

// readComposer reads an installed.json, of which the first Composer made a list
// and the second an object. A version that is a branch is none.
func readComposer(c *Collector, name string, r io.Reader, f *found) error {
	var file composer
	err := readJSON(name, r, maxLock, &file, f)
	for _, p := range file.Packages {
		version := strings.TrimPrefix(p.Version, "v")
		if strings.Trim(version[:min(1, len(version))], "0123456789") != "" || strings.HasSuffix(version, "-dev") {
			version = ""
		}
		if p.Name != "" && !c.take(f, Package{Type: Composer, Ecosystem: "Packagist", Name: strings.ToLower(p.Name), Version: version}) {
			break
		}
	}
	return err
}

type composer struct {
	Packages []struct{ Name, Version string }
}

// UnmarshalJSON reads both forms.
func (c *composer) UnmarshalJSON(data []byte) error {
	if list := json.Unmarshal(data, &c.Packages); list == nil {
		return nil
	}
	type object composer
	return json.Unmarshal(data, (*object)(c))
}

// isDotNet finds what the .NET SDK writes of the libraries of a program.
func isDotNet(name string) bool { return strings.HasSuffix(name, ".deps.json") }

// readDotNet reads a deps.json, where libraries are "Newtonsoft.Json/13.0.1".
// The parts of .NET that a program brings along are packages, too.
func readDotNet(c *Collector, name string, r io.Reader, f *found) error {
	var file struct {
		Libraries map[string]struct{ Type string }
	}
	err := readJSON(name, r, maxLock, &file, f)
	for _, key := range slices.Sorted(maps.Keys(file.Libraries)) {
		kind := file.Libraries[key].Type
		library, version, ok := strings.Cut(strings.TrimPrefix(key, "runtimepack."), "/")
		if !ok || library == "" || kind != "package" && kind != "runtimepack" {
			continue // the program itself, or what comes with .NET
		}
		if !c.take(f, Package{Type: NuGet, Ecosystem: "NuGet", Name: library, Version: version}) {
			break
		}
	}
	return err
}
