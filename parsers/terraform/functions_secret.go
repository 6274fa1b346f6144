package terraform

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
)

// A secret is a cty mark: the value is sensitive. It hides nothing here, a rule
// has to see it; only issensitive asks.
type secret struct{}

// secretIf marks the value of a variable or output that is declared sensitive.
func secretIf(k *hcltext.Block, v cty.Value) cty.Value {
	if a := k.Body.Attribute("sensitive"); a != nil {
		if is, diags := a.Expr.Value(nil); !diags.HasErrors() && is.RawEquals(cty.True) {
			return v.Mark(secret{})
		}
	}
	return v
}

// marking is a function of one value whose marks it sees.
func marking(typ function.TypeFunc, of func(cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType, AllowMarked: true, AllowNull: true, AllowUnknown: true, AllowDynamicType: true,
		}},
		Type: typ,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return of(args[0]), nil },
	})
}

func sameType(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil }

var (
	sensitiveFunc    = marking(sameType, func(v cty.Value) cty.Value { return v.Mark(secret{}) })
	nonsensitiveFunc = marking(sameType, func(v cty.Value) cty.Value {
		v, marks := v.Unmark()
		delete(marks, secret{})
		return v.WithMarks(marks)
	})
	issensitiveFunc = marking(function.StaticReturnType(cty.Bool), func(v cty.Value) cty.Value {
		switch {
		case v.HasMark(secret{}):
			return cty.True
		case !v.IsKnown():
			return cty.UnknownVal(cty.Bool)
		}
		return cty.False
	})
)

// pathexpandFunc leaves paths alone that are not in somebody's home.
var pathexpandFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "path", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if strings.HasPrefix(args[0].AsString(), "~") {
			return cty.UnknownVal(cty.String), nil
		}
		return args[0], nil
	},
})

var rsadecryptFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "ciphertext", Type: cty.String}, {Name: "privatekey", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text, err := decrypted(args[0].AsString(), args[1].AsString())
		return cty.StringVal(text), err
	},
})

// decrypted is the plain text of what was encrypted for a private key in PEM.
func decrypted(ciphertext, key string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(ciphertext)
	if err != nil {
		return "", fmt.Errorf("decode the text: %w", err)
	}
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return "", errors.New("the key is no PEM")
	}
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	plain, err := rsa.DecryptPKCS1v15(nil, private, data) //nolint:staticcheck // this is what rsadecrypt is defined to do
	if err != nil {
		return "", fmt.Errorf("decrypt: %w", err)
	}
	return string(plain), nil
}
