package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// named is the expression of a template that templatestring takes: only what is
// written elsewhere, for whoever writes it in place needs no function.
func named(expr hclsyntax.Expression) hclsyntax.Expression {
	switch expr.(type) {
	case *hclsyntax.ScopeTraversalExpr, *hcltext.Quoted:
		return expr
	}
	return inPlace{&hclsyntax.ParenthesesExpr{Expression: expr, SrcRange: expr.Range()}}
}

// inPlace is a template that has no value because of where it is written.
type inPlace struct{ *hclsyntax.ParenthesesExpr }

func (p inPlace) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return cty.DynamicVal, hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Not a reference", Subject: p.SrcRange.Ptr(),
		Detail: "templatestring takes a reference to a template that is written elsewhere",
	}}
}
