// Package tfplan reads Terraform plans in JSON, as "terraform show -json" and
// "tofu show -json" write them.
//
// A plan knows what a configuration alone cannot: the arguments of the run, data
// sources, what providers fill in. So its values are the ones that count. What
// is only known after the apply, and what is sensitive, is unknown here.
//
// People edit the configuration, not the plan. When it lies in the plan's
// directory it is evaluated too, with the plan's variables, and what has the
// same address and path is placed there, with its chain. Everything else is
// placed in the plan's own text.
package tfplan

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// New is the source of Terraform plans.
func New() parsers.Source { return plans{} }

type plans struct{}

func (plans) Name() string { return "tfplan" }

func (s plans) Roots(p *parsers.Project, _ *graph.Builder) []parsers.Root {
	var roots []parsers.Root
	for name := range p.Glob("**/*.json") {
		f, err := p.Tree.Read(name)
		if err != nil || !isPlan(f.Data) {
			continue // somebody else's, and theirs to complain of
		}
		p.Claim(name, s.Name())
		roots = append(roots, &root{p.Tree, f})
	}
	return roots
}

// isPlan tells whether text is a plan: an object that says so early on.
func isPlan(data []byte) bool {
	start := bytes.TrimLeft(data[:min(len(data), 4096)], " \t\r\n\ufeff")
	return bytes.HasPrefix(start, []byte("{")) && bytes.Contains(start, []byte(`"format_version"`)) &&
		(bytes.Contains(data, []byte(`"planned_values"`)) || bytes.Contains(data, []byte(`"resource_changes"`)))
}

type root struct {
	tree *source.Tree
	file *source.File
}

func (r *root) ID() string { return "tfplan:" + r.file.Path }

func (r *root) Dir() string { return path.Dir(r.file.Path) }

// Reads says yes to the plan, and to what lies in its directory and below: the
// configuration is placed there. Modules may lie anywhere.
func (r *root) Reads(name string) bool {
	return name == r.file.Path || strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tf.json") ||
		strings.HasSuffix(name, ".tofu") || path.Dir(name) == path.Dir(r.file.Path)
}

// Load adds the resources that will be there after the plan.
func (r *root) Load(ctx context.Context, b *graph.Builder) error {
	docs := yamltext.Parse(r.file, nil)
	switch {
	case len(docs) == 1 && docs[0].Problem != nil:
		b.Problems = append(b.Problems, *docs[0].Problem)
		return nil
	case len(docs) != 1 || docs[0].Root.Kind() != graph.Map:
		b.Fail(parsers.Whole(r.file), "this is no plan")
		return nil
	}
	p := &plan{ctx: ctx, tree: r.tree, dir: path.Dir(r.file.Path), b: b, doc: graph.ValueOf(docs[0].Root), changes: map[string]*graph.Node{}, added: map[string][]*graph.Resource{}}
	if p.doc.At("errored").Bool(false) == graph.True {
		b.Warn(parsers.Whole(r.file), "the plan ended in an error: not everything is in it")
	}
	blocks, err := r.configuration(ctx, child(docs[0].Root, "variables"))
	if err != nil {
		return err
	}
	p.blocks, p.references = blocks, newReferences(child(child(docs[0].Root, "configuration"), "root_module"))
	changes := child(docs[0].Root, "resource_changes")
	for i := 0; nth(changes, i) != nil; i++ {
		p.changes[text(nth(changes, i), "address")] = nth(changes, i)
	}
	if planned := child(child(docs[0].Root, "planned_values"), "root_module"); planned.Kind() == graph.Map {
		p.module(planned, "")
	} else {
		p.changed(changes)
	}
	p.link()
	return ctx.Err()
}

// configuration is what the configuration beside the plan has with the plan's
// variables.
func (r *root) configuration(ctx context.Context, variables *graph.Node) (map[string]terraform.Block, error) {
	planned := map[string]*graph.Node{}
	if variables.Kind() == graph.Map {
		for _, f := range variables.Fields() {
			planned[f.Key] = child(f.Node, "value")
		}
	}
	blocks, err := terraform.Blocks(ctx, r.tree, path.Dir(r.file.Path), terraform.Options{Planned: planned})
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %w", r.file.Path, err)
	}
	return blocks, nil
}
