package terraform

import (
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// table is the functions of Terraform's language that can be worked out here,
// each charged to the budget. All others have unknown results: those of time
// and chance, those of providers, and those that do not exist.
func (ld *loader) table() map[string]function.Function {
	t := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc, "chunklist": stdlib.ChunklistFunc,
		"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc, "csvdecode": stdlib.CSVDecodeFunc, "distinct": stdlib.DistinctFunc,
		"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "format": stdlib.FormatFunc,
		"formatdate": stdlib.FormatDateFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc,
		"join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"keys": stdlib.KeysFunc, "log": stdlib.LogFunc, "lower": stdlib.LowerFunc, "max": stdlib.MaxFunc,
		"merge": stdlib.MergeFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
		"range": stdlib.RangeFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc,
		"setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
		"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "timeadd": stdlib.TimeAddFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"yamldecode": ctyyaml.YAMLDecodeFunc, "yamlencode": ctyyaml.YAMLEncodeFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
		"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),

		"alltrue": quantifier(true), "anytrue": quantifier(false), "coalesce": coalesceFunc, "index": indexFunc,
		"length": lengthFunc, "lookup": lookupFunc, "matchkeys": matchkeysFunc, "one": oneFunc, "replace": replaceFunc,
		"sensitive": sensitiveFunc, "nonsensitive": nonsensitiveFunc, "issensitive": issensitiveFunc, "ephemeralasnull": identity,
		"rsadecrypt": rsadecryptFunc, "pathexpand": pathexpandFunc, "sum": sumFunc, "transpose": transposeFunc,
		"timecmp": timecmpFunc, "uuidv5": uuidFunc, "list": listFunc, "map": mapFunc,
		"startswith": predicate(strings.HasPrefix), "endswith": predicate(strings.HasSuffix), "strcontains": predicate(strings.Contains),
	}
	for _, more := range []map[string]function.Function{encodings(), networks(), ld.files()} {
		maps.Copy(t, more)
	}
	for name, f := range t {
		t[name] = ld.charged(f, expensive[name], work(name))
	}
	t["try"], t["can"] = tryfunc.TryFunc, tryfunc.CanFunc
	return t
}

// named is the function of that name. Those of the language may have their
// namespace in front.
func (ld *loader) named(name string) (f function.Function, ok bool) {
	f, ok = ld.functions[strings.TrimPrefix(name, "core::")]
	if !ok && (impure[name] || strings.HasPrefix(name, "provider::")) {
		return unknownFunction, true
	}
	return f, ok
}

// impure are the functions whose results only a run of Terraform can know, and
// those that only OpenTofu has.
var impure = map[string]bool{
	"abspath": true, "base64gunzip": true, "bcrypt": true, "cidrcontains": true, "plantimestamp": true,
	"timestamp": true, "urldecode": true, "uuid": true,
}

// work is what a call costs beside its result, in the time that it takes to make
// one small value.
func work(name string) int {
	switch name {
	case "base64gzip":
		return 1000
	case "regex", "regexall", "templatefile", "templatestring", "rsadecrypt":
		return 128
	case "replace", "formatdate", "timeadd", "timecmp":
		return 64
	case "file", "fileexists", "jsondecode", "yamldecode", "csvdecode", "jsonencode", "yamlencode", "format", "formatlist":
		return 16
	}
	if strings.HasPrefix(name, "file") {
		return 32
	}
	return 8
}

// charged is a function whose calls and results are charged to the budget, and
// whose arguments are looked at first if they alone can make the result large.
func (ld *loader) charged(f function.Function, cost func([]cty.Value) int, work int) function.Function {
	check := func(args []cty.Value) error {
		for _, a := range args {
			if cost == nil || !a.IsWhollyKnown() {
				return nil
			}
		}
		if cost != nil && cost(args) > maxText {
			return errBudget
		}
		return nil
	}
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.NilType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if err := ld.budget.spend(work); err != nil {
				return cty.NilVal, err
			}
			v, err := f.Call(args)
			if err == nil {
				err = ld.budget.spend(size(v))
			}
			return v, err
		},
	})
}

// expensive estimates the size of results that can be far larger than the
// arguments. The arguments are known.
var expensive = map[string]func([]cty.Value) int{
	"format": formatCost, "formatlist": formatCost,
	"join": func(args []cty.Value) int {
		n := 0
		for _, list := range args[1:] {
			n += size(list) + size(list)*size(args[0])
		}
		return n
	},
	"yamldecode": func(args []cty.Value) int { // aliases of aliases stand for more than any memory holds
		text := str(args[0])
		if !strings.Contains(text, "&") || !strings.Contains(text, "*") {
			return 0
		}
		for _, d := range yamltext.Parse(source.NewFile("", []byte(text)), nil) {
			if d.Problem != nil && strings.Contains(d.Problem.Message, "aliases") {
				return maxText + 1
			}
		}
		return 0
	},
	"indent": func(args []cty.Value) int { return whole(args[0]) * size(args[1]) },
	"range": func(args []cty.Value) int {
		from, to, step := 0.0, 0.0, 1.0
		read := func(v cty.Value) float64 {
			if v.IsNull() || v.Type() != cty.Number {
				return 0
			}
			f, _ := v.AsBigFloat().Float64()
			return f
		}
		switch len(args) {
		case 1:
			to = read(args[0])
		case 2:
			from, to = read(args[0]), read(args[1])
		case 3:
			from, to, step = read(args[0]), read(args[1]), read(args[2])
		}
		if step == 0 {
			return 0 // an error of its own
		}
		if n := (to - from) / step; n > maxRange || n < -maxRange {
			return maxText + 1
		}
		return 0
	},
	"replace": func(args []cty.Value) int {
		text, old, with := str(args[0]), str(args[1]), str(args[2])
		if len(old) > 1 && old[0] == '/' {
			return (len(text) + 1) * (len(with) + 1) / 8
		}
		return (len(text) + (strings.Count(text, old)+1)*len(with)) / 8
	},
	"setproduct": func(args []cty.Value) int {
		n := 1
		for _, a := range args {
			if a.IsNull() || !a.CanIterateElements() {
				return 0
			}
			if n *= a.LengthInt(); n > maxText {
				return n
			}
		}
		return n
	},
	"pow": func(args []cty.Value) int { return magnitude(args[0]) * whole(args[1]) / maxBits * maxText },
}

// magnitude is the number of bits of a number in front of the point, at least 1.
func magnitude(v cty.Value) int {
	if v.IsNull() || v.Type() != cty.Number {
		return 0
	}
	return max(v.AsBigFloat().MantExp(nil), 1)
}

// whole is a number as a not negative int, cut off where it makes no difference.
func whole(v cty.Value) int {
	if v.IsNull() || v.Type() != cty.Number {
		return 0
	}
	f, _ := v.AsBigFloat().Float64()
	return int(min(max(f, 0), 1<<24))
}

func str(v cty.Value) string {
	if v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

var width = late.Pattern(`[0-9]{5,}`)

// formatCost refuses widths that only serve to fill memory.
func formatCost(args []cty.Value) int {
	if len(args) > 0 && width().MatchString(str(args[0])) {
		return maxText + 1
	}
	return 0
}
