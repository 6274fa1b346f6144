package terraform

import (
	"bytes"
	"path"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// Released are the directories of the charts that a helm_release of a project
// installs for certain: such a chart is analysed with the values of the release,
// and not once more alone.
func Released(p *parsers.Project) []string {
	set := newDirs(p.Tree)
	seen := map[string]bool{}
	var charts []string
	for _, name := range p.Files {
		dir := path.Dir(name)
		if seen[dir] || !isConfig(name) || vendored(name) {
			continue
		}
		if f, err := p.Tree.Read(name); err != nil || !bytes.Contains(f.Data, []byte("helm_release")) {
			continue
		}
		seen[dir] = true
		for _, k := range set.config(dir).order {
			if chart, ok := releasedBy(k); ok && p.Tree.Exists(path.Join(dir, chart, "Chart.yaml")) {
				charts = append(charts, path.Join(dir, chart))
			}
		}
	}
	return charts
}

// releasedBy is the chart of a release that is certain to be made, as a path
// from the directory of its module.
func releasedBy(k *hcltext.Block) (chart string, ok bool) {
	a := k.Body.Attribute("chart")
	if k.Type != "resource" || k.Label(0) != "helm_release" || a == nil || k.Body.Block("postrender") != nil {
		return "", false
	}
	for _, may := range [...]string{"count", "for_each", "repository", "postrender"} {
		if k.Body.Attribute(may) != nil {
			return "", false
		}
	}
	return certainPath(a.Expr)
}

// certainPath is a path of an expression that is the same whatever the values
// are, from the directory of its module.
func certainPath(expr hclsyntax.Expression) (string, bool) {
	if text, literal := constant(expr); literal {
		return text, true
	}
	if t, template := expr.(*hclsyntax.TemplateExpr); template && len(t.Parts) == 2 && stays(t) {
		if rest, literal := t.Parts[1].(*hclsyntax.LiteralValueExpr); literal && rest.Val.Type() == cty.String {
			return rest.Val.AsString(), true
		}
	}
	return "", false
}

// filledManifests are the files that a directory's blocks fill in as templates of
// Kubernetes objects that are certain to be made: such a file is analysed with
// what is filled in, and not once more as it stands. In a module that others call
// a path that does not start with path.module is one of theirs.
func (c *config) filledManifests(dir string, root bool) []string {
	var files []string
	for _, k := range c.order {
		var text *hcltext.Attribute
		switch {
		case k.Type != "resource" || k.Body.Attribute("count") != nil || k.Body.Attribute("for_each") != nil:
		case k.Label(0) == "kubectl_manifest":
			text = k.Body.Attribute("yaml_body")
		case k.Label(0) == "kubernetes_manifest":
			text = k.Body.Attribute("manifest")
		}
		if text == nil {
			continue
		}
		hclsyntax.VisitAll(text.Expr, func(n hclsyntax.Node) hcl.Diagnostics {
			if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == "templatefile" && len(call.Args) > 0 {
				if name, certain := certainPath(call.Args[0]); certain && (root || ofModule(call.Args[0])) {
					files = append(files, path.Join(dir, name))
				}
			}
			return nil
		})
	}
	return files
}

// ofModule tells of a path that starts with path.module.
func ofModule(expr hclsyntax.Expression) bool {
	t, ok := expr.(*hclsyntax.TemplateExpr)
	if !ok {
		return false
	}
	name, ok := t.Parts[0].(*hclsyntax.ScopeTraversalExpr)
	return ok && name.Traversal.RootName() == "path" && attrName(name.Traversal, 1) == "module"
}
