package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// helmsOwn stands for the cache that Helm itself would use.
const helmsOwn = "Helm's own"

// charts turns the flags about charts into options.
func (o *options) charts(at *place) error {
	for _, set := range o.valueSets {
		name, files, ok := strings.Cut(set, "=")
		if !ok {
			if set != "ci" {
				return fmt.Errorf("--value-sets: %q is neither ci nor NAME=FILE", set)
			}
			o.formats.Helm.CI = true
			continue
		}
		v := helm.ValueSet{Name: name}
		for file := range strings.SplitSeq(files, ",") {
			admitted, err := at.tree.Admit(file)
			if err != nil {
				return fmt.Errorf("--value-sets %s: %w", name, err)
			}
			v.Files = append(v.Files, admitted)
		}
		if o.formats.Helm.Sets == nil {
			o.formats.Helm.Sets = map[string][]helm.ValueSet{}
		}
		o.formats.Helm.Sets[helm.EveryChart] = append(o.formats.Helm.Sets[helm.EveryChart], v)
	}
	if o.helmCache == "" {
		return nil
	}
	dir := o.helmCache
	if dir == helmsOwn {
		dir = helmCache()
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("--helm-cache: %w", err)
	}
	o.formats.Helm.Cache = root.FS()
	return nil
}

// helmCache is where Helm keeps the archives that it downloaded.
func helmCache() string {
	if dir := os.Getenv("HELM_REPOSITORY_CACHE"); dir != "" {
		return dir
	}
	home := os.Getenv("HELM_CACHE_HOME")
	if home == "" {
		home = filepath.Join(cmp.Or(os.Getenv("XDG_CACHE_HOME"), userCache()), "helm")
	}
	return filepath.Join(home, "repository")
}

// userCache is the directory for caches that Helm takes by default.
func userCache() string {
	home, _ := os.UserHomeDir() // "" leads to a directory that is not there, which is said
	switch runtime.GOOS {
	case "windows":
		return os.Getenv("TEMP")
	case "darwin":
		return filepath.Join(home, "Library", "Caches")
	}
	return filepath.Join(home, ".cache")
}
