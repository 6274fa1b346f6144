package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/analyzers/suppress"
	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
	"github.com/seaworthy-iac/seaworthy/rules/suppression"
)

// configuration are the flags about configuration files, and what they lead
// to. What a flag says holds for everything, whatever a file says.
type configuration struct {
	file           string
	none           bool
	noIgnores      bool
	foreignIgnores bool

	flags  *pflag.FlagSet
	finder *config.Finder
	dirs   map[string]string // of roots, by their IDs
}

func (c *configuration) register(flags *pflag.FlagSet) {
	c.flags = flags
	flags.StringVar(&c.file, "config", "", "configuration `file` for everything (default: the nearest "+config.Name+" upward from each root)")
	flags.BoolVar(&c.none, "no-config", false, "read no configuration")
}

// registerIgnores adds the flags about what people decided to live with.
func (c *configuration) registerIgnores(flags *pflag.FlagSet) {
	flags.BoolVar(&c.noIgnores, "no-ignores", false, "report also what comments, annotations and the configuration tell to ignore")
	flags.BoolVar(&c.foreignIgnores, "foreign-ignores", true, "let comments and annotations for other analyzers count")
}

// open finds out where configurations come from.
func (c *configuration) open(at *place) error {
	c.dirs = map[string]string{}
	var fixed *config.Config
	switch {
	case c.none && c.file != "":
		return fmt.Errorf("--config and --no-config exclude each other")
	case c.none:
		fixed = &config.Config{Dir: "."}
	case c.file != "":
		name, err := at.tree.Admit(c.file)
		if err != nil {
			return fmt.Errorf("--config: %w", err)
		}
		if fixed, err = config.Read(at.tree, name); err != nil {
			return err
		}
	}
	c.finder = config.NewFinder(at.tree, fixed)
	return nil
}

// of is the configuration of a resource: that of its root, or of its file
// where the root is all manifests that lie about. What is in none is judged by
// the one at the top.
func (c *configuration) of(r *graph.Resource) *config.Config {
	if r == nil {
		return c.finder.At(".")
	}
	return c.at(r, cmp.Or(c.dirs[r.Root], "."))
}

// at is the configuration of a resource of a root that lies in dir: what lies
// about, or runs and was written somewhere, is judged by where that is.
func (c *configuration) at(r *graph.Resource, dir string) *config.Config {
	strewn := strings.HasPrefix(r.Root, "kubernetes:") || strings.HasPrefix(r.Root, "cluster:")
	if strewn && r.Place != nil && r.Place.Span.File != nil && !r.Place.Span.File.Remote {
		return c.finder.At(path.Dir(r.Place.Span.File.Path))
	}
	return c.finder.At(dir)
}

// all are the configurations that count for a graph, in the order of its
// resources.
func (c *configuration) all(g *graph.Graph) []*config.Config {
	var all []*config.Config
	seen := map[*config.Config]bool{}
	for _, r := range g.Resources() {
		if c := c.of(r); !seen[c] {
			seen[c], all = true, append(all, c)
		}
	}
	if len(all) == 0 { // what is wrong is still to be said by somebody
		all = append(all, c.of(nil))
	}
	return all
}

// given tells whether a flag was set, so that it counts and no file does.
func (c *configuration) given(flag string) bool { return c.flags.Changed(flag) }

// policies are what to ask of the resources: one for each configuration.
func (o *options) policies(g *graph.Graph) ([]driver.Policy, error) {
	configs := o.config.all(g)
	var policies []driver.Policy
	for _, c := range configs {
		p, err := o.policy(c, rules.All())
		if err != nil {
			return nil, err
		}
		if len(configs) > 1 {
			p.For = func(r *graph.Resource) bool { return o.config.of(r) == c }
		}
		policies = append(policies, p)
	}
	return policies, nil
}

func (o *options) policy(c *config.Config, all []*analyzers.Rule) (driver.Policy, error) {
	if err := cmp.Or(checkVersion(c), checkTemplates(c)); err != nil {
		return driver.Policy{}, err
	}
	take, leave := o.take, o.leave
	if !o.config.given("select") {
		take = c.Select
		if len(take) == 0 && !o.config.given("framework") {
			take = []string{analyzers.Recommended.String()}
		}
	}
	frameworks := o.frameworks
	if !o.config.given("framework") {
		frameworks = c.Frameworks
	}
	take = append(slices.Clip(take), frameworks...)
	for _, i := range c.Ignore {
		if len(i.Paths) == 0 && len(i.Resources) == 0 && i.Until == "" {
			leave = append(slices.Clip(leave), i.Rules...)
		}
	}
	selected, err := driver.Select(all, compliance.Load, take, leave)
	if err != nil {
		return driver.Policy{}, fmt.Errorf("%s: %w", c.Where("select"), err)
	}
	if c.RequireReason {
		selected = require(selected, suppression.All(), suppress.ReasonMissing)
	}
	if selected, err = o.withSeverities(c, selected); err != nil {
		return driver.Policy{}, err
	}
	params, err := o.params(c, all)
	return driver.Policy{Rules: selected, Params: params}, err
}

// require adds a rule of some to those selected.
func require(selected, some []*analyzers.Rule, id string) []*analyzers.Rule {
	for _, r := range some {
		if r.ID == id && !slices.Contains(selected, r) {
			selected = append(selected, r)
		}
	}
	return selected
}

// withSeverities puts other severities in place of the rules' own.
func (o *options) withSeverities(c *config.Config, selected []*analyzers.Rule) ([]*analyzers.Rule, error) {
	for id, name := range c.Severity {
		severity, err := analyzers.ParseSeverity(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Where("severity", id), err)
		}
		if err := known(c, id, "severity"); err != nil {
			return nil, err
		}
		for i, r := range selected {
			if r.ID == id {
				other := *r
				other.Severity = severity
				selected[i] = &other
			}
		}
	}
	return selected, nil
}

// known tells whether what stands under a key of the configuration is the ID
// of a rule.
func known(c *config.Config, id, key string) error {
	all := rules.All()
	if !slices.ContainsFunc(all, func(r *analyzers.Rule) bool { return r.ID == id }) {
		return fmt.Errorf("%s: no rule has the ID %q%s", c.Where(key, id), id, driver.Suggestion(all, nil, id))
	}
	return nil
}

// params are the parameters of rules that flags and a configuration set.
func (o *options) params(c *config.Config, all []*analyzers.Rule) (map[string]any, error) {
	params := map[string]any{}
	if v := o.kubeVersion(c); v != "" {
		target := &lifecycle.Target{Kubernetes: v}
		for _, r := range all {
			if _, versioned := r.Params.(*lifecycle.Target); versioned {
				params[r.ID] = target
			}
		}
	}
	for id, set := range c.Params {
		if err := known(c, id, "params"); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(r *analyzers.Rule) bool { return r.ID == id })
		p, err := parameters(all[i], set)
		if err != nil {
			return nil, fmt.Errorf("%s: parameters of %s: %w", c.Where("params", id), id, err)
		}
		params[id] = p
	}
	return params, nil
}

// parameters are a rule's defaults with those that are set.
func parameters(r *analyzers.Rule, set map[string]any) (any, error) {
	object, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	return r.WithParams(object)
}

// kubeVersion is the version that a configuration's roots are judged for, ""
// for the default.
func (o *options) kubeVersion(c *config.Config) string {
	if o.formats.Helm.KubeVersion != "" {
		return o.formats.Helm.KubeVersion
	}
	return c.KubeVersion
}

// suppressions are what people decided to live with.
func (o *options) suppressions(loaded driver.Loaded, at *place) *suppress.Set {
	if o.config.noIgnores {
		return nil
	}
	all := rules.All()
	foreign := o.config.foreignIgnores
	if c := o.config.finder.At("."); !o.config.given("foreign-ignores") && c.ForeignIgnores != nil {
		foreign = *c.ForeignIgnores
	}
	return suppress.New(loaded.Graph, suppress.Options{
		Files: at.tree.Known(), Comments: formats.Comments, Configured: o.configured(loaded.Graph),
		Foreign: foreign, Today: today(), Rules: all, Names: driver.Names,
		Suggest: func(name string) string { return driver.Suggestion(all, compliance.IDs(), name) },
	})
}

// configured are the suppressions of configurations that are not for all of
// their resources and for ever.
func (o *options) configured(g *graph.Graph) []*suppress.Directive {
	var all []*suppress.Directive
	for _, c := range o.config.all(g) {
		for _, i := range c.Ignore {
			if len(i.Paths) == 0 && len(i.Resources) == 0 && i.Until == "" {
				continue
			}
			all = append(all, &suppress.Directive{
				Names: i.Rules, Until: i.Until, Reason: i.Reason, At: i.At,
				Holds: suppress.Matching{Paths: i.Paths, Resources: i.Resources, Within: func(r *graph.Resource) bool { return o.config.of(r) == c }},
			})
		}
	}
	return all
}

// severityToFail is the lowest severity of a finding that makes the exit code 1.
func (o *options) severityToFail(f *analyzers.Finding) (analyzers.Severity, error) {
	name := o.failOn
	if !o.config.given("fail-on") {
		if c := o.config.of(f.Resource); c.FailOn != "" {
			name = c.FailOn
		}
	}
	return analyzers.ParseSeverity(name)
}

// today is the day by which suppressions run out.
func today() string { return now().Format(suppress.Day) }

// epoch is the variable that stands in for the clock where runs have to be the
// same on every day; see https://reproducible-builds.org/specs/source-date-epoch/.
const epoch = "SOURCE_DATE_EPOCH"

// now is the time.
func now() time.Time {
	if seconds, err := strconv.ParseInt(os.Getenv(epoch), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Now()
}
