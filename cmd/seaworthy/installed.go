package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// loadInstalled loads what is written as it would be installed in the cluster:
// charts are rendered for its version and its APIs, and, where nobody names a
// release, as the one that the cluster has of them.
func (o *options) loadInstalled(cmd *cobra.Command, at *place, found *cluster.Drift) (driver.Loaded, error) {
	ctx := cmd.Context()
	if err := o.prepare(ctx, at, cmd.ErrOrStderr()); err != nil {
		return driver.Loaded{}, err
	}
	o.renderForCluster(ctx)
	loaded, err := o.loadTree(cmd, at, nil)
	releases := found.Releases
	if err == nil && o.renderAs(&releases) {
		loaded, err = o.loadTree(cmd, at, nil)
	}
	found.Releases = releases
	return loaded, err
}

// renderForCluster renders charts for the version and the APIs of the cluster,
// unless the flags name others. It is asked when there is a chart; that it does
// not answer is told where its objects are compared.
func (o *options) renderForCluster(ctx context.Context) {
	o.charted(func(_ string, h *helm.Options) {
		s, err := o.cluster.live.Snapshot(ctx)
		if err != nil {
			return
		}
		h.KubeVersion = cmp.Or(h.KubeVersion, s.Version)
		var served []string
		for _, k := range s.Kinds {
			served = append(served, k.APIVersion(), k.APIVersion()+"/"+k.Kind)
		}
		h.APIVersions = append(served, h.APIVersions...)
	})
}

// renderAs renders charts as releases, and leaves of these those that nobody
// has named. A chart that is installed more than once, with other values each
// time, is rendered as none of them. It tells whether anything changes.
func (o *options) renderAs(releases *[]cluster.Release) bool {
	of := map[string]cluster.Release{}
	for _, r := range *releases {
		dir := o.config.dirs[r.Root]
		if other, there := of[dir]; there && (other.Name != r.Name || other.Namespace != r.Namespace) {
			r = cluster.Release{}
		}
		of[dir] = r
	}
	given := o.formats.Helm.For
	*releases = slices.DeleteFunc(*releases, func(r cluster.Release) bool {
		dir := o.config.dirs[r.Root]
		h := given(dir)
		return of[dir].Name == "" || h.ReleaseName != "" && h.Namespace != ""
	})
	o.charted(func(dir string, h *helm.Options) {
		h.ReleaseName, h.Namespace = cmp.Or(h.ReleaseName, of[dir].Name), cmp.Or(h.Namespace, of[dir].Namespace)
	})
	return len(*releases) > 0
}

// charted changes how charts are rendered, by their directories.
func (o *options) charted(change func(dir string, h *helm.Options)) {
	before := o.formats.Helm.For
	o.formats.Helm.For = func(dir string) helm.Options {
		h := before(dir)
		change(dir, &h)
		return h
	}
}
