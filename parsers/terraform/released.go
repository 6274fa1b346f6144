package terraform

import (
	"bytes"
	"path"

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
	if text, literal := constant(a.Expr); literal {
		return text, true
	}
	if t, template := a.Expr.(*hclsyntax.TemplateExpr); template && len(t.Parts) == 2 && stays(t) {
		if rest, literal := t.Parts[1].(*hclsyntax.LiteralValueExpr); literal && rest.Val.Type() == cty.String {
			return rest.Val.AsString(), true
		}
	}
	return "", false
}
