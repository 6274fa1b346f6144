package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
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
