package kustomize

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// The library tells what it refuses by a text. What parts of a build are
// called in such texts is known here, so that an error becomes a problem at
// the part's own line, and the rest is built without it.

// A token is text by which an error of kustomize names a part of the build.
type token struct {
	key   string // of the part; its text when it is no other's
	text  string
	at    *source.Origin
	patch bool
	outer bool // of several with that text the outermost is meant
	doc   *graph.Node
}

// blame finds the part of the build that an error is about.
func (bd *build) blame(err error) *token {
	text := err.Error()
	var best *token
	unique := false
	for i := range bd.tokens {
		t := &bd.tokens[i]
		if t.text == "" || !strings.Contains(text, t.text) || bd.without[t.key] {
			continue
		}
		switch {
		case best == nil || len(t.text) > len(best.text):
			best, unique = t, true
		case len(t.text) == len(best.text) && t.outer && t.text == best.text:
			best = t // layers come in the order in which they are included
		case len(t.text) == len(best.text):
			unique = false
		}
	}
	if !unique {
		return nil
	}
	return best
}

// entryKey names an entry of a kustomization.
func entryKey(l *layer, field string, i int) string {
	return fmt.Sprintf("%s %s %d", l.dir, field, i)
}

// kept tells whether an entry is part of the build, and adds the texts that an
// error about it has.
func (bd *build) kept(l *layer, field string, i int, texts ...string) bool {
	key := entryKey(l, field, i)
	if bd.without[key] {
		return false
	}
	_, at := l.find(fmt.Sprintf("%s.%d", field, i))
	for _, text := range texts {
		bd.tokens = append(bd.tokens, token{key: key, text: text, at: at})
	}
	return true
}

// keep are the items of a list that are part of the build.
func keep[T any](bd *build, l *layer, field string, list []T, texts func(T) []string) []T {
	var all []T
	for i, item := range list {
		if bd.kept(l, field, i, texts(item)...) {
			all = append(all, item)
		}
	}
	return all
}

func replicaTexts(r types.Replica) []string {
	return []string{fmt.Sprintf("resource with name %s does not match a config", r.Name)}
}

func varTexts(v types.Var) []string { return []string{fmt.Sprintf("var '{%s ", v.Name)} }

func replacementTexts(r types.ReplacementField) []string {
	var all []string
	if r.Source != nil {
		id := r.Source.ResId.String()
		all = append(all, "nothing selected by "+id, "multiple matches for selector "+id)
		if r.Source.FieldPath != "" {
			all = append(all, "fieldPath `"+r.Source.FieldPath+"` is missing for replacement source "+id)
		}
	}
	for _, t := range r.Targets {
		if t == nil {
			continue
		}
		for _, p := range t.FieldPaths {
			all = append(all, fmt.Sprintf("unable to find field %q in replacement target", p))
		}
	}
	return all
}

// generatorTokens are what errors about a generator say.
func generatorTokens(l *layer, g *generator) []token {
	key := fmt.Sprintf("%s %s %d", l.dir, g.kind, g.at.Span.Start)
	var all []token
	for _, text := range [...]string{
		fmt.Sprintf("Kind:%q, isClusterScoped:false}, Name:%q, Namespace:%q}", g.kind, g.args.Name, g.args.Namespace),
		fmt.Sprintf("configmap %s illegally repeats", g.args.Name), // a Secret, too
	} {
		all = append(all, token{key: key, text: text, at: g.at, outer: true})
	}
	return all
}

// patchFault is what kustomize refuses about a patch, "" when it is nothing.
// It is found here because its errors do not say which one they are about.
func patchFault(p *patch, docs []*graph.Node) string {
	t := p.spec.Target
	ops := slices.ContainsFunc(docs, func(d *graph.Node) bool { return d.Kind() == graph.List })
	switch {
	case p.text == "" && p.path == "":
		return "the patch has neither path nor patch"
	case p.spec.Path != "" && p.spec.Patch != "":
		return "the patch has both path and patch"
	case ops && t == nil:
		return "a patch of operations needs a target"
	case t != nil && len(docs) > 1 && !ops:
		return "a patch with a target must be one document"
	case t == nil:
		return ""
	}
	for _, pattern := range [...]string{t.Group, t.Version, t.Kind, t.Name, t.Namespace} {
		if _, err := regexp.Compile(pattern); err != nil {
			return "the target is no regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		}
	}
	return ""
}

// patchTokens are what errors about a patch say: the id of its target, or the
// pointer of an operation.
func patchTokens(docs []*graph.Node, at *source.Origin) []token {
	var tokens []token
	add := func(text string) { tokens = append(tokens, token{key: text, text: text, at: at, patch: true}) }
	for _, d := range docs {
		v := graph.ValueOf(d)
		if d.Kind() == graph.Map {
			group, version := resid.ParseGroupVersion(v.At("apiVersion").Str())
			gvk := resid.Gvk{Group: group, Version: version, Kind: v.At("kind").Str()}
			add(resid.NewResIdWithNamespace(gvk, v.At("metadata.name").Str(), v.At("metadata.namespace").Str()).String())
		}
		for op := range v.Each() {
			if pointer := op.At("path").Str(); d.Kind() == graph.List && len(pointer) > 1 {
				add(pointer)
			}
		}
	}
	return tokens
}

// noise is what the library says around what is wrong, and what this package
// put there.
var noise = []struct {
	from func() *regexp.Regexp
	to   string
}{
	{late.Pattern(`#[0-9]+`), ""},
	{late.Pattern(`(?s)^.*accumulation err='(?:accumulating|merging) resources from '[^']*': (.*)': must build at directory.*$`), "$1"},
	{late.Pattern(`(?s)^.*must resolve to a file': recursed accumulation of path '[^']*': `), ""},
	{late.Pattern(`(?s) in object \{.*$`), ""},
	{late.Pattern(`(?s)(no resource matches strategic merge patch "[^"]*").*$`), "$1"},
	{late.Pattern(`(?s):? ?\[?\{"apiVersion.*$`), ""},
	{late.Pattern(`merging from generator &\{[^}]*\}: `), ""},
	{late.Pattern(`id resid\.ResId\{.*?Kind:"([^"]*)".*?Name:("[^"]*").*?\}`), "$1 $2"},
	{late.Pattern(`0x[0-9a-f]+`), ""}, // addresses in memory
	{late.Pattern(`\s+`), " "},
}

// oneLine is an error of kustomize's in one line of a bearable length.
func oneLine(err error) string {
	text := err.Error()
	for _, n := range noise {
		text = n.from().ReplaceAllString(text, n.to)
	}
	if r := []rune(text); len(r) > 400 {
		text = string(r[:200]) + " … " + string(r[len(r)-200:])
	}
	return text
}
