package survey

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// usual are names of environments that are hardly ever names of anything else.
var usual = [...]string{
	"acc", "acceptance", "dev", "develop", "development", "integration", "nonprod", "nonproduction", "perf", "pre",
	"preprod", "preproduction", "preview", "prod", "prd", "production", "qa", "sandbox", "sit", "stage", "staging", "stg",
	"test", "uat",
}

// shared are names of files that the others build on.
var shared = [...]string{"_base", "all", "base", "common", "default", "defaults", "global", "shared"}

// holders are directories with a file for each environment.
var (
	valueHolders    = [...]string{"env", "environments", "envs", "values"}
	variableHolders = [...]string{"config", "env", "environments", "envs", "tfvars", "variables", "vars"}
)

// isEnvironment tells whether a name is that of an environment, with or
// without a region or number: prod, prod-eu-west-1, staging2.
func isEnvironment(name string) bool {
	word, _, _ := strings.Cut(strings.ToLower(name), "-")
	word, _, _ = strings.Cut(word, "_")
	return slices.Contains(usual[:], strings.TrimRight(word, "0123456789"))
}

// valueSets are the values files of a chart beside its own, those of its tests
// among them.
func (l look) valueSets(files []string, dir string) []Set {
	var sets []Set
	base := ""
	for _, f := range files {
		below, ok := within(f, dir)
		ext := path.Ext(below)
		if !ok || ext != ".yaml" && ext != ".yml" {
			continue
		}
		holder, file := path.Split(strings.TrimSuffix(below, ext))
		holder = strings.TrimSuffix(holder, "/")
		name, named := valuesName(file)
		switch {
		case holder == "ci" && strings.HasSuffix(file, "-values"):
			if l.isMapping(f) {
				sets = append(sets, Set{Name: "ci-" + name, Files: []string{l.rel(f)}, Doubt: "values that the tests of the chart use"})
			}
			continue
		case holder == "" && named:
		case slices.Contains(valueHolders[:], holder):
		default:
			continue
		}
		if !l.isMapping(f) {
			continue
		}
		if slices.Contains(shared[:], name) {
			base = cmp.Or(base, l.rel(f))
			continue
		}
		sets = append(sets, l.set(name, f))
	}
	return on(sets, base)
}

// valuesName is the name of a values file, and whether the file's name says
// that it is one: values-prod, values.prod, values_prod, prod-values.
func valuesName(file string) (string, bool) {
	for _, sep := range []string{"-", ".", "_"} {
		if name, ok := strings.CutPrefix(file, "values"+sep); ok && name != "" {
			return name, true
		}
		if name, ok := strings.CutSuffix(file, sep+"values"); ok && name != "" {
			return name, true
		}
	}
	return file, false
}

// variableSets are the variable files of a root module that Terraform does not
// read by itself: beside it, or in a directory of it that holds no module.
func (l look) variableSets(files []string, dir string) []Set {
	var sets []Set
	base := ""
	for _, f := range files {
		below, ok := within(f, dir)
		if !ok || !strings.HasSuffix(strings.TrimSuffix(below, ".json"), ".tfvars") {
			continue
		}
		holder, file := path.Split(strings.TrimSuffix(strings.TrimSuffix(below, ".json"), ".tfvars"))
		holder = strings.TrimSuffix(holder, "/")
		if holder == "" && (file == "terraform" || strings.HasSuffix(file, ".auto")) {
			continue
		}
		name := file
		if first, rest, nested := strings.Cut(holder, "/"); nested { // vars/prod/terraform.tfvars
			if !slices.Contains(variableHolders[:], first) || strings.Contains(rest, "/") {
				continue
			}
			name = rest
			if file != "terraform" && file != rest {
				name += "-" + file
			}
		} else if holder != "" && !slices.Contains(variableHolders[:], holder) {
			continue
		}
		if holder != "" && slices.ContainsFunc(files, func(other string) bool {
			return path.Dir(other) == path.Dir(f) && (strings.HasSuffix(other, ".tf") || strings.HasSuffix(other, ".tofu"))
		}) {
			continue // the variables of another module
		}
		if slices.Contains(shared[:], name) {
			base = cmp.Or(base, l.rel(f))
			continue
		}
		sets = append(sets, l.set(name, f))
	}
	return on(sets, base)
}

func (l look) set(name, file string) Set {
	s := Set{Name: name, Files: []string{l.rel(file)}}
	if !isEnvironment(name) {
		s.Doubt = "not by its name an environment"
	}
	return s
}

// on puts a file that all sets seem to build on before theirs. Two sets of one
// name, from two directories, are told apart by nothing: both are doubtful.
func on(sets []Set, base string) []Set {
	seen := map[string]int{}
	for i := range sets {
		s := &sets[i]
		if base != "" && !strings.HasPrefix(s.Name, "ci-") {
			s.Files, s.Doubt = append([]string{base}, s.Files...), cmp.Or(s.Doubt, "supposed to build on "+base)
		}
		if first, twice := seen[s.Name]; twice {
			sets[first].Doubt, s.Doubt = "there are several of that name", "there are several of that name"
			s.Name = strings.Trim(strings.NewReplacer("/", "-", ".", "-").Replace(s.Files[len(s.Files)-1]), "-")
		}
		seen[s.Name] = i
	}
	slices.SortFunc(sets, func(a, b Set) int { return cmp.Compare(a.Name, b.Name) })
	return sets
}

// within is a path as seen from a directory that it lies below.
func within(name, dir string) (string, bool) {
	if dir == "." {
		return name, true
	}
	return strings.CutPrefix(name, dir+"/")
}

// isMapping tells whether a file is YAML that values can be.
func (l look) isMapping(name string) bool {
	f, err := l.tree.Read(name)
	if err != nil {
		return false
	}
	docs := yamltext.Parse(f, nil)
	return len(docs) == 1 && docs[0].Root != nil && docs[0].Root.Kind() == graph.Map && docs[0].Root.Field("apiVersion") == nil
}
