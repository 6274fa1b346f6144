package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// configureFormats lets the configuration of each directory say how what lies
// in it is rendered. A flag that is given holds for all directories, but files
// and sets of the configuration stay below those of the flags.
func (o *options) configureFormats() {
	flags := o.formats
	o.formats.Helm.For = func(dir string) helm.Options {
		c := o.config.finder.At(dir)
		h := flags.Helm
		h.Values = slices.Concat(c.Helm.Values, h.Values)
		h.APIVersions = slices.Concat(c.Helm.APIVersions, h.APIVersions)
		for _, single := range []struct {
			to   *string
			from string
		}{{&h.Namespace, c.Helm.Namespace}, {&h.ReleaseName, c.Helm.ReleaseName}, {&h.KubeVersion, c.KubeVersion}} {
			if *single.to == "" {
				*single.to = single.from
			}
		}
		if sets := setsOf(c.Helm.Sets, dir); len(sets) > 0 {
			h.Sets = maps.Clone(h.Sets)
			if h.Sets == nil {
				h.Sets = map[string][]helm.ValueSet{}
			}
			for _, s := range sets {
				h.Sets[dir] = append(h.Sets[dir], helm.ValueSet(s))
			}
		}
		return h
	}
	o.formats.Terraform.For = func(dir string) terraform.Options {
		c := o.config.finder.At(dir)
		t := flags.Terraform
		t.Given = slices.Concat(terraform.GivenFiles(c.Terraform.VarFiles), t.Given)
		for _, s := range setsOf(c.Terraform.Sets, dir) {
			t.Sets = append(slices.Clip(t.Sets), terraform.VarSet(s))
		}
		return t
	}
}

// A varFlag adds a variable file or a value to those that are given: between
// them their order decides.
type varFlag struct {
	given *[]terraform.Given
	file  bool
}

func (f varFlag) Set(text string) error {
	if text == "" {
		return fmt.Errorf("it needs a %s", f.Type())
	}
	if name, _, ok := strings.Cut(text, "="); !f.file && (!ok || name == "") {
		return errors.New("it is not name=value")
	}
	g := terraform.Given{Var: text}
	if f.file {
		g = terraform.Given{File: text}
	}
	*f.given = append(*f.given, g)
	return nil
}

func (varFlag) String() string { return "" }

func (f varFlag) Type() string {
	if f.file {
		return "file"
	}
	return "name=value"
}

// A fileSet is a set of files with a name.
type fileSet struct {
	Name  string
	Files []string
}

// setsOf are the sets of a directory, by the directory and then by name. A
// directory that is named counts before the globs that match it.
func setsOf(all map[string]map[string][]string, dir string) []fileSet {
	named := map[string][]string{}
	for _, glob := range slices.Sorted(maps.Keys(all)) {
		if doublestar.MatchUnvalidated(glob, dir) {
			maps.Copy(named, all[glob])
		}
	}
	maps.Copy(named, all[dir])
	var sets []fileSet
	for _, name := range slices.Sorted(maps.Keys(named)) {
		sets = append(sets, fileSet{name, named[name]})
	}
	return sets
}

// checkVersion tells what is wrong with the Kubernetes version of a
// configuration.
func checkVersion(c *config.Config) error {
	if c.KubeVersion == "" {
		return nil
	}
	if _, err := kube.Minor(c.KubeVersion); err != nil {
		return fmt.Errorf("%s: %w", c.Where("kube-version"), err)
	}
	return nil
}
