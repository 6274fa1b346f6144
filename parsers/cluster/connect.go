package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"k8s.io/client-go/dynamic"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // the auth-providers of kubeconfig files: oidc, and a word about those that are gone
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// A target is the cluster that a kubeconfig's context leads to.
type target struct {
	context string
	// namespace is what the context names; "" when it names none.
	namespace string
	config    *rest.Config
}

// configured is what a kubeconfig says, or all of those that kubectl reads.
func configured(kubeconfig, context string) clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: context})
}

// Contexts are the names of the contexts that Options.Context may be, sorted;
// none where the kubeconfig cannot be read. No cluster is asked.
func Contexts(kubeconfig string) []string {
	raw, err := configured(kubeconfig, "").RawConfig()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}

// resolve finds the cluster as kubectl does.
func resolve(o Options) (*target, error) {
	loader := configured(o.Kubeconfig, o.Context)
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	t := &target{context: raw.CurrentContext}
	if o.Context != "" {
		t.context = o.Context
	}
	context, there := raw.Contexts[t.context]
	if t.context != "" && !there {
		return nil, fmt.Errorf("the kubeconfig has no context %q; it has: %s", t.context, quoted(raw.Contexts))
	}
	if there {
		t.namespace = context.Namespace
		if raw.Clusters[context.Cluster] == nil {
			return nil, fmt.Errorf("the context %q is of the cluster %q, which the kubeconfig does not have", t.context, context.Cluster)
		}
		if context.AuthInfo != "" && raw.AuthInfos[context.AuthInfo] == nil {
			return nil, fmt.Errorf("the context %q is of the user %q, whom the kubeconfig does not have", t.context, context.AuthInfo)
		}
	}
	if t.namespace != "" && !validName(t.namespace) {
		return nil, fmt.Errorf("the context %q of the kubeconfig is in %q, which is no name of a namespace", t.context, t.namespace)
	}
	t.config, err = loader.ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err) && len(raw.Contexts) > 0:
		return nil, fmt.Errorf("the kubeconfig has no current context; name one with --context: %s", quoted(raw.Contexts))
	case clientcmd.IsEmptyConfig(err) && o.Kubeconfig != "":
		return nil, fmt.Errorf("the kubeconfig %s has no context", o.Kubeconfig)
	case clientcmd.IsEmptyConfig(err):
		return nil, fmt.Errorf("no cluster is configured: there is no %s, KUBECONFIG names no file that has one, and this is no pod of a cluster; name a file with --kubeconfig", clientcmd.RecommendedHomeFile)
	case err != nil:
		return nil, fmt.Errorf("reading the context %q of the kubeconfig: %w", t.context, err)
	}
	if t.context == "" {
		t.context = "in-cluster"
		t.namespace, _, _ = loader.Namespace() // of the pod
	}
	return t, nil
}

// quoted lists the keys of a map.
func quoted[V any](m map[string]V) string {
	names := slices.Sorted(maps.Keys(m))
	for i, name := range names {
		names[i] = strconv.Quote(name)
	}
	return strings.Join(names, ", ")
}

// connect opens nothing yet: the first request does.
func connect(t *target, o Options, dryRuns bool) (*client, error) {
	config := rest.CopyConfig(t.config)
	c := &client{timeout: o.Timeout, login: o.Timeout, wait: pause}
	if config.ExecProvider != nil || config.AuthProvider != nil {
		c.login = o.Total
	}
	if config.ExecProvider != nil {
		config.ExecProvider.StdinUnavailable = true
		config.ExecProvider.StdinUnavailableMessage = "nothing is asked while clusters are read; log in before"
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("the server of the context %q: %w", t.context, err)
	}
	// Without the names and passwords that some addresses have in them.
	c.address = (&url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path}).String()

	config.UserAgent, config.QPS, config.Burst = "seaworthy", float32(o.QPS), o.Burst
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &guard{next: next, dryRuns: dryRuns, reached: &c.reached}
	})
	err = withStderr(o.Stderr, func() error {
		transport, err := rest.TransportFor(config)
		if err != nil {
			return fmt.Errorf("the credentials of the context %q: %w", t.context, err)
		}
		c.rest, err = rest.UnversionedRESTClientForConfigAndClient(dynamic.ConfigFor(config), &http.Client{Transport: transport})
		return err
	})
	return c, err
}

// stderr guards os.Stderr while it is another one.
var stderr sync.Mutex

// withStderr lets client-go, which takes os.Stderr for its plugins when it
// makes a transport, take another file. The program has set os.Stderr to nil,
// and a process whose stderr is closed would write its messages into the next
// file that it opens.
func withStderr(f *os.File, do func() error) error {
	if f == nil {
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		f = null // stays open as long as the plugin may run
	}
	stderr.Lock()
	defer stderr.Unlock()
	former := os.Stderr
	os.Stderr = f
	defer func() { os.Stderr = former }()
	return do()
}

// namespaces are those that namespaced kinds are read in; "" is all of them.
func (o Options) namespaces() []string {
	if len(o.Namespaces) == 0 {
		return []string{""}
	}
	return slices.Compact(sorted(o.Namespaces))
}
