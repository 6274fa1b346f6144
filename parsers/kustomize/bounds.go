package kustomize

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/utils"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// What copies a map into a map can double an object, and the next one doubles
// it again. How often that may happen depends on how much there is to copy.

const (
	// maxCopied bounds, in bytes of text, what copies may make of the files. In
	// memory it is many times as much.
	maxCopied = 1 << 26
	// minSize is what files count for at least: short text is mostly structure.
	minSize = 1 << 12
)

// tooMuch counts copies and tells whether they may come to more than maxCopied.
func (bd *build) tooMuch(copies int) bool {
	bd.copying += copies
	return copies > 0 && max(bd.files.size, minSize)<<min(bd.copying, 30) > maxCopied
}

// copyOps counts operations that can double an object each.
func copyOps(docs []*graph.Node) int {
	n := 0
	for _, d := range docs {
		for _, op := range items(d) {
			if graph.ValueOf(op).At("op").Str() == "copy" {
				n++
			}
		}
	}
	return n
}

// copiesTooMuch tells, and reports, whether replacements copy too often to be
// part of the build.
func (bd *build) copiesTooMuch(l *layer, at *source.Origin, all []*replacement) bool {
	for _, r := range all {
		if bd.tooMuch(r.copies()) {
			bd.fail(l, at, "the replacements copy values into values too often; this one is left out")
			return true
		}
	}
	return false
}

// copies counts the fields that a replacement may copy a map or a list to.
func (r *replacement) copies() int {
	path := textOf(child(r.source, "fieldPath"))
	if r.source == nil || path == "" || textOf(child(child(r.source, "options"), "delimiter")) != "" {
		return 0
	}
	if r.copiesText(textOf(child(r.source, "kind")), utils.SmarterPathSplitter(path, ".")) {
		return 0
	}
	fields := 0
	for _, t := range r.targets {
		fields += len(t.paths)
	}
	return fields
}

// copiesText tells whether what is copied is a scalar: where it is written it
// is one, or it is the data of what is generated.
func (r *replacement) copiesText(kind string, steps []string) bool {
	found := false
	for _, w := range r.bd.written {
		if w.doc == nil || kind != "" && graph.ValueOf(w.doc).At("kind").Str() != kind {
			continue
		}
		if n := descendTo(w.doc, steps); n != nil {
			if !isScalar(n) && n.Kind() != graph.Unknown {
				return false
			}
			found = true
		}
	}
	data := len(steps) == 2 && steps[0] == "data" && (kind == "ConfigMap" || kind == "Secret")
	return found || data && r.bd.copying == 0 && !r.bd.patchesData()
}

// patchesData tells whether a patch may put something else than text into the
// data of an object.
func (bd *build) patchesData() bool {
	return slices.ContainsFunc(bd.layers, func(l *layer) bool {
		return slices.ContainsFunc(slices.Concat(l.patches, l.late), func(p *patch) bool {
			docs, _ := bd.docs(l, p)
			return slices.ContainsFunc(docs, writesData)
		})
	})
}

func writesData(patch *graph.Node) bool {
	if patch.Kind() == graph.List {
		return slices.ContainsFunc(patch.Items(), func(op *graph.Node) bool {
			v := graph.ValueOf(op)
			return strings.HasPrefix(v.At("path").Str(), "/data") && child(op, "value") != nil && !isScalar(child(op, "value"))
		})
	}
	for v := range graph.ValueOf(patch).At("data").Each() {
		if v.Kind() == graph.Map || v.Kind() == graph.List {
			return true
		}
	}
	return false
}
