package terraform

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// text makes a function of one string.
func text(of func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := of(args[0].AsString())
			return cty.StringVal(s), err
		},
	})
}

// hashes are the digests by name. They are part of the language, not of any
// protection.
var hashes = map[string]func(string) string{
	"md5":          func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) },
	"sha1":         func(s string) string { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]) },
	"sha256":       func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) },
	"sha512":       func(s string) string { h := sha512.Sum512([]byte(s)); return hex.EncodeToString(h[:]) },
	"base64":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64sha256": func(s string) string { h := sha256.Sum256([]byte(s)); return base64.StdEncoding.EncodeToString(h[:]) },
	"base64sha512": func(s string) string { h := sha512.Sum512([]byte(s)); return base64.StdEncoding.EncodeToString(h[:]) },
}

// encodings are the functions that write a string another way.
func encodings() map[string]function.Function {
	t := map[string]function.Function{
		"base64encode": text(func(s string) (string, error) { return hashes["base64"](s), nil }),
		"base64decode": text(func(s string) (string, error) {
			raw, err := base64.StdEncoding.DecodeString(s)
			if err == nil && !utf8.Valid(raw) {
				err = errors.New("the decoded bytes are not UTF-8")
			}
			return string(raw), err
		}),
		"urlencode": text(func(s string) (string, error) { return url.QueryEscape(s), nil }),
	}
	for name, hash := range hashes {
		if name != "base64" {
			t[name] = text(func(s string) (string, error) { return hash(s), nil })
		}
	}
	return t
}

// networks are the functions on address ranges.
func networks() map[string]function.Function {
	prefix := function.Parameter{Name: "prefix", Type: cty.String}
	number := func(name string) function.Parameter { return function.Parameter{Name: name, Type: cty.Number} }
	return map[string]function.Function{
		"cidrsubnet": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("newbits"), number("netnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := netip.ParsePrefix(args[0].AsString())
				if err != nil {
					return cty.NilVal, err
				}
				bits, num := integer(args[1]), integer(args[2])
				if bits == nil || num == nil || !bits.IsInt64() || bits.Sign() < 0 || bits.Int64() > int64(p.Addr().BitLen()-p.Bits()) {
					return cty.NilVal, fmt.Errorf("%s cannot be extended by that many bits", p)
				}
				n := p.Bits() + int(bits.Int64())
				if num.Sign() < 0 || num.BitLen() > int(bits.Int64()) {
					return cty.NilVal, fmt.Errorf("%s has no network of that number", p)
				}
				return cty.StringVal(netip.PrefixFrom(offset(p, num, p.Addr().BitLen()-n), n).String()), nil
			},
		}),
		"cidrhost": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("hostnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := netip.ParsePrefix(args[0].AsString())
				if err != nil {
					return cty.NilVal, err
				}
				num, hosts := integer(args[1]), p.Addr().BitLen()-p.Bits()
				if num != nil && num.Sign() < 0 { // from the end
					num.Add(num, new(big.Int).Lsh(big.NewInt(1), uint(hosts)))
				}
				if num == nil || num.Sign() < 0 || num.BitLen() > hosts {
					return cty.NilVal, fmt.Errorf("%s has no host of that number", p)
				}
				return cty.StringVal(offset(p, num, 0).String()), nil
			},
		}),
		"cidrnetmask": text(func(s string) (string, error) {
			p, err := netip.ParsePrefix(s)
			if err != nil {
				return "", err
			}
			if !p.Addr().Is4() {
				return "", errors.New("only IPv4 has netmasks")
			}
			mask := ^uint32(0) << (32 - p.Bits())
			if p.Bits() == 0 {
				mask = 0
			}
			return netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}).String(), nil
		}),
	}
}

// integer is a number that is whole; nil when it is not.
func integer(v cty.Value) *big.Int {
	f := v.AsBigFloat()
	if !f.IsInt() || f.MantExp(nil) > 256 {
		return nil
	}
	i, _ := f.Int(nil)
	return i
}

// offset is the first address of a network plus n, shifted left.
func offset(p netip.Prefix, n *big.Int, shift int) netip.Addr {
	first := p.Masked().Addr().AsSlice()
	sum := new(big.Int).Add(new(big.Int).SetBytes(first), new(big.Int).Lsh(n, uint(shift)))
	raw := sum.FillBytes(make([]byte, len(first)))
	a, _ := netip.AddrFromSlice(raw)
	return a
}
