package config

import (
	"maps"
	"path"
	"slices"
)

// rooted makes paths relative to the tree, each by where it was written.
func (c *Config) rooted() {
	for i := range c.Ignore {
		c.Ignore[i].Paths = below(c.Dir, c.Ignore[i].Paths)
	}
	c.Exclude = patternsBelow(c.Dir, c.Exclude)
	c.Helm.Values, c.Helm.Sets = below(c.Dir, c.Helm.Values), setsBelow(c.Dir, c.Helm.Sets)
	c.Terraform.VarFiles, c.Terraform.Sets = below(c.Dir, c.Terraform.VarFiles), setsBelow(c.Dir, c.Terraform.Sets)
}

// add says what another configuration says on top of what is there: its lists
// are added, its single values replace. Only the rules to run are replaced as
// a whole, because "strict" on top of "recommended" would change nothing.
func (c *Config) add(o *Config) {
	if len(o.Select) > 0 {
		c.Select = o.Select
	}
	c.Ignore = append(c.Ignore, o.Ignore...)
	c.Severity = joined(c.Severity, o.Severity)
	c.Params = joined(c.Params, o.Params)
	c.Exclude = append(c.Exclude, o.Exclude...)
	for _, f := range o.Frameworks {
		if !slices.Contains(c.Frameworks, f) {
			c.Frameworks = append(c.Frameworks, f)
		}
	}
	c.Templates = joined(c.Templates, o.Templates)
	replace(&c.FailOn, o.FailOn)
	replace(&c.KubeVersion, o.KubeVersion)
	c.RequireReason = c.RequireReason || o.RequireReason
	if o.ForeignIgnores != nil {
		c.ForeignIgnores = o.ForeignIgnores
	}
	replace(&c.Helm.Namespace, o.Helm.Namespace)
	replace(&c.Helm.ReleaseName, o.Helm.ReleaseName)
	c.Helm.APIVersions = append(c.Helm.APIVersions, o.Helm.APIVersions...)
	c.Helm.Values = append(c.Helm.Values, o.Helm.Values...)
	c.Helm.Sets = joined(c.Helm.Sets, o.Helm.Sets)
	c.Terraform.VarFiles = append(c.Terraform.VarFiles, o.Terraform.VarFiles...)
	c.Terraform.Sets = joined(c.Terraform.Sets, o.Terraform.Sets)
}

func replace(s *string, by string) {
	if by != "" {
		*s = by
	}
}

func joined[V any](m, more map[string]V) map[string]V {
	if len(more) == 0 {
		return m
	}
	all := maps.Clone(m)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, more)
	return all
}

// below are paths as seen from the tree.
func below(dir string, paths []string) []string {
	var all []string
	for _, p := range paths {
		all = append(all, path.Join(dir, p))
	}
	return all
}

func setsBelow(dir string, sets map[string]map[string][]string) map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for root, named := range sets {
		of := map[string][]string{}
		for name, files := range named {
			of[name] = below(dir, files)
		}
		all[path.Join(dir, root)] = of
	}
	return all
}

// patternsBelow are patterns as in .gitignore, as seen from the tree: one
// without a slash inside matches at any depth below dir.
func patternsBelow(dir string, patterns []string) []string {
	if dir == "." {
		return patterns
	}
	var all []string
	for _, p := range patterns {
		not := ""
		if p[:min(1, len(p))] == "!" {
			not, p = "!", p[1:]
		}
		directory := ""
		if len(p) > 1 && p[len(p)-1] == '/' {
			directory = "/"
		}
		clean := path.Clean("/" + p)[1:]
		if path.Base(clean) == clean && p[:1] != "/" {
			clean = "**/" + clean
		}
		all = append(all, not+"/"+dir+"/"+clean+directory)
	}
	return all
}
