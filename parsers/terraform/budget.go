package terraform

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// What one root may use. Real configurations stay far below; a configuration
// that does not is hostile or a mistake, and gets a Problem.
const (
	maxInstances = 1024    // of one block
	maxNodes     = 20_000  // instances of all blocks
	maxModules   = 2_000   // instances of modules
	maxEdges     = 1 << 17 // references between resources
	maxDepth     = 200     // modules within modules, cells that wait for each other
	maxRange     = 4096    // elements of range()
	maxBits      = 20_000  // of a number: written out it has as many digits
	maxText      = 1 << 18 // size of one value, see size
	maxWork      = 4 << 20 // size of all that is made, and a share of all that is looked at
)

// errBudget says that an expression makes more than a root may use.
var errBudget = errors.New("the value grows too large to be worked out")

// A budget is what is left of maxWork. It travels in the evaluation context,
// because parsed expressions are shared between roots.
type budget struct{ left int }

func (b *budget) spend(n int) error {
	if b.left -= n; b.left < 0 || n > maxText {
		return errBudget
	}
	return nil
}

// spent tells of a Problem that comes of nothing but the budget being used up,
// which is said once.
func (ld *loader) spent(err error) bool {
	if ld.budget.left >= 0 || !errors.Is(err, errBudget) {
		return false
	}
	before := ld.exhausted
	ld.exhausted = ld.exhausted || !ld.quiet
	return before
}

var budgetType = cty.Capsule("budget", reflect.TypeFor[budget]())

// budgetName cannot be written as an identifier.
const budgetName = "(budget)"

func budgetOf(ctx *hcl.EvalContext) *budget {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[budgetName]; ok {
			return v.EncapsulatedValue().(*budget)
		}
	}
	return nil
}

// metered charges the value of an expression to the budget. It stands in for
// what a for expression makes in every round, the one place where HCL loops.
//
// It holds the expression in parentheses, so that a walk that knows nothing of
// it still comes to the expression itself.
type metered struct{ *hclsyntax.ParenthesesExpr }

func charge(expr hclsyntax.Expression) hclsyntax.Expression {
	return metered{&hclsyntax.ParenthesesExpr{Expression: expr, SrcRange: expr.Range()}}
}

// refused says what was refused, as hcl does of functions.
type refused struct{ err error }

func (r refused) FunctionCallError() error { return r.err }

func (m metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	b := budgetOf(ctx)
	if b == nil {
		return m.Expression.Value(ctx)
	}
	refuse := func(err error) (cty.Value, hcl.Diagnostics) {
		rng := m.Range()
		return cty.DynamicVal, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Too large", Detail: fmt.Sprint(err), Subject: &rng, Extra: refused{err},
		}}
	}
	if err := b.spend(2); err != nil {
		return refuse(err)
	}
	v, diags := m.Expression.Value(ctx)
	if err := b.spend(size(v)); err != nil {
		return refuse(err)
	}
	return v, diags
}

// meter puts the loops of a file on the budget, and takes out the numbers that
// would fill the memory when they are written out.
func meter(f *hcltext.File) {
	eachExpr(f.Body, func(expr hclsyntax.Expression) {
		meterExpr(expr, func(r hcl.Range) {
			f.Problems = append(f.Problems, graph.Problem{
				Level: graph.Error, Message: "the number is too large", At: at(hcltext.Span(f.Source, r)),
			})
		})
	})
}

func meterExpr(expr hclsyntax.Expression, large func(hcl.Range)) {
	hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.ForExpr:
			e.ValExpr = charge(e.ValExpr)
			if e.CondExpr != nil {
				e.CondExpr = charge(e.CondExpr)
			}
		case *hclsyntax.FunctionCallExpr:
			if e.Name == "templatestring" && len(e.Args) > 0 {
				e.Args[0] = named(e.Args[0])
			}
		case *hclsyntax.LiteralValueExpr:
			if e.Val.Type() == cty.Number && size(e.Val) > maxText {
				e.Val = cty.UnknownVal(cty.Number)
				large(e.SrcRange)
			}
		}
		return nil
	})
}

// size is about how much memory a value takes, parts that are shared counted
// every time.
func size(v cty.Value) int {
	n := 1
	v, _ = v.Unmark()
	if v == cty.NilVal || v.IsNull() || !v.IsKnown() {
		return n
	}
	ty := v.Type()
	switch {
	case ty == cty.Number:
		f := v.AsBigFloat()
		if exp := f.MantExp(nil); exp > maxBits || exp < -maxBits || f.IsInf() {
			return maxText + 1
		}
	case ty == cty.String:
		return n + len(v.AsString())/8
	case ty.IsTupleType() || ty.IsObjectType() || ty.IsCollectionType():
		for it := v.ElementIterator(); it.Next(); {
			_, item := it.Element()
			if n += size(item); n > maxWork {
				return n
			}
		}
	}
	return n
}
