package schema

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
	"github.com/seaworthy-iac/seaworthy/internal/spelling"
)

// hint says what was meant by a field that t does not have: one that is spelt
// alike, or one that belongs one level up or down.
func hint(key string, t, parent *kubeschema.Type) string {
	if short(t) == "PodSecurityContext" && containerOf(parent).Field(key) != nil {
		return "; the securityContext of containers has it"
	}
	if name := spelling.Meant(key, names(t)); name != "" {
		return fmt.Sprintf("; did you mean %q?", name)
	}
	if parent != nil && parent.Field(key) != nil {
		return fmt.Sprintf("; %s has it, one level up", short(parent))
	}
	below := ""
	for _, f := range t.Fields() {
		held := f.Type
		for held.Elem != nil {
			held = held.Elem
		}
		if held.Kind == kubeschema.Object && held.Field(key) != nil && f.Name != "status" {
			if below != "" {
				return ""
			}
			below = f.Name
		}
	}
	if below == "" {
		return ""
	}
	return fmt.Sprintf("; it belongs into %s", below)
}

// containerOf is the security context of the containers of a pod.
func containerOf(pod *kubeschema.Type) *kubeschema.Type {
	return pod.Field("containers").Elem.Field("securityContext")
}

func names(t *kubeschema.Type) (all []string) {
	for _, f := range t.Fields() {
		all = append(all, f.Name)
	}
	return all
}

// said are the lists whose repeated items other rules are about.
var said = map[string]bool{
	"containers": true, "initContainers": true, "ephemeralContainers": true,
	"volumes": true, "volumeMounts": true, "env": true, "ports": true,
}

// items finds the items of a list that are one to the API server: the same in
// the fields that tell them apart.
func (w *walker) items(v graph.Value, t *kubeschema.Type, name string) {
	if t.Keys == nil || said[name] {
		return
	}
	seen := map[string]graph.Value{}
	for item := range v.Each() {
		var key []string
		for _, k := range t.Keys {
			text, known := item.Get(k).Text("")
			if !known || placeholder(text) {
				key = nil
				break
			}
			key = append(key, text)
		}
		id := strings.Join(key, "\x00")
		if strings.Trim(id, "\x00") == "" {
			continue
		}
		if first, twice := seen[id]; twice {
			w.faults = append(w.faults, fault{sort: duplicateItem, at: item, first: first, message: fmt.Sprintf("two items of %s have the same %s, %q", name, strings.Join(t.Keys, " and "), strings.Join(key, " "))})
			continue
		}
		seen[id] = item
	}
}
