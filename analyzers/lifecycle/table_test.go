package lifecycle

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

func TestTable(t *testing.T) {
	for key, a := range apis {
		version, kind, ok := strings.Cut(key, " ")
		if !ok || version == "" || kind == "" || strings.Contains(kind, " ") {
			t.Errorf("%q is no apiVersion and kind", key)
		}
		if a.Deprecated == 0 || a.Removed != 0 && a.Removed < a.Deprecated {
			t.Errorf("%s: deprecated in %d, removed in %d", key, a.Deprecated, a.Removed)
		}
		if a.Use == version {
			t.Errorf("%s: replaced by itself", key)
		}
		if again, ok := apis[a.Use+" "+kind]; ok && again.Removed != 0 && again.Removed <= a.Removed {
			t.Errorf("%s: replaced by %s, which goes no later", key, a.Use)
		}
	}
}

// unlisted are kinds that nobody keeps in a file, and what goes without another
// version to go to.
var unlisted = map[string]bool{
	"AdmissionReview": true, "APIGroupDiscovery": true, "DeploymentRollback": true, "Eviction": true, "JobTemplate": true,
	"Scale": true, "SelfSubjectReview": true, "LeaseCandidate": true,
}

var (
	lifecycleFunc = regexp.MustCompile(`func \(in \*(\w+)\) APILifecycle(Deprecated|Removed)\(\) \(major, minor int\) \{\s*return 1, (\d+)`)
	groupName     = regexp.MustCompile(`GroupName\s*=\s*"([^"]*)"`)
)

// TestTableHoldsWhatTheSourcesSay compares the table with what the types of
// k8s.io/api say of themselves.
func TestTableHoldsWhatTheSourcesSay(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/api").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skip("the module k8s.io/api is not here")
	}
	now, err := kube.Minor(kube.DefaultRelease)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "zz_generated.prerelease-lifecycle.go"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	said := map[string]*API{}
	for _, name := range files {
		group, err := os.ReadFile(filepath.Join(filepath.Dir(name), "register.go"))
		if err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		version := string(groupName.FindSubmatch(group)[1]) + "/" + filepath.Base(filepath.Dir(name))
		for _, m := range lifecycleFunc.FindAllStringSubmatch(string(source), -1) {
			if strings.HasSuffix(m[1], "List") || unlisted[m[1]] {
				continue
			}
			key := version + " " + m[1]
			if said[key] == nil {
				said[key] = &API{}
			}
			n, _ := strconv.Atoi(m[3])
			if m[2] == "Removed" {
				said[key].Removed = n
			} else {
				said[key].Deprecated = n
			}
		}
	}
	for key, want := range said {
		got := apis[key]
		if want.Deprecated <= now && (got.Deprecated != want.Deprecated || got.Removed != want.Removed) {
			t.Errorf("%s: deprecated in %d, removed in %d; the sources say %d and %d", key, got.Deprecated, got.Removed, want.Deprecated, want.Removed)
		}
	}
}
