package hcltext

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// MaxDepth is how deep brackets, operators and blocks may nest.
const MaxDepth = 1000

var errTooDeep = errors.New("nests too deep")

// certain is a number of bytes that could nest which no stack overflows from,
// with a wide margin. Only a text with more of them is looked at closely.
const certain = 20_000

// tooDeep tells whether a native text nests deeper than the parser could bear.
// Text with few bracket and operator bytes is let through unseen.
func tooDeep(data []byte) (offset int, deep bool) {
	n := 0
	for _, c := range data {
		if nests[c] {
			n++
		}
	}
	if n <= certain {
		return 0, false
	}
	return deepTokens(data)
}

// nests are the bytes that one more level of an expression takes at least one of.
var nests = func() (set [256]bool) {
	for _, c := range "{[(!-+*/%&|=<>?." {
		set[c] = true
	}
	return set
}()

// deepTokens counts open brackets, and operators since the last separator on
// every level: a chain of operators is a tree as deep as it is long.
func deepTokens(data []byte) (offset int, deep bool) {
	tokens, _ := hclsyntax.LexConfig(data, "", hcl.InitialPos)
	chains, depth := []int{0}, 0
	for _, t := range tokens {
		top := len(chains) - 1
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			chains[top]++ // an index or a call is a link of a chain, too
			chains = append(chains, 0)
			depth += 2
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if top > 0 {
				depth -= chains[top] + 1
				chains = chains[:top]
			}
		case hclsyntax.TokenComma, hclsyntax.TokenNewline, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
			depth -= chains[top]
			chains[top] = 0
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
			hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq,
			hclsyntax.TokenQuestion, hclsyntax.TokenDot:
			chains[top]++
			depth++
		default:
		}
		if depth > 4*MaxDepth {
			return t.Range.Start.Byte, true
		}
	}
	return 0, false
}

// deepNode tells whether a parsed tree is deeper than evaluators should be asked to bear.
func deepNode(n hclsyntax.Node) (at hcl.Range, deep bool) {
	w := depthWalker{}
	hclsyntax.Walk(n, &w)
	return w.at, w.found
}

type depthWalker struct {
	depth int
	at    hcl.Range
	found bool
}

func (w *depthWalker) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if w.depth++; w.depth > MaxDepth && !w.found {
		w.at, w.found = n.Range(), true
	}
	return nil
}

func (w *depthWalker) Exit(hclsyntax.Node) hcl.Diagnostics {
	w.depth--
	return nil
}
