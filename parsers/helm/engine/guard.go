package engine

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// The limits of one rendering. The prometheus chart with its subcharts, which
// renders to 23 objects, takes 4,000 steps and 130 kB.
const (
	maxSteps   = 3_000_000        // calls, rounds of a range and the like
	maxResult  = 16 << 20         // bytes in one result of a function or in one file
	maxTotal   = 256 << 20        // bytes in all results and all output together
	maxItems   = 1 << 20          // items of one list
	maxDepth   = 1000             // templates that include each other
	maxNesting = 250              // blocks and parentheses inside each other
	maxActions = 100_000          // actions of one file
	maxTime    = 20 * time.Second // what is left is a call of seconds
)

// A LimitError says that a template asked for more than a rendering may take.
type LimitError struct{ what string }

func (e *LimitError) Error() string { return e.what }

func limit(format string, args ...any) error { return &LimitError{fmt.Sprintf(format, args...)} }

// checkSource refuses text that could overflow the stack of the template parser.
func checkSource(text string) error {
	if n := strings.Count(text, "{{"); n > maxActions {
		return limit("%d actions in one template; %d are too many", n, maxActions)
	}
	return nil
}

// A budget counts what a rendering has used.
type budget struct {
	steps, total, depth int
	start               time.Time
}

func (r *renderer) step(n int) error {
	before := r.steps
	r.steps += n
	if r.steps > maxSteps {
		return limit("rendering takes more than %d steps", maxSteps)
	}
	if before>>4 != r.steps>>4 {
		if time.Since(r.start) > maxTime {
			return limit("rendering takes more than %v", maxTime)
		}
		return r.ctx.Err()
	}
	return nil
}

// charge takes bytes from the budget.
func (r *renderer) charge(bytes int) error {
	r.total += bytes
	if r.total > maxTotal {
		return limit("rendering produces more than %d MiB", maxTotal>>20)
	}
	return r.step(1 + bytes>>12)
}

// study charges the work on long arguments: a byte of text that is only looked
// at, and one of a document that is read.
func (r *renderer) study(name string, args []val) error {
	n := 0
	for _, a := range args {
		if v := indirect(a.Value); v.Kind() == reflect.String {
			n += v.Len()
		}
	}
	if n < 1<<10 {
		return nil
	}
	if strings.HasPrefix(name, "from") || strings.HasPrefix(name, "mustFrom") {
		return r.step(n >> 1)
	}
	return r.step(n >> 7)
}

// wrote charges output. What one write can bring has been weighed before, by
// check or as the literal text of a file.
func (r *renderer) wrote(bytes int) error { return r.charge(bytes) }

// check weighs the result of a function.
func (r *renderer) check(v reflect.Value) error {
	size := 0
	switch u := indirect(v); u.Kind() {
	case reflect.String:
		size = u.Len()
	case reflect.Slice, reflect.Map:
		size = 16 * u.Len()
	}
	if size > maxResult {
		return limit("a result of more than %d MiB", maxResult>>20)
	}
	return r.charge(size)
}

func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// weigh fails for values too large to be written out as text, such as one that
// contains itself.
func weigh(v reflect.Value) error {
	w := weight{left: maxResult}
	w.add(v, 0)
	if w.left < 0 {
		return tooLarge()
	}
	return nil
}

// weighAll weighs arguments together.
func weighAll(args []any) error {
	w := weight{left: maxResult}
	for _, a := range args {
		if s, ok := a.(string); ok {
			w.left -= len(s)
			continue
		}
		w.any(a)
	}
	if w.left < 0 {
		return tooLarge()
	}
	return nil
}

func tooLarge() error {
	return limit("a value of more than %d MiB as text, or one that contains itself", maxResult>>20)
}

type weight struct{ left int }

func (w *weight) add(v reflect.Value, depth int) {
	w.left -= 8 + 2*depth // with its indentation
	if w.left < 0 {
		return
	}
	if depth > maxDepth {
		w.left = -1
		return
	}
	switch v.Kind() {
	case reflect.String:
		w.left -= v.Len()
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			w.add(v.Elem(), depth+1)
		}
	case reflect.Map:
		for it := v.MapRange(); w.left >= 0 && it.Next(); {
			w.add(it.Key(), depth)
			w.add(it.Value(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			w.left -= 4 * v.Len()
			return
		}
		for i := 0; w.left >= 0 && i < v.Len(); i++ {
			w.add(v.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := 0; w.left >= 0 && i < v.NumField(); i++ {
			w.add(v.Field(i), depth+1)
		}
	}
}

func (w *weight) any(v any) { w.add(reflect.ValueOf(v), 0) }
