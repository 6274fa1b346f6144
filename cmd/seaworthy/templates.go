package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/config"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/parsers"
)

// A templatesFlag says where custom resources keep the templates of their
// pods, by type.
type templatesFlag map[string]string

func (f *templatesFlag) Set(text string) error {
	typ, path, err := kube.ParseTemplate(text)
	if err != nil {
		return err
	}
	if *f == nil {
		*f = templatesFlag{}
	}
	(*f)[typ] = path
	return nil
}

func (f *templatesFlag) String() string { return strings.Join(slices.Sorted(maps.Keys(*f)), ",") }

func (*templatesFlag) Type() string { return "group/Kind=path" }

// template is where a custom resource of a root keeps the template of its pods.
func (o *options) template(root parsers.Root, r *graph.Resource) string {
	dir := "."
	if root != nil {
		dir = root.Dir()
	}
	return cmp.Or(o.templates[r.Type], o.config.at(r, dir).Templates[r.Type])
}

// checkTemplates tells what is wrong with the templates of a configuration.
func checkTemplates(c *config.Config) error {
	for _, typ := range slices.Sorted(maps.Keys(c.Templates)) {
		if _, _, err := kube.ParseTemplate(typ + "=" + c.Templates[typ]); err != nil {
			return fmt.Errorf("%s: %w", c.Where("templates", typ), err)
		}
	}
	return nil
}
