package cluster

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/json"
)

// asMetadata asks for metadata and does not take anything else, so that a
// server that knows no such thing refuses instead of sending values.
const asMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

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

func expired(f *failure) bool { return f != nil && f.code == http.StatusGone }

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
	l.objects, l.gaps = nil, nil
	accept := asJSON
	if l.want == Metadata && l.name == "" {
		accept = asMetadata
	}
	counted, bytes, token := 0, int64(0), ""
	for {
		a, f := l.client.get(ctx, l.path(), query(limit, token), accept)
		if f != nil && f.tooLarge && limit > 1 {
			limit = max(limit/10, 1)
			continue
		}
		if f != nil {
			return f
		}
		next, n, f := l.decode(a)
		if f != nil {
			return f
		}
		if n == 0 {
			n = limit // a page may be empty, but not all of them
		}
		counted, bytes = counted+n, bytes+int64(len(a.body))
		switch {
		case next == "":
			return nil
		case next == token:
			return broken("the list comes back to where it was")
		case counted >= l.most:
			return &failure{reason: Cut, text: fmt.Sprintf("there are more than %d", l.most)}
		case bytes >= l.mostBytes:
			return &failure{reason: Cut, text: fmt.Sprintf("there are more than %d MiB", l.mostBytes>>20)}
		}
		token = next
	}
}

func query(limit int, token string) url.Values {
	q := url.Values{}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if token != "" {
		q.Set("continue", token)
	}
	return q
}

func (l *lister) path() string {
	path := "/api/" + l.kind.Version
	if l.kind.Group != "" {
		path = "/apis/" + l.kind.Group + "/" + l.kind.Version
	}
	if l.namespace != "" {
		path += "/namespaces/" + url.PathEscape(l.namespace)
	}
	path += "/" + l.kind.Resource
	if l.name != "" {
		path += "/" + url.PathEscape(l.name)
	}
	return path
}

// decode takes the objects of an answer and tells where the list goes on and
// how many there were. What it says of an answer that is none does not quote
// from it: it may be a secret.
func (l *lister) decode(a *answer) (next string, n int, f *failure) {
	nonsense := broken("the answer is no JSON of %s (%s)", l.kind.Resource, clean(a.mediaType))
	var ok bool
	switch {
	case l.name != "":
		var o map[string]any
		if json.Unmarshal(a.body, &o) != nil || text(o, "kind") != l.kind.Kind || !l.add(o) {
			return "", 0, nonsense
		}
		return "", 1, nil
	case l.want == Metadata:
		next, n, ok = each(a.body, "PartialObjectMetadataList", func(o partial) bool {
			if l.kind.isSecret() {
				conceal(o.Metadata)
			}
			return l.add(map[string]any{"metadata": o.Metadata})
		})
	case l.kind.isSecret():
		next, n, ok = each(a.body, "SecretList", l.secret)
	default:
		next, n, ok = each(a.body, "", l.add)
	}
	if !ok {
		return "", 0, nonsense
	}
	return next, n, nil
}

// A partial is an object of which only the metadata is decoded.
type partial struct {
	Metadata map[string]any `json:"metadata"`
}

// each decodes a list, which must be of the given kind unless that is "", and
// hands out its items. It stops at one that is refused.
func each[T any](body []byte, kind string, add func(T) bool) (next string, n int, ok bool) {
	var list struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		Items *[]T `json:"items"`
	}
	if json.Unmarshal(body, &list) != nil || list.Kind == "Status" || kind != "" && list.Kind != kind {
		return "", 0, false
	}
	if list.Items == nil { // null is how some servers write that there are none
		return list.Metadata.Continue, 0, list.Kind != ""
	}
	for _, item := range *list.Items {
		if !add(item) {
			return "", 0, false
		}
	}
	return list.Metadata.Continue, len(*list.Items), true
}

// add keeps an object, if it has a name and is where it was asked for.
func (l *lister) add(o map[string]any) bool {
	meta, _ := o["metadata"].(map[string]any)
	if text(meta, "name") == "" || l.namespace != "" && text(meta, "namespace") != l.namespace {
		return false
	}
	o["apiVersion"], o["kind"] = l.kind.APIVersion(), l.kind.Kind
	l.objects = append(l.objects, o)
	return true
}
