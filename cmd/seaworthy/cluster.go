package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// clusterFlags say whether and which cluster is read.
type clusterFlags struct {
	follow              bool
	context, kubeconfig string
	export              string

	serverSide bool // of drift

	live  *cluster.Live  // nil unless asked for
	drift *cluster.Drift // to fill in; nil unless asked for
}

// register adds the flags of commands that may look at what runs.
func (f *clusterFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.follow, "cluster", false, "read the objects of the cluster that kubectl talks to")
	f.registerSource(flags)
	flags.StringVar(&f.export, "export", "", "write the objects of the cluster as manifests into this `directory`")
}

// registerSource adds the flags about which cluster it is, and says what those
// of all sources mean for one.
func (f *clusterFlags) registerSource(flags *pflag.FlagSet) {
	flags.StringVar(&f.context, "context", "", "`name` of the kubeconfig's context (default the current one)")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig `file` (default that of kubectl)")
	flags.Lookup("namespace").Usage += "; of a cluster, one that is read, and may be repeated"
}

// placed sorts out what --namespace names: of a cluster those that are read,
// else the one that charts are installed into. A single one is both.
func (o *options) placed() error {
	if len(o.namespaces) > 1 && !o.cluster.follow {
		return errors.New("--namespace: charts are installed into one; several are those of a cluster: add --cluster")
	}
	if slices.Contains(o.namespaces, "") {
		return errors.New("--namespace: the name is empty")
	}
	if len(o.namespaces) == 1 {
		o.formats.Helm.Namespace = o.namespaces[0]
	}
	return nil
}

// openCluster prepares for reading a cluster, when that is asked for. Nothing
// is asked of it before the files are loaded, and then once.
func (o *options) openCluster(stderr io.Writer) error {
	f := &o.cluster
	if !f.follow {
		if f.context != "" || f.kubeconfig != "" || f.export != "" {
			return errors.New("--context, --kubeconfig and --export are about clusters: add --cluster")
		}
		return nil
	}
	if f.export != "" {
		if err := cluster.Exportable(f.export); err != nil {
			return fmt.Errorf("--export: %w", err)
		}
	}
	wants := cluster.Wants(cluster.Default)
	if values, err := o.needsSecrets(); err != nil {
		return err
	} else if values {
		wants = cluster.WithSecrets
	}
	read := cluster.Options{Kubeconfig: f.kubeconfig, Context: f.context, Namespaces: o.namespaces, Now: now()}
	read.Stderr, _ = stderr.(*os.File)
	var homes []string
	if len(o.namespaces) == 1 { // of several nobody knows which one is meant
		homes = o.namespaces
	}
	reading := func(ctx context.Context, wants cluster.Wants) (*cluster.Snapshot, error) {
		m := newMeter(stderr)
		defer m.clear()
		return cluster.Read(ctx, read, wants, m.reading)
	}
	var once sync.Once
	var snapshot *cluster.Snapshot
	var failed error
	f.live = &cluster.Live{Homes: homes, Drift: f.drift, More: reading, Snapshot: func(ctx context.Context) (*cluster.Snapshot, error) {
		once.Do(func() {
			if snapshot, failed = reading(ctx, wants); failed == nil && f.export != "" {
				failed = o.exported(snapshot, stderr)
			}
		})
		return snapshot, failed
	}}
	if f.serverSide {
		dry, err := cluster.NewDryRunner(read)
		if err != nil {
			return err
		}
		f.live.DryRun = dry
	}
	return nil
}

// exported writes what was read as manifests, and says what is not among them.
func (o *options) exported(s *cluster.Snapshot, stderr io.Writer) error {
	left, err := s.Export(o.cluster.export)
	if err != nil {
		return fmt.Errorf("--export: %w", err)
	}
	if left > 0 && !o.quiet {
		_, _ = fmt.Fprintf(stderr, "seaworthy: --export: left out what Kubernetes makes by itself: %d of the objects\n", left)
	}
	return nil
}

// needsSecrets tells whether a rule was asked for that looks into Secrets.
func (o *options) needsSecrets() (bool, error) {
	p, err := o.policy(o.config.of(nil), rules.All())
	return slices.ContainsFunc(p.Rules, func(r *analyzers.Rule) bool { return r.Secrets }), err
}

// followers are what is read beside files, in the order in which they are
// asked.
func (o *options) followers() []parsers.Follower {
	var all []parsers.Follower
	if o.cluster.live != nil {
		all = append(all, o.cluster.live)
	}
	return append(all, o.images.followers()...)
}
