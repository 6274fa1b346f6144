package cluster

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A lister reads the objects of one kind in one namespace.
type lister struct {
	client    *client
	kind      Kind
	want      Want
	namespace string // "" is all
	name      string // one object; "" is all
	page      int
	most      int
	mostBytes int64
	now       time.Time
	more      func(objects int) // is told how many objects were read; fewer than none when they are read again

	objects []map[string]any
	gaps    []Gap
}

// run reads the list. Its failure is one that ends everything.
func (l *lister) run(ctx context.Context) *failure {
	f := l.read(ctx, l.page)
	if expired(f) { // the list was read more slowly than the server keeps its past
		f = l.read(ctx, l.page)
	}
	if expired(f) {
		f = l.read(ctx, 0)
	}
	switch {
	case f == nil:
		return nil
	case f.stops():
		return f
	}
	if f.reason == Timeout && ctx.Err() != nil {
		f.text = "the time for the whole reading is over"
	}
	l.gap(f)
	return nil
}

func expired(f *failure) bool {
	return f != nil && (apierrors.IsResourceExpired(f) || apierrors.IsGone(f))
}

// gap notes why the list ended before its end.
func (l *lister) gap(f *failure) {
	g := Gap{
		Reason: f.reason, Type: l.kind.Type(), Of: l.kind.name(), Namespace: l.namespace,
		Part: len(l.objects) > 0, Text: f.text,
	}
	if l.name != "" {
		g.Of += fmt.Sprintf(" %q", l.name)
	}
	if g.Reason == Forbidden {
		g.Verb = "list"
		if l.name != "" {
			g.Verb = "get"
		}
	}
	l.gaps = append(l.gaps, g)
}

// read reads all pages from the start, with so many objects in each; 0 asks
// for all at once.
func (l *lister) read(ctx context.Context, limit int) *failure {
	l.more(-len(l.objects))
	l.objects, l.gaps = nil, nil
	if l.name != "" {
		return l.one(ctx)
	}
	accept := asJSON
	if l.want == Metadata {
		accept = asMetadata
	}
	objects := l.client.objects(l.kind, l.namespace, accept)
	counted, bytes, token := 0, int64(0), ""
	for {
		sized, size := sized(ctx)
		page, f := ask(sized, l.client, func(ctx context.Context) (*unstructured.UnstructuredList, error) {
			return objects.List(ctx, metav1.ListOptions{Limit: int64(limit), Continue: token})
		})
		if f != nil && f.tooLarge && limit > 1 {
			limit = max(limit/10, 1)
			continue
		}
		if f == nil {
			f = l.take(page)
		}
		if f != nil {
			return f
		}
		counted, bytes = counted+len(page.Items), bytes+size.Load()
		if len(page.Items) == 0 {
			counted += max(limit, 1) // a page may be empty, but not all of them
		}
		switch next := page.GetContinue(); {
		case next == "":
			return nil
		case next == token:
			return broken("the list comes back to where it was")
		case counted >= l.most:
			return &failure{reason: Cut, text: fmt.Sprintf("there are more than %d", l.most)}
		case bytes >= l.mostBytes:
			return &failure{reason: Cut, text: fmt.Sprintf("there are more than %d MiB", l.mostBytes>>20)}
		default:
			token = next
		}
	}
}

// one reads the object of the name.
func (l *lister) one(ctx context.Context) *failure {
	o, f := ask(ctx, l.client, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return l.client.objects(l.kind, l.namespace, asJSON).Get(ctx, l.name, metav1.GetOptions{})
	})
	if f == nil && (o.GetKind() != l.kind.Kind || !l.add(o.Object)) {
		f = broken("the answer is not what was asked for")
	}
	l.more(len(l.objects))
	return f
}

// take keeps the objects of a page. What it says of an answer that is none does
// not quote from it: it may be a secret.
func (l *lister) take(page *unstructured.UnstructuredList) *failure {
	before := len(l.objects)
	defer func() { l.more(len(l.objects) - before) }()
	keep, kind := l.add, page.GetKind()
	switch {
	case l.want == Metadata:
		keep = l.metadata
		if kind != "PartialObjectMetadataList" {
			return broken("the answer is no list of metadata")
		}
	case l.kind.isSecret():
		keep = l.secret
	}
	if kind == "Status" {
		return broken("the answer is no list")
	}
	for _, o := range page.Items {
		if !keep(o.Object) {
			return broken("the answer has an object that was not asked for")
		}
	}
	return nil
}

// metadata keeps an object without the rest.
func (l *lister) metadata(o map[string]any) bool {
	if l.kind.isSecret() {
		conceal(mapAt(o, "metadata"))
	}
	return l.add(map[string]any{"metadata": o["metadata"]})
}

// add keeps an object, if it has a name and is where it was asked for.
func (l *lister) add(o map[string]any) bool {
	meta := mapAt(o, "metadata")
	if text(meta, "name") == "" || l.namespace != "" && text(meta, "namespace") != l.namespace {
		return false
	}
	o["apiVersion"], o["kind"] = l.kind.APIVersion(), l.kind.Kind
	l.objects = append(l.objects, o)
	return true
}
