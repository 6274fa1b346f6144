// Package kubernetes reads plain manifests: every YAML and JSON document with
// an apiVersion and a kind in files that belong to no chart, overlay or
// module. All of them are one root, because nothing in the files says what is
// applied together.
//
// The other sources that end in Kubernetes objects use [Add] and [Link] too,
// so that an object is the same resource whoever made it.
//
// A YAML file need not be Kubernetes, nor even YAML: templates of other tools
// end in .yaml as well. So a file that does not parse is only a problem when
// its text has the two lines that make an object.
package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// New is the source of plain manifests.
func New() parsers.Source { return manifests{} }

type manifests struct{}

func (manifests) Name() string { return "kubernetes" }

func (m manifests) Roots(p *parsers.Project, _ *graph.Builder) []parsers.Root {
	var files []string
	for f := range p.Glob("**/*.{yaml,yml,json}") {
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil
	}
	reads := make(map[string]bool, len(files))
	for _, f := range files {
		p.Claim(f, m.Name())
		reads[f] = true
	}
	return []parsers.Root{&root{p.Tree, files, reads}}
}

type root struct {
	tree  *source.Tree
	files []string
	reads map[string]bool
}

func (*root) ID() string { return "kubernetes:." }

func (*root) Dir() string { return "." }

// Apart says that a file means the same without the others.
func (*root) Apart() bool { return true }

func (r *root) Reads(path string) bool { return r.reads[path] }

// Load reads the files in parallel, each into a builder of its own, and joins
// them in the order of the files.
func (r *root) Load(ctx context.Context, b *graph.Builder) error {
	parts := make([]graph.Builder, len(r.files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range r.files {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			r.file(name, &parts[i])
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i := range parts {
		for _, res := range parts[i].Resources {
			b.Add(res)
		}
		b.Problems = append(b.Problems, parts[i].Problems...)
		b.Skipped = append(b.Skipped, parts[i].Skipped...)
	}
	return nil
}

// file adds the objects of one file.
func (r *root) file(name string, b *graph.Builder) {
	isJSON := strings.HasSuffix(name, ".json")
	f, err := r.tree.Read(name)
	switch {
	case err == nil:
	case isJSON && errors.Is(err, source.ErrTooLarge):
		b.Warn(parsers.Missing(name), "the file is not read: it is %v", source.ErrTooLarge)
		return
	default:
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err
		}
		b.Fail(parsers.Missing(name), "cannot read the file: %v", err)
		return
	}
	text, wide := narrow(f.Data)
	k3s := mayBeK3s(name, f.Data)
	if !k3s && (!bytes.Contains(text, []byte("apiVersion")) || !bytes.Contains(text, []byte("kind"))) {
		b.Skip(name, "no Kubernetes objects")
		return
	}
	if wide {
		b.Fail(parsers.Missing(name), "cannot read the file: it is UTF-16 or UTF-32; save it as UTF-8")
		return
	}
	found, skipped := false, ""
	for _, doc := range yamltext.Parse(f, nil) {
		switch text := doc.Span.File.Data[doc.Span.Start:doc.Span.End]; {
		case doc.Problem == nil:
			found = Add(b, doc.Root) || k3s && addK3s(b, name, doc.Root) || found
		case directive().Match(text):
			skipped = "contains template directives"
		case looksKubernetes(text, isJSON):
			p := *doc.Problem
			if isJSON {
				p.Message = strings.Replace(p.Message, "YAML", "JSON", 1)
			}
			b.Problems = append(b.Problems, p)
			found = true
		default:
			skipped = "not YAML: " + strings.TrimPrefix(doc.Problem.Message, "invalid YAML: ")
		}
	}
	switch {
	case skipped != "":
		b.Skip(name, skipped)
	case !found:
		b.Skip(name, "no Kubernetes objects")
	}
}

// narrow is text without the zeros that UTF-16 and UTF-32 have between the
// letters of plain manifests, and whether it begins as such text does.
func narrow(data []byte) (text []byte, wide bool) {
	for _, mark := range [...]string{"\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return bytes.ReplaceAll(data, []byte{0}, nil), true
		}
	}
	return data, false
}

var (
	// directive is a template's, where YAML has a value: in quotes it would
	// be text that a controller fills in.
	directive = late.Pattern(`(?m)(^|[:-])[ \t]*\{\{`)

	apiVersionKey = late.Pattern(`(?m)(^|[{,])\s*["']?apiVersion["']?\s*:`)
	kindKey       = late.Pattern(`(?m)(^|[{,])\s*["']?kind["']?\s*:`)
)

// looksKubernetes tells of text that does not parse whether it is meant to be
// an object.
func looksKubernetes(text []byte, isJSON bool) bool {
	if isJSON {
		return apiVersionKey().Match(text) && kindKey().Match(text)
	}
	return hasLine(text, "apiVersion:") && hasLine(text, "kind:")
}

// hasLine tells whether a line starts with prefix.
func hasLine(text []byte, prefix string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(prefix))
		if i < 0 {
			return false
		}
		if i += from; i == 0 || text[i-1] == '\n' || text[i-1] == '\r' || bytes.HasSuffix(text[:i], []byte("\xef\xbb\xbf")) {
			return true
		}
		from = i + len(prefix)
	}
}

// Add adds the object in doc, of a List each item, and tells whether there
// was one: something with an apiVersion and a kind.
func Add(b *graph.Builder, doc *graph.Node) bool {
	v := graph.ValueOf(doc)
	apiVersion, kind := v.At("apiVersion").Str(), v.At("kind").Str()
	return add(b, doc, apiVersion, kind)
}

func add(b *graph.Builder, doc *graph.Node, apiVersion, kind string) bool {
	if apiVersion == "" || kind == "" || doc.Kind() != graph.Map {
		return false
	}
	typ := kube.Type(apiVersion, kind)
	if strings.HasPrefix(typ, "kustomize.config.k8s.io/") { // the input of a tool, no object
		return false
	}
	v := graph.ValueOf(doc)
	if items := v.At("items"); strings.HasSuffix(kind, "List") && items.Kind() == graph.List {
		for _, item := range doc.Field("items").Node.Items() {
			if !Add(b, item) && kind != "List" && item.Field("kind") == nil {
				add(b, item, apiVersion, strings.TrimSuffix(kind, "List")) // a typed list need not repeat them
			}
		}
		return true
	}
	name := name(v)
	id := kind + "/" + name
	if ns := v.At("metadata.namespace"); ns.Present() == graph.True && ns.Str() != "" {
		id = kind + "/" + ns.Str() + "/" + name
	}
	place := v.At("metadata.name")
	if place.Present() == graph.False {
		place = v.At("metadata.generateName")
	}
	if place.Present() == graph.False {
		place = v.At("kind")
	}
	b.Add(graph.NewResource(id, typ, name, doc, place.Origin().Header()))
	return true
}

// name is the object's name; a generated or unknown part of it is a "*".
func name(v graph.Value) string {
	n := v.At("metadata.name")
	switch {
	case !n.Known():
		return "*"
	case n.Str() != "":
		return n.Str()
	}
	if prefix := v.At("metadata.generateName"); prefix.Str() != "" {
		return prefix.Str() + "*"
	}
	return ""
}
