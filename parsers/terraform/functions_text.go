package terraform

import (
	"bytes"
	"compress/gzip"
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
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
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
		"base64gzip": text(func(s string) (string, error) {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err := w.Write([]byte(s))
			if err = errors.Join(err, w.Flush(), w.Close()); err != nil {
				return "", fmt.Errorf("compress: %w", err)
			}
			return hashes["base64"](packed.String()), nil
		}),
		"textencodebase64": recode(func(s string, e encoding.Encoding) (string, error) {
			raw, err := e.NewEncoder().String(s)
			return hashes["base64"](raw), err
		}),
		"textdecodebase64": recode(func(s string, e encoding.Encoding) (string, error) {
			raw, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return "", err
			}
			return e.NewDecoder().String(string(raw))
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

// charsets are the encodings by their registered names, as far as
// configurations use them. The tables of the others are large.
var charsets = map[string]encoding.Encoding{
	"utf-8": unicode.UTF8, "iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "windows-1252": charmap.Windows1252,
	"utf-16":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
}

// recode makes a function of a string and the name of an encoding.
func recode(of func(string, encoding.Encoding) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "encoding", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			e := charsets[strings.ToLower(args[1].AsString())]
			if e == nil {
				return cty.UnknownVal(cty.String), nil
			}
			s, err := of(args[0].AsString(), e)
			return cty.StringVal(s), err
		},
	})
}

// namespaces are those that RFC 4122 gives names to.
var namespaces = map[string]string{
	"dns": "6ba7b8109dad11d180b400c04fd430c8", "url": "6ba7b8119dad11d180b400c04fd430c8",
	"oid": "6ba7b8129dad11d180b400c04fd430c8", "x500": "6ba7b8149dad11d180b400c04fd430c8",
}

// uuidFunc is a UUID made from a namespace and a name.
var uuidFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "namespace", Type: cty.String}, {Name: "name", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		space, ok := namespaces[args[0].AsString()]
		if !ok {
			space = strings.ReplaceAll(args[0].AsString(), "-", "")
		}
		raw, err := hex.DecodeString(space)
		if err != nil || len(raw) != 16 {
			return cty.NilVal, errors.New("the namespace is no UUID and not dns, url, oid or x500")
		}
		h := sha1.Sum(append(raw, args[1].AsString()...))
		h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80 // version 5, variant of the RFC
		return cty.StringVal(fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])), nil
	},
})

// timecmpFunc says which of two times is the earlier one.
var timecmpFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "a", Type: cty.String}, {Name: "b", Type: cty.String}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		a, err := time.Parse(time.RFC3339, args[0].AsString())
		if err != nil {
			return cty.NilVal, err
		}
		b, err := time.Parse(time.RFC3339, args[1].AsString())
		return cty.NumberIntVal(int64(a.Compare(b))), err
	},
})

// networks are the functions on address ranges.
func networks() map[string]function.Function {
	prefix := function.Parameter{Name: "prefix", Type: cty.String}
	number := func(name string) function.Parameter { return function.Parameter{Name: name, Type: cty.Number} }
	return map[string]function.Function{
		"cidrsubnet": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("newbits"), number("netnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0].AsString())
				if err != nil {
					return cty.NilVal, err
				}
				bits, err := extension(p, args[1])
				if err != nil {
					return cty.NilVal, err
				}
				num, n := integer(args[2]), p.Bits()+bits
				if num == nil || num.Sign() < 0 || num.BitLen() > bits {
					return cty.NilVal, fmt.Errorf("%s has no network of that number", p)
				}
				return cty.StringVal(netip.PrefixFrom(offset(p, num, p.Addr().BitLen()-n), n).String()), nil
			},
		}),
		"cidrsubnets": function.New(&function.Spec{
			Params:   []function.Parameter{prefix},
			VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
			Type:     function.StaticReturnType(cty.List(cty.String)),
			Impl:     func(args []cty.Value, _ cty.Type) (cty.Value, error) { return subnets(args[0].AsString(), args[1:]) },
		}),
		"cidrhost": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("hostnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0].AsString())
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
			p, err := parsePrefix(s)
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

// parsePrefix reads an address range. A number of an IPv4 address may have
// zeros in front and is decimal all the same.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, bits, ok := strings.Cut(s, "/"); ok && !strings.Contains(addr, ":") {
		parts := strings.Split(addr, ".")
		for i, part := range parts {
			if trimmed := strings.TrimLeft(part, "0"); trimmed != "" {
				parts[i] = trimmed
			} else if part != "" {
				parts[i] = "0"
			}
		}
		s = strings.Join(parts, ".") + "/" + bits
	}
	return netip.ParsePrefix(s)
}

// extension is by how many bits a prefix is to be made longer.
func extension(p netip.Prefix, newbits cty.Value) (int, error) {
	bits := integer(newbits)
	if bits == nil || bits.Sign() < 0 || bits.Cmp(big.NewInt(int64(p.Addr().BitLen()-p.Bits()))) > 0 {
		return 0, fmt.Errorf("%s cannot be extended by that many bits", p)
	}
	return int(bits.Int64()), nil
}

// subnets divides a range into networks that follow each other, each at the
// next address that a network of its size can start at.
func subnets(text string, newbits []cty.Value) (cty.Value, error) {
	p, err := parsePrefix(text)
	if err != nil {
		return cty.NilVal, err
	}
	if len(newbits) == 0 {
		return cty.ListValEmpty(cty.String), nil
	}
	width := p.Addr().BitLen()
	end := new(big.Int).Lsh(big.NewInt(1), uint(width-p.Bits()))
	next, all := new(big.Int), make([]cty.Value, len(newbits))
	for i, more := range newbits {
		bits, err := extension(p, more)
		if err != nil {
			return cty.NilVal, err
		}
		if bits == 0 {
			return cty.NilVal, errors.New("a network cannot be as large as the range")
		}
		n := p.Bits() + bits
		size := new(big.Int).Lsh(big.NewInt(1), uint(width-n))
		next.Add(next, size).Sub(next, big.NewInt(1)) // up to a multiple of the size
		next.Sub(next, new(big.Int).Mod(next, size))
		if new(big.Int).Add(next, size).Cmp(end) > 0 {
			return cty.NilVal, fmt.Errorf("%s is too small for all these networks", p)
		}
		all[i] = cty.StringVal(netip.PrefixFrom(offset(p, next, 0), n).String())
		next.Add(next, size)
	}
	return cty.ListVal(all), nil
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
