package workload

import (
	"math/big"
	"strconv"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// amount is the grammar of a quantity of Kubernetes: a number and a suffix for
// powers of ten, powers of two or an exponent. The lengths are limited because
// what is behind them is arithmetic.
var amount = late.Pattern(`^([+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$`)

var suffixes = map[string]*big.Rat{
	"": power(10, 0), "n": big.NewRat(1, 1e9), "u": big.NewRat(1, 1e6), "m": big.NewRat(1, 1e3),
	"k": power(10, 3), "M": power(10, 6), "G": power(10, 9), "T": power(10, 12), "P": power(10, 15), "E": power(10, 18),
	"Ki": power(2, 10), "Mi": power(2, 20), "Gi": power(2, 30), "Ti": power(2, 40), "Pi": power(2, 50), "Ei": power(2, 60),
}

func power(base, exponent int64) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), big.NewInt(exponent), nil))
}

// ParseQuantity is the number that a quantity of Kubernetes stands for, such
// as "500m" or "1.5Gi", and false for what is none.
func ParseQuantity(text string) (*big.Rat, bool) {
	m := amount().FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	n, ok := new(big.Rat).SetString(m[1])
	if !ok {
		return nil, false
	}
	factor, named := suffixes[m[2]]
	if !named {
		exponent, err := strconv.Atoi(m[2][1:])
		if err != nil {
			return nil, false
		}
		factor = power(10, int64(max(exponent, -exponent)))
		if exponent < 0 {
			factor = new(big.Rat).Inv(factor)
		}
	}
	return n.Mul(n, factor), true
}

// Quantity is the number that a value stands for, nil for one that is not
// there, not known or no quantity.
func Quantity(v graph.Value) *big.Rat {
	text, known := v.Text("")
	if !known {
		return nil
	}
	n, ok := ParseQuantity(text)
	if !ok {
		return nil
	}
	return n
}
