package cluster_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
	"github.com/seaworthy-iac/seaworthy/parsers/cluster/clustertest"
)

type object = map[string]any

// TestAPIServer reads a real API server.
func TestAPIServer(t *testing.T) {
	s := clustertest.Start(t)
	w := s.Writer(t, "kubectl")
	created := population(t)
	refused := w.Create(t.Context(), created)
	for _, err := range refused {
		t.Log("refused:", err)
	}
	if len(created)-len(refused) < 2000 {
		t.Fatalf("%d of %d objects were refused", len(refused), len(created))
	}
	read := func(user string, o cluster.Options) (*cluster.Snapshot, error) {
		t.Helper()
		if o.Kubeconfig == "" {
			o.Kubeconfig = s.Kubeconfig(t, user, "")
		}
		return cluster.Read(t.Context(), o, cluster.Default, nil)
	}
	whole := func(t *testing.T, o cluster.Options) *cluster.Snapshot {
		t.Helper()
		snapshot, err := read(clustertest.Admin, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range snapshot.Gaps {
			t.Errorf("gap: %v", g)
		}
		return snapshot
	}

	var all *cluster.Snapshot
	t.Run("within 5 seconds", func(t *testing.T) {
		start := time.Now()
		all = whole(t, cluster.Options{Total: 5 * time.Second})
		t.Logf("read %d objects of %d kinds from %s in %v", len(all.Objects), len(all.Kinds), all.Version, time.Since(start))
		if all.Context != "a test" || !strings.HasPrefix(all.Version, "v1.36.") {
			t.Errorf("context %q, version %q", all.Context, all.Version)
		}
		there := map[string]bool{}
		for _, o := range all.Objects {
			there[id(o)] = true
			if o["kind"] == "Secret" && (o["data"] != nil || strings.Contains(fmt.Sprint(o), "stringData:map")) {
				t.Errorf("%s has its values", id(o))
			}
		}
		missing := 0
		for _, o := range created {
			if !there[id(o)] && cluster.Default(kindOf(all, o)) != cluster.Nothing {
				missing++
			}
		}
		if missing > len(refused) || len(all.Objects) < 2000 {
			t.Errorf("%d of %d objects are missing, %d were refused", missing, len(created), len(refused))
		}
	})

	t.Run("as client-go reads it", func(t *testing.T) {
		for _, preferred := range []bool{false, true} {
			want, err := w.Served(preferred)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range all.Kinds {
				if k.Preferred || !preferred {
					got = append(got, k.APIVersion()+" "+k.Resource+" "+k.Kind)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("kinds, preferred %v (-client-go +ours):\n%s", preferred, diff)
			}
		}
		ours := map[string]object{}
		for _, o := range all.Objects {
			ours[id(o)] = o
		}
		n := 0
		for _, k := range all.Kinds {
			if !k.Preferred || cluster.Default(k) != cluster.Whole {
				continue
			}
			theirs, err := w.List(t.Context(), schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Resource})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range theirs {
				n++
				if diff := cmp.Diff(o, ours[id(o)]); diff != "" {
					t.Errorf("%s (-client-go +ours):\n%s", id(o), diff)
				}
			}
		}
		secrets := len(slices.DeleteFunc(slices.Clone(all.Objects), func(o object) bool { return o["kind"] != "Secret" }))
		if n+secrets != len(all.Objects) || n < 1500 {
			t.Errorf("client-go reads %d objects, we %d and %d Secrets", n, len(all.Objects)-secrets, secrets)
		}
	})

	same := func(t *testing.T, got *cluster.Snapshot) {
		t.Helper()
		if fmt.Sprint(got.Objects) != fmt.Sprint(all.Objects) {
			t.Errorf("%d objects are not what was read before: %d", len(got.Objects), len(all.Objects))
		}
	}

	t.Run("only GET", func(t *testing.T) {
		var mu sync.Mutex
		methods := map[string]int{}
		proxy := s.Proxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			methods[r.Method]++
			return false
		})
		same(t, whole(t, cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, proxy), Page: 50}))
		if len(methods) != 1 || methods[http.MethodGet] < 50 {
			t.Errorf("requests: %v", methods)
		}
	})

	t.Run("no user", func(t *testing.T) {
		_, err := read("", cluster.Options{})
		if err == nil || !strings.Contains(err.Error(), "the kubeconfig has no credentials for it") {
			t.Errorf("error %v", err)
		}
	})

	t.Run("certificates", func(t *testing.T) {
		secret := s.TLS(t, "default", "served")
		if refused := w.Create(t.Context(), []object{secret}); len(refused) > 0 {
			t.Fatal(refused)
		}
		got, err := cluster.Read(t.Context(), cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, "")}, func(k cluster.Kind) cluster.Want {
			if k.Resource == "secrets" {
				return cluster.Whole
			}
			return cluster.Nothing
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, o := range got.Objects {
			certificate, ok := o["certificate"].(object)
			if o["data"] != nil {
				t.Errorf("%s has its values", id(o))
			}
			if ok && id(o) == id(secret) {
				found = certificate["daysLeft"] == int64(0) && certificate["subject"] == "CN=apiserver"
			}
		}
		if !found {
			t.Errorf("the certificate is not among %d secrets, gaps %v", len(got.Objects), got.Gaps)
		}
		if refused := w.Delete(t.Context(), []object{secret}); len(refused) > 0 {
			t.Fatal(refused)
		}
	})

	t.Run("the role that is shipped", func(t *testing.T) {
		role := shipped(t)
		bind := object{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": object{"name": "seaworthy"},
			"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "seaworthy"},
			"subjects": []any{object{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": clustertest.Reader}},
		}
		if refused := w.Apply(t.Context(), []object{role, bind}); len(refused) > 0 {
			t.Fatal(refused)
		}
		got := eventually(t, func() (*cluster.Snapshot, error) { return read(clustertest.Reader, cluster.Options{}) },
			func(s *cluster.Snapshot) bool { return len(s.Gaps) == 0 })
		if n := len(got.Objects) - len(all.Objects); n != 2 || len(got.Gaps) > 0 { // the role and its binding
			t.Errorf("%d objects more than the admin, gaps %v", n, got.Gaps)
		}

		rules := slices.DeleteFunc(slices.Clone(role["rules"].([]any)), func(r any) bool {
			text := fmt.Sprint(r)
			return strings.Contains(text, "secrets]") || strings.Contains(text, "[batch]")
		})
		role["rules"] = rules
		if refused := w.Apply(t.Context(), []object{role}); len(refused) > 0 {
			t.Fatal(refused)
		}
		got = eventually(t, func() (*cluster.Snapshot, error) { return read(clustertest.Reader, cluster.Options{}) },
			func(s *cluster.Snapshot) bool { return len(s.Gaps) == 3 })
		var of []string
		for _, g := range got.Gaps {
			of = append(of, fmt.Sprint(g.Verb, " ", g.Of, " ", g.Reason))
		}
		if fmt.Sprint(of) != "[list cronjobs.batch forbidden list jobs.batch forbidden list secrets forbidden]" || len(got.Objects) < 1500 {
			t.Errorf("%d objects, gaps %q", len(got.Objects), of)
		}
	})

	t.Run("nobody", func(t *testing.T) {
		got, err := read(clustertest.Nobody, cluster.Options{})
		if err != nil || len(got.Objects) != 0 || len(got.Gaps) < 30 || len(got.Kinds) < 50 {
			t.Errorf("%v: %+v", err, got)
		}
	})

	t.Run("tokens", func(t *testing.T) {
		for name, token := range map[string]string{
			"wrong":                      "x",
			"expired":                    s.Token(t, "default", "nobody", time.Now().Add(-time.Minute)),
			"of an account that is gone": s.Token(t, "default", "nobody", time.Now().Add(time.Hour)),
		} {
			_, err := read(token, cluster.Options{})
			if err == nil || !strings.Contains(err.Error(), "the credentials are wrong or have expired") || strings.Contains(err.Error(), token+".") {
				t.Errorf("%s: error %v", name, err)
			}
		}
	})

	t.Run("slow answers", func(t *testing.T) {
		proxy := s.Proxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			slow := strings.HasSuffix(r.URL.Path, "/configmaps")
			if slow {
				<-r.Context().Done()
			}
			return slow
		})
		got, err := read("", cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, proxy), Timeout: 2 * time.Second})
		if err != nil || len(got.Gaps) != 1 || got.Gaps[0].Reason != cluster.Timeout || got.Gaps[0].Of != "configmaps" || len(got.Objects) < 1500 {
			t.Errorf("%v: gaps %v", err, got.Gaps)
		}
	})

	t.Run("an API without a server", func(t *testing.T) {
		service := object{
			"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": object{"name": "v1beta1.metrics.k8s.io"},
			"spec": object{
				"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
				"insecureSkipTLSVerify": true, "service": object{"namespace": "kube-system", "name": "metrics-server"},
			},
		}
		if refused := w.Create(t.Context(), []object{service}); len(refused) > 0 {
			t.Fatal(refused)
		}
		got := eventually(t, func() (*cluster.Snapshot, error) { return read(clustertest.Admin, cluster.Options{}) },
			func(s *cluster.Snapshot) bool { return len(s.Gaps) > 0 })
		if len(got.Gaps) != 1 || got.Gaps[0].Of != "metrics.k8s.io/v1beta1" || got.Gaps[0].Reason != cluster.Unavailable {
			t.Errorf("gaps %v", got.Gaps)
		}
		if refused := w.Delete(t.Context(), []object{service}); len(refused) > 0 {
			t.Fatal(refused)
		}
	})

	all = nil
	t.Run("restarted in the middle", func(t *testing.T) {
		all = whole(t, cluster.Options{})
		var once sync.Once
		got, err := cluster.Read(t.Context(), cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, ""), Parallel: 2}, cluster.Default, func(p cluster.Progress) {
			if p.Lists == 5 {
				once.Do(func() { s.Restart(t) }) // the other list goes on meanwhile
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range got.Gaps {
			t.Errorf("gap: %v", g)
		}
		if len(got.Objects) != len(all.Objects) {
			t.Errorf("%d objects, before %d", len(got.Objects), len(all.Objects))
		}
	})

	t.Run("gone in the middle", func(t *testing.T) {
		// Without its cache the server knows of the past what etcd knows.
		s.Restart(t, "--watch-cache=false")
		var mu sync.Mutex
		gone, pages := 0, 0
		proxy := s.Proxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/clusterroles") {
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			pages++
			if r.URL.Query().Get("continue") != "" && gone == 0 {
				gone++
				late := object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": object{"name": "late"}}
				if refused := w.Create(t.Context(), []object{late}); len(refused) > 0 {
					t.Error(refused)
				}
				if err := s.Compact(t.Context()); err != nil {
					t.Error(err)
				}
			}
			return false
		})
		before := whole(t, cluster.Options{})
		got := whole(t, cluster.Options{Kubeconfig: s.Kubeconfig(t, clustertest.Admin, proxy), Page: 20, Parallel: 1})
		if gone != 1 || len(got.Objects) != len(before.Objects)+1 {
			t.Errorf("compacted %d times in %d pages, %d objects, before %d", gone, pages, len(got.Objects), len(before.Objects))
		}
	})
}
