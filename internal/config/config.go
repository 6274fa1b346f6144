// Package config reads .seaworthy.yaml: what a project wants to be told, what
// it lives with, and how its charts and modules are rendered.
//
// The nearest file upward from a root is its configuration, alone: nothing is
// inherited but by extends. It is read strictly, because a key with a slip
// that is passed over in silence is a rule that somebody believes is on.
// Every key is a field of the types below, whose doc tags are also the
// descriptions in the JSON schema; see [Schema].
package config

import (
	"fmt"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// Name is the name of the file.
const Name = ".seaworthy.yaml"

// A Config is the configuration of some roots.
type Config struct {
	// File is what it was read from; nil for the defaults. Dir is where it
	// lies; everything in it is relative to that.
	File *source.File `key:"-"`
	Dir  string       `key:"-"`
	root *graph.Node

	Extends        []string                  `key:"extends" doc:"Local files to start from, relative to this one. What is said here adds to their lists and replaces their single values."`
	Select         []string                  `key:"select" doc:"Rules to run: IDs, globs over IDs, families, profiles, other tools' checks, or all. Default: recommended."`
	Ignore         []Ignore                  `key:"ignore" doc:"Rules to leave out: everywhere, or in some paths and resources only."`
	Severity       map[string]string         `key:"severity" doc:"Severities that replace a rule's own, by rule ID: info, low, medium, high or critical." values:"severity"`
	Params         map[string]map[string]any `key:"params" doc:"Parameters of rules, by rule ID; seaworthy explain RULE lists them."`
	Exclude        []string                  `key:"exclude" doc:"Files and directories to leave out, in the syntax of .gitignore, relative to this file."`
	Frameworks     []string                  `key:"frameworks" doc:"Compliance frameworks to report on, as with --framework."`
	FailOn         string                    `key:"fail-on" doc:"Lowest severity that makes the exit code 1. Default: low." values:"severity"`
	KubeVersion    string                    `key:"kube-version" doc:"Kubernetes version to render and judge for, such as 1.33."`
	Templates      map[string]string         `key:"templates" doc:"Where custom resources keep the templates of the pods they make, by group and kind: example.com/Boat: spec.template. As --pod-template, which goes first."`
	RequireReason  bool                      `key:"require-reason" doc:"Report suppressions that say no reason."`
	ForeignIgnores *bool                     `key:"foreign-ignores" doc:"Let the comments and annotations by which other analyzers are told to ignore something count here as well. Default: true."`
	Helm           Helm                      `key:"helm" doc:"How charts are rendered."`
	Terraform      Terraform                 `key:"terraform" doc:"How Terraform modules are evaluated."`
}

// Ignore leaves rules out. Written as a string it is the name of rules to
// leave out everywhere.
type Ignore struct {
	Rules     []string `key:"rules" short:"true" required:"true" doc:"What to leave out, named as for select."`
	Paths     []string `key:"paths" doc:"Globs of files, relative to this one. Default: all."`
	Resources []string `key:"resources" doc:"Globs of resources, such as Deployment/shop/* or module.logs.*. Default: all."`
	Reason    string   `key:"reason" doc:"Why."`
	Until     string   `key:"until" doc:"The last day on which it holds, such as 2027-01-31. Default: for ever." values:"day"`

	// At is where it is written.
	At *source.Origin `key:"-"`
}

// Helm says how charts are rendered.
type Helm struct {
	Namespace   string                         `key:"namespace" doc:"Namespace that charts are installed into."`
	ReleaseName string                         `key:"release-name" doc:"Release name that charts are installed as."`
	APIVersions []string                       `key:"api-versions" doc:"API versions that the cluster serves beside the usual ones."`
	Values      []string                       `key:"values" doc:"Values files for every chart, relative to this file; the last one wins."`
	Sets        map[string]map[string][]string `key:"sets" doc:"Sets of values files by chart directory (or a glob of them) and by a name for the set, such as prod. Each chart is rendered once more with each of its sets."`
}

// Terraform says how modules are evaluated.
type Terraform struct {
	VarFiles []string                       `key:"var-files" doc:"Variables files for every root module, relative to this file; the last one wins."`
	Sets     map[string]map[string][]string `key:"sets" doc:"Sets of variables files by root module directory (or a glob of them) and by a name for the set. Each module is evaluated with each of its sets instead of once without; a set may be empty."`
}

// Where is the place of what stands under some keys, as path:line:column, or
// of the nearest around it.
func (c *Config) Where(keys ...string) string {
	if c.File == nil {
		return "the configuration"
	}
	at := graph.ValueOf(c.root)
	for _, key := range keys {
		if next := at.Get(key); next.Kind() != graph.Absent {
			at = next
		}
	}
	o := at.Origin()
	if o == nil || o.Span.File == nil {
		return c.File.Path
	}
	p := o.Span.From()
	return fmt.Sprintf("%s:%d:%d", o.Span.File.Path, p.Line, p.Column)
}
