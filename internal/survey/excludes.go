package survey

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// others are directories whose name says that what lies in them is not what
// is deployed. Where the name alone does not settle it, a file beside or in
// the directory has to.
var others = map[string]struct {
	why string
	// proof are files in the directory that settle it; with none the name does,
	// with "?" nothing does.
	proof []string
}{
	"testdata":    {"test data", nil},
	"third_party": {"other people's code", nil},
	"third-party": {"other people's code", nil},
	"vendor":      {"other people's code", []string{"modules.txt", "autoload.php", "vendor.json"}},
	"cdk.out":     {"written by the AWS CDK", nil},
	"cdktf.out":   {"written by the CDK for Terraform", nil},
	"dist":        {"seems to be written by a build", []string{"?"}},
	"build":       {"seems to be written by a build", []string{"?"}},
	"target":      {"seems to be written by a build", []string{"?"}},
	"generated":   {"seems to be generated", []string{"?"}},
	"rendered":    {"seems to be rendered from something else", []string{"?"}},
	"fixtures":    {"seems to be test data", []string{"?"}},
	"test":        {"seems to be test data", []string{"?"}},
	"tests":       {"seems to be test data", []string{"?"}},
	"examples":    {"seems to be examples", []string{"?"}},
}

// excludes are patterns for what holds configuration that is not the
// project's own. A directory within another one of them needs none.
func (l look) excludes(files []string) []Exclude {
	all := l.attributed(files)
	seen := map[string]bool{}
	for _, f := range files {
		if !analysed(f) {
			continue
		}
		names := strings.Split(path.Dir(l.rel(f)), "/")
		for i, name := range names {
			o, known := others[name]
			if !known {
				continue
			}
			dir := strings.Join(names[:i+1], "/")
			if !seen[dir] {
				seen[dir] = true
				proven := len(o.proof) == 0
				for _, p := range o.proof {
					proven = proven || slices.Contains(files, path.Join(l.dir, dir, p))
				}
				all = append(all, Exclude{Pattern: "/" + dir + "/", Why: o.why, Sure: proven})
			}
			break
		}
	}
	return all
}

// attributed are the patterns that .gitattributes calls vendored or generated.
func (l look) attributed(files []string) []Exclude {
	f, err := l.tree.Read(path.Join(l.dir, ".gitattributes"))
	if err != nil {
		return nil
	}
	var all []Exclude
	for line := range strings.Lines(string(f.Data)) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(words[0], "#") || strings.HasPrefix(words[0], `"`) {
			continue
		}
		for _, attribute := range []string{"linguist-vendored", "linguist-generated"} {
			if !slices.Contains(words[1:], attribute) && !slices.Contains(words[1:], attribute+"=true") {
				continue
			}
			e := Exclude{Pattern: words[0], Why: attribute + " in .gitattributes", Sure: true}
			if slices.ContainsFunc(files, func(name string) bool { return analysed(name) && e.matches(l.rel(name)) }) {
				all = append(all, e)
			}
			break
		}
	}
	return all
}

// analysed tells whether a file is one that may be read.
func analysed(name string) bool {
	switch path.Ext(strings.TrimSuffix(name, ".json")) {
	case ".yaml", ".yml", ".tf", ".tofu":
		return true
	}
	return false
}

func (s *Survey) excluded(name string) bool {
	return slices.ContainsFunc(s.Excludes, func(e Exclude) bool { return e.Sure && e.matches(name) })
}

// matches tells whether the pattern, one of .gitignore, leaves a file out: by
// itself or with a directory that it lies in.
func (e Exclude) matches(name string) bool {
	glob := strings.TrimSuffix(e.Pattern, "/")
	if rooted, ok := strings.CutPrefix(glob, "/"); ok || strings.Contains(glob, "/") {
		glob = rooted
	} else {
		glob = "**/" + glob
	}
	if !strings.HasSuffix(e.Pattern, "/") && doublestar.MatchUnvalidated(glob, name) {
		return true
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if doublestar.MatchUnvalidated(glob, dir) {
			return true
		}
	}
	return false
}
