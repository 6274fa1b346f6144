package cluster

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
)

// TestReleases finds what charts are installed as.
func TestReleases(t *testing.T) {
	helmed := func(name, namespace string) string {
		return " app.kubernetes.io/managed-by=Helm @meta.helm.sh/release-name=" + name + " @meta.helm.sh/release-namespace=" + namespace
	}
	for name, c := range map[string]struct {
		written, live []string // of the chart in web; see oneLine
		want          string   // the release, or how many there are
		compared      int
	}{
		"by the name":           {[]string{"Service release-name-web"}, []string{"Service shop/prod-web" + helmed("prod", "shop")}, `"prod" in "shop"`, 1},
		"two by the name":       {[]string{"Service release-name-web"}, []string{"Service shop/prod-web" + helmed("prod", "shop"), "Service test/dev-web" + helmed("dev", "test")}, "2", 0},
		"by the chart":          {[]string{"Service web helm.sh/chart=web-1.2.3"}, []string{"Service shop/web helm.sh/chart=web-1.2.2" + helmed("prod", "shop")}, `"prod" in "shop"`, 1},
		"applied by others":     {[]string{"Service web helm.sh/chart=web-1.2.3"}, []string{"Service shop/web helm.sh/chart=web-1.2.2 app.kubernetes.io/instance=prod"}, `"prod" in "shop"`, 1},
		"by nothing but ties":   {[]string{"Service web"}, []string{"Service shop/web" + helmed("prod", "shop")}, `"prod" in "shop"`, 1},
		"one object of another": {[]string{"Service release-name-web", "Namespace shop"}, []string{"Service shop/prod-web" + helmed("prod", "shop"), "Namespace shop" + helmed("base", "system")}, `"prod" in "shop"`, 1},
		"two that nobody tells": {[]string{"Service web", "ConfigMap web"}, []string{"Service shop/web" + helmed("prod", "shop"), "ConfigMap test/web" + helmed("dev", "test")}, "", 2},
		"no release":            {[]string{"Service web"}, []string{"Service shop/web"}, "", 1},
		"another chart":         {[]string{"Service web helm.sh/chart=web-1"}, []string{"Service shop/web helm.sh/chart=api-1" + helmed("prod", "shop")}, "", 1},
	} {
		part := &graph.Builder{Root: "helm:web"}
		for _, line := range c.written {
			_, node, err := remote("x", oneLine(line))
			if err != nil {
				t.Fatal(err)
			}
			kubernetes.Add(part, node)
		}
		s := &Snapshot{Context: "c"}
		for _, line := range c.live {
			s.Objects = append(s.Objects, oneLine(line))
		}
		d, b := &Drift{}, &graph.Builder{}
		l := &Live{Drift: d, Snapshot: func(context.Context) (*Snapshot, error) { return s, nil }}
		if err := l.Follow(t.Context(), nil, []*graph.Builder{part}, b); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range d.Releases {
			got += r.String()
		}
		for _, p := range b.Problems {
			got += fmt.Sprint(1 + strings.Count(p.Message, " and as "))
			if !strings.Contains(p.Message, "--release-name") || p.Level != graph.Error {
				t.Errorf("%s: problem %+v", name, p)
			}
		}
		if got != c.want || d.Compared != c.compared {
			t.Errorf("%s: release %q, %d compared, want %q, %d", name, got, d.Compared, c.want, c.compared)
		}
		for _, said := range d.Said() {
			if strings.HasSuffix(said, "metadata.labels.helm.sh/chart") {
				continue // it was installed in another version
			}
			t.Errorf("%s: %s", name, said)
		}
	}
}
