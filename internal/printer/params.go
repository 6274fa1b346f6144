package printer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// paramJSON is a parameter of a rule in JSON output.
type paramJSON struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default any    `json:"default"`
	Doc     string `json:"doc"`
}

func paramsJSON(r *analyzers.Rule) []paramJSON {
	params := []paramJSON{}
	for _, p := range r.Parameters() {
		params = append(params, paramJSON(p))
	}
	return params
}

// setting is how the parameters of a rule are set in a configuration, here to
// their defaults.
func setting(r *analyzers.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "params:\n  %s:\n", r.ID)
	for _, p := range r.Parameters() {
		fmt.Fprintf(&b, "    %s: %s\n", p.Name, written(p))
	}
	return b.String()
}

// written is the default of a parameter in JSON, which is YAML as well.
func written(p analyzers.Param) string {
	text, err := json.Marshal(p.Default)
	if err != nil { // none of the types of parameters
		return fmt.Sprint(p.Default)
	}
	return strings.ReplaceAll(string(text), `","`, `", "`)
}
