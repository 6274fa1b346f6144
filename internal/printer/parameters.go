package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// parameters are what can be set of a rule, as it is written in the
// configuration, with the defaults.
func parameters(r *analyzers.Rule) []string {
	if r.Params == nil {
		return nil
	}
	v := reflect.ValueOf(r.Params).Elem()
	var all []string
	for f, value := range v.Fields() {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if f.Type.Kind() == reflect.Slice && value.IsNil() {
			text.WriteString("[]")
		} else if f.Type.Kind() == reflect.Map && value.IsNil() {
			text.WriteString("{}")
		} else if e.Encode(value.Interface()) != nil {
			continue // a test holds that there is none
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = strings.ToLower(f.Name) // the decoder minds no case
		}
		all = append(all, fmt.Sprintf("%s: %s", name, strings.TrimSpace(text.String())))
	}
	return all
}
