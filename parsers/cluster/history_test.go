package cluster

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/json"
)

// What an object was applied as is what was sent last, by whoever sends it
// again: the server shows it in another version.
func TestHistory(t *testing.T) {
	entry := func(manager, operation, version, day, fields string) string {
		return fmt.Sprintf(`{"manager":%q,"operation":%q,"apiVersion":%q,"time":"2026-%sT09:00:00Z","fieldsV1":{%q:{}}}`, manager, operation, "policy/"+version, day, fields)
	}
	const noted = `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"policy/v1beta1\"}"}`
	const torn = `"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":"}`
	for name, c := range map[string]struct{ metadata, want string }{
		"nothing known":      {``, "map[]"},
		"kubectl's note":     {noted, "map[applied:map[version:policy/v1beta1]]"},
		"a note torn off":    {torn, "map[]"},
		"applied":            {managed(entry("me", "Apply", "v1beta1", "02-01", "f:spec")), "map[applied:map[by:me time:2026-02-01T09:00:00Z version:policy/v1beta1] changed:2026-02-01T09:00:00Z]"},
		"a version to stay":  {managed(entry("me", "Apply", "v1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"moved on":           {managed(entry("helm", "Update", "v1beta1", "02-01", "f:spec"), entry("helm", "Update", "v1", "02-02", "f:spec")), "map[changed:2026-02-02T09:00:00Z]"},
		"moved on at once":   {managed(entry("helm", "Update", "v1", "02-01", "f:spec"), entry("helm", "Update", "v1beta1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"moved back":         {managed(entry("helm", "Update", "v1", "02-01", "f:spec"), entry("helm", "Update", "v1beta1", "02-02", "f:spec")), "map[applied:map[by:helm time:2026-02-02T09:00:00Z version:policy/v1beta1] changed:2026-02-02T09:00:00Z]"},
		"by hand":            {managed(entry("kubectl-edit", "Update", "v1beta1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"made once":          {managed(entry("kubectl-create", "Update", "v1beta1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"a status":           {managed(entry("helm", "Update", "v1beta1", "02-01", "f:status")), "map[]"},
		"an operator":        {managed(entry("operator", "Update", "v1beta1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"the note is right":  {noted + "," + managed(entry(clientSide, "Update", "v1", "02-01", "f:spec")), "map[applied:map[by:kubectl-client-side-apply time:2026-02-01T09:00:00Z version:policy/v1beta1] changed:2026-02-01T09:00:00Z]"},
		"the note is old":    {noted + "," + managed(entry("flux", "Apply", "v1", "02-01", "f:spec")), "map[changed:2026-02-01T09:00:00Z]"},
		"when it was made":   {`"creationTimestamp":"2026-01-01T00:00:00Z"`, "map[created:2026-01-01T00:00:00Z]"},
		"fields that aren't": {`"managedFields":[7,{"manager":1,"fieldsV1":[]}]`, "map[]"},
	} {
		var raw map[string]any
		if err := json.Unmarshal([]byte(`{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{`+c.metadata+`}}`), &raw); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint((&liveObject{raw: raw}).history()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func managed(entries ...string) string { return `"managedFields":[` + strings.Join(entries, ",") + `]` }
