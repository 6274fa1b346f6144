package engine

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"text/template"
)

// guardSprig puts a guard in front of the functions whose result, or whose
// work, can be much larger than their arguments. Functions that only grow by a
// constant factor need none: their arguments have been weighed as results.
func (r *renderer) guardSprig(f template.FuncMap) {
	for name, fn := range map[string]any{
		"print": fmt.Sprint, "println": fmt.Sprintln, "html": template.HTMLEscaper,
		"js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	} {
		f[name] = weighed(fn)
	}
	f["printf"] = printf
	for _, name := range []string{
		"toString", "toStrings", "sortAlpha", "cat", "quote", "squote", "deepCopy", "mustDeepCopy",
		"toYaml", "toYamlPretty", "toJson", "toToml",
		"toPrettyJson", "toRawJson", "mustToJson", "mustToPrettyJson", "mustToRawJson",
		// These write what is no number into an error that nobody sees.
		"int", "int64", "float64", "toDecimal", "add", "add1", "sub", "div", "mod", "mul", "max", "min", "biggest",
		"addf", "add1f", "subf", "divf", "mulf", "maxf", "minf", "ceil", "floor", "round",
	} {
		f[name] = weighed(f[name])
	}
	for _, name := range []string{"slice", "mustSlice"} {
		fn := f["mustSlice"].(func(any, ...any) (any, error))
		f[name] = func(list any, at ...any) (any, error) {
			if err := weighAll(at); err != nil {
				return nil, err
			}
			return fn(list, at...)
		}
	}
	dict := f["dict"].(func(...any) map[string]any)
	f["dict"] = func(v ...any) (map[string]any, error) {
		for i := 0; i < len(v); i += 2 {
			if err := weighAll(v[i : i+1]); err != nil {
				return nil, err
			}
		}
		return dict(v...), nil
	}
	f["eq"] = equal
	f["ne"] = func(a, b reflect.Value) (bool, error) {
		same, err := equal(a, b)
		return !same, err
	}
	for _, name := range []string{"merge", "mergeOverwrite"} {
		fn := f[name].(func(map[string]any, ...map[string]any) any)
		f[name] = func(dst map[string]any, srcs ...map[string]any) (any, error) {
			if err := r.mergeable(dst, srcs); err != nil {
				return nil, err
			}
			return fn(dst, srcs...), nil
		}
	}
	for _, name := range []string{"mustMerge", "mustMergeOverwrite"} {
		fn := f[name].(func(map[string]any, ...map[string]any) (any, error))
		f[name] = func(dst map[string]any, srcs ...map[string]any) (any, error) {
			if err := r.mergeable(dst, srcs); err != nil {
				return nil, err
			}
			return fn(dst, srcs...)
		}
	}

	// Text that is repeated.
	f["repeat"] = func(n int, s string) (string, error) {
		if err := fits(len(s), n); err != nil {
			return "", err
		}
		return strings.Repeat(s, n), nil
	}
	for _, name := range []string{"indent", "nindent"} {
		fn := f[name].(func(int, string) string)
		f[name] = func(n int, s string) (string, error) {
			if err := fits(n, strings.Count(s, "\n")+1); err != nil {
				return "", err
			}
			return fn(n, s), nil
		}
	}
	f["replace"] = func(old, new, src string) (string, error) {
		if err := fits(len(new), strings.Count(src, old)); err != nil {
			return "", err
		}
		return strings.ReplaceAll(src, old, new), nil
	}
	join := f["join"].(func(string, any) string)
	f["join"] = func(sep string, v any) (string, error) {
		if err := weighAll([]any{v}); err != nil {
			return "", err
		}
		if err := fits(len(sep), length(v)); err != nil {
			return "", err
		}
		return join(sep, v), nil
	}
	wrapWith := f["wrapWith"].(func(int, string, string) string)
	f["wrapWith"] = func(width int, sep, s string) (string, error) {
		if err := fits(len(sep), len(s)/max(width, 1)+1); err != nil {
			return "", err
		}
		return wrapWith(width, sep, s), nil
	}
	r.regexFuncs(f)
	for _, name := range []string{"semver", "semverCompare"} {
		f[name] = short(f[name])
	}

	// Lists out of nothing or out of text.
	f["until"] = func(n int) ([]int, error) {
		if n < 0 {
			return steps(0, n, -1)
		}
		return steps(0, n, 1)
	}
	f["untilStep"] = steps
	f["seq"] = seq
	split := f["split"].(func(string, string) map[string]string)
	f["split"] = func(sep, s string) (map[string]string, error) {
		if err := fewItems(strings.Count(s, sep)); err != nil {
			return nil, err
		}
		return split(sep, s), nil
	}
	splitn := f["splitn"].(func(string, int, string) map[string]string)
	f["splitn"] = func(sep string, n int, s string) (map[string]string, error) {
		if err := fewItems(strings.Count(s, sep)); err != nil {
			return nil, err
		}
		return splitn(sep, n, s), nil
	}
	f["splitList"] = func(sep, s string) ([]string, error) {
		if err := fewItems(strings.Count(s, sep)); err != nil {
			return nil, err
		}
		return strings.Split(s, sep), nil
	}
	concat := f["concat"].(func(...any) any)
	f["concat"] = func(lists ...any) (any, error) {
		n := 0
		for _, l := range lists {
			n += length(l)
		}
		if err := fewItems(n); err != nil {
			return nil, err
		}
		return concat(lists...), nil
	}

	// Work that grows with the square of the arguments.
	for _, name := range []string{"uniq", "mustUniq"} {
		uniq := f["mustUniq"].(func(any) ([]any, error))
		f[name] = func(v any) ([]any, error) {
			if err := r.step(min(length(v), maxItems) * length(v) / 8); err != nil {
				return nil, err
			}
			return uniq(v)
		}
	}
	without := f["mustWithout"].(func(any, ...any) ([]any, error))
	for _, name := range []string{"without", "mustWithout"} {
		f[name] = func(v any, omit ...any) ([]any, error) {
			if err := r.step(length(v) * len(omit) / 2); err != nil {
				return nil, err
			}
			return without(v, omit...)
		}
	}

	has := f["mustHas"].(func(any, any) (bool, error))
	for _, name := range []string{"has", "mustHas"} {
		f[name] = func(item, list any) (bool, error) {
			if err := r.step(length(list) / 8); err != nil {
				return false, err
			}
			return has(item, list)
		}
	}
	deepEqual := f["deepEqual"].(func(any, any) bool)
	f["deepEqual"] = func(a, b any) (bool, error) {
		w := weight{left: maxResult}
		w.any(a)
		if w.left < 0 {
			return false, tooLarge()
		}
		return deepEqual(a, b), r.step((maxResult - w.left) >> 7)
	}

	sortAlpha := f["sortAlpha"].(func(any) []string)
	f["sortAlpha"] = func(list any) ([]string, error) { return sortAlpha(list), r.step(length(list)) }

	// Go's maps have no order; these give them one.
	f["keys"] = func(maps ...map[string]any) []string {
		all := []string{}
		for _, m := range maps {
			all = append(all, sortedKeys(m)...)
		}
		return all
	}
	f["values"] = func(m map[string]any) []any {
		all := []any{}
		for _, k := range sortedKeys(m) {
			all = append(all, m[k])
		}
		return all
	}
}

// weighed weighs the arguments of a function before it may write them out.
func weighed(fn any) any {
	v := reflect.ValueOf(fn)
	return reflect.MakeFunc(v.Type(), func(args []reflect.Value) []reflect.Value {
		w := weight{left: maxResult}
		for _, a := range args {
			w.add(a, 0)
		}
		if w.left < 0 {
			panic(tooLarge()) // text/template makes an error of it
		}
		if v.Type().IsVariadic() {
			return v.CallSlice(args)
		}
		return v.Call(args)
	}).Interface()
}

// maxVersion bounds versions and ranges of versions, in bytes.
const maxVersion = 4096

// short refuses long text for a function that takes a regular expression to it.
func short(fn any) any {
	v := reflect.ValueOf(fn)
	return reflect.MakeFunc(v.Type(), func(args []reflect.Value) []reflect.Value {
		for _, a := range args {
			if a.Len() > maxVersion {
				panic(limit("a version of more than %d bytes", maxVersion)) // an error, see safeCall
			}
		}
		return v.Call(args)
	}).Interface()
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// length is the length of a list, 0 for what is none.
func length(v any) int {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice || rv.Kind() == reflect.Array {
		return rv.Len()
	}
	return 0
}

// mergeable fails when merging would not end: when tables on both sides
// contain themselves.
func (r *renderer) mergeable(dst map[string]any, srcs []map[string]any) error {
	for _, src := range srcs {
		if err := r.mergeDepth(dst, src, 0); err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) mergeDepth(dst, src map[string]any, depth int) error {
	if depth > maxDepth {
		return limit("tables nested more than %d deep, or one that contains itself", maxDepth)
	}
	if err := r.step(1 + len(src)/16); err != nil {
		return err
	}
	for k, s := range src {
		d, s := table(dst[k]), table(s)
		if d == nil || s == nil {
			continue
		}
		if err := r.mergeDepth(d, s, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// table is v as a map whatever the name of its type, nil when it is none.
func table(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Map {
		if m, ok := reflect.TypeAssert[map[string]any](rv.Convert(reflect.TypeFor[map[string]any]())); ok {
			return m
		}
	}
	return nil
}

// steps are the numbers from start towards stop, stop not included. A step in
// the wrong direction gives none.
func steps(start, stop, step int) ([]int, error) {
	list := []int{}
	up := stop >= start
	if up && step <= 0 || !up && step >= 0 {
		return list, nil
	}
	distance, stride := float64(stop)-float64(start), float64(step)
	n := math.Ceil(distance / stride)
	if n > maxItems {
		return nil, limit("a list of more than %d items", maxItems)
	}
	for i := range int(n) {
		list = append(list, start+i*step)
	}
	return list, nil
}

// seq writes numbers as the shell's seq does: LAST, FIRST LAST or FIRST STEP
// LAST, last included.
func seq(params ...int) (string, error) {
	var first, step, last int
	switch len(params) {
	case 1:
		first, last = 1, params[0]
	case 2:
		first, last = params[0], params[1]
	case 3:
		first, step, last = params[0], params[1], params[2]
	default:
		return "", nil
	}
	one := 1
	if last < first {
		one = -1
	}
	if len(params) < 3 {
		step = one
	}
	list, err := steps(first, last+one, step)
	if err != nil || last < first && step > 0 {
		return "", err
	}
	return strings.Trim(fmt.Sprint(list), "[]"), nil
}
