package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Read reads the cluster. Its error means that there is nothing to tell: no
// kubeconfig, no such context, a server that cannot be reached or does not know
// the user. Everything else that went wrong is a Gap.
//
// progress, if any, is told how far it is, from several goroutines.
func Read(ctx context.Context, o Options, wants Wants, progress func(Progress)) (*Snapshot, error) {
	o = o.withDefaults()
	c, t, err := open(o, false)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	return c.read(ctx, t, o, wants, progress)
}

// Progress is how far a reading is.
type Progress struct {
	Lists, Of int // how many lists are read of how many
	Objects   int // that are read, also of lists that go on
}

// open finds the cluster and gets ready to talk to it.
func open(o Options, dryRuns bool) (*client, *target, error) {
	for _, n := range o.Namespaces {
		if !validName(n) {
			return nil, nil, fmt.Errorf("%q is no name of a namespace", n)
		}
	}
	t, err := resolve(o)
	if err != nil {
		return nil, nil, err
	}
	c, err := connect(t, o, dryRuns)
	return c, t, err
}

func (c *client) read(ctx context.Context, t *target, o Options, wants Wants, progress func(Progress)) (*Snapshot, error) {
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, o.Total)
	defer cancel()
	s := &Snapshot{
		Context: t.context, Day: o.Now.UTC().Format(time.DateOnly), Time: o.Now.UTC().Format(time.RFC3339),
		Home: cmp.Or(t.namespace, "default"),
	}
	if len(o.Namespaces) > 0 {
		s.Namespaces = o.namespaces()
	}
	fail := func(f *failure) (*Snapshot, error) {
		if err := caller.Err(); err != nil {
			return nil, err
		}
		return nil, c.asError(fmt.Sprintf("reading the cluster of the context %q", t.context), f)
	}

	var f *failure
	if s.Version, f = c.release(ctx); f != nil {
		if f.stops() || !c.reached.Load() {
			return fail(f)
		}
		s.Gaps = append(s.Gaps, Gap{Reason: f.reason, Of: "/version", Verb: "get", Text: f.text})
	}
	kinds, gaps, f := c.discover(ctx, o.Parallel)
	if f != nil {
		return fail(f)
	}
	s.Kinds, s.Gaps = kinds, append(s.Gaps, gaps...)

	listers := c.listers(s.Kinds, o, wants)
	if f := runAll(ctx, listers, t.namespace, o.Parallel, progress); f != nil {
		return fail(f)
	}
	if err := caller.Err(); err != nil {
		return nil, err
	}
	for _, l := range listers {
		s.Objects = append(s.Objects, l.objects...)
		s.Gaps = append(s.Gaps, l.gaps...)
	}
	s.sort()
	return s, nil
}

// listers are the lists to read.
func (c *client) listers(kinds []Kind, o Options, wants Wants) []*lister {
	var all []*lister
	for _, k := range kinds {
		want := wants(k)
		if want == Nothing || !slices.Contains(k.Verbs, "list") {
			continue
		}
		add := func(namespace, name string) {
			all = append(all, &lister{
				client: c, kind: k, want: want, namespace: namespace, name: name,
				page: o.Page, most: o.MaxObjects, mostBytes: o.MaxBytes, now: o.Now,
			})
		}
		switch {
		case k.Namespaced:
			for _, namespace := range o.namespaces() {
				add(namespace, "")
			}
		case k.isNamespace():
			for _, name := range o.namespaces() {
				add("", name) // who may not list them may well see their own
			}
		default:
			add("", "")
		}
	}
	return all
}

// runAll runs the listers, some at a time. What may not be listed everywhere
// is listed in the namespace at home, that of the context, if there is one.
func runAll(ctx context.Context, listers []*lister, home string, parallel int, progress func(Progress)) *failure {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		done, objects atomic.Int64
		mu            sync.Mutex
		stop          *failure
		group         errgroup.Group
	)
	tell := func() { progress(Progress{Lists: int(done.Load()), Of: len(listers), Objects: int(objects.Load())}) }
	group.SetLimit(parallel)
	for _, l := range listers {
		l.more = func(n int) {
			if n != 0 {
				objects.Add(int64(n))
				tell()
			}
		}
		group.Go(func() error {
			f := l.run(ctx)
			if f == nil && home != "" && l.deniedEverywhere() {
				f = l.retreat(ctx, home)
			}
			if f == nil {
				done.Add(1)
				tell()
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if stop == nil {
				stop = f
			}
			cancel()
			return nil
		})
	}
	_ = group.Wait() // what stops it is kept in order
	return stop
}

func (l *lister) deniedEverywhere() bool {
	every := l.kind.Namespaced && l.namespace == "" || l.kind.isNamespace() && l.name == ""
	return every && len(l.gaps) == 1 && l.gaps[0].Reason == Forbidden
}

// retreat reads one namespace after all of them were refused, which stays a gap.
func (l *lister) retreat(ctx context.Context, namespace string) *failure {
	refused := l.gaps[0]
	if l.kind.isNamespace() {
		l.name = namespace
	} else {
		l.namespace = namespace
	}
	f := l.run(ctx)
	if len(l.gaps) == 1 && l.gaps[0].Reason == Forbidden {
		l.gaps = nil // there neither
	} else {
		refused.Part = true
		refused.Text = fmt.Sprintf("only namespace %q was read: %s", namespace, refused.Text)
	}
	l.gaps = append(l.gaps, refused)
	return f
}
