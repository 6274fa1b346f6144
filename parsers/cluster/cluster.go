// Package cluster reads what runs in a Kubernetes cluster.
//
// [Read] asks an API server for the objects that rules and links need and
// returns them as they are, in a [Snapshot]. What could not be read is a [Gap],
// because a rule must not take what nobody was allowed to see for what is not
// there; Read itself fails only when there is nothing to tell.
//
// The server is reached and asked by client-go: kubeconfig, certificates,
// tokens, credential plugins and proxies behave as kubectl's, and objects are
// read by its dynamic client. Three things are kept out of its hands.
//
//   - What goes over the connection. A guard below it, guard.go, lets out
//     nothing but GET, and dry runs where a [DryRunner] is, takes no redirect, and
//     ends answers that are too large to hold before they are decoded.
//   - When to ask again, which depends on what is asked: see retry.go.
//   - What is served. Its discovery client brings the typed scheme along, which
//     makes the program half as large again and a third slower to start; so
//     discover.go reads the documents itself. Its metadata client takes whole
//     objects from servers that know no metadata, and with them the values of
//     Secrets; so the dynamic client asks for metadata and nothing else.
package cluster

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// A Snapshot is what was read of a cluster.
type Snapshot struct {
	// Context is the name of the kubeconfig's context, which may have blanks
	// in it, or "in-cluster".
	Context string
	// Version is the API server's, "v1.36.3"; "" when it does not tell.
	Version string
	// Day is the day of reading in UTC, "2026-11-28", and Time the moment,
	// "2026-11-28T06:00:00Z".
	Day, Time string
	// Home is the namespace that the context is in, where kubectl applies what
	// names none.
	Home string
	// Namespaces is what the reading was limited to; nil means all.
	Namespaces []string
	// Kinds is what the server serves, in every version, sorted.
	Kinds []Kind
	// Objects are the objects as JSON has them, with apiVersion and kind, sorted
	// by type, namespace and name. Integers are int64, other numbers float64.
	//
	// Secrets have no data: see [Default].
	Objects []map[string]any
	// Gaps is what could not be read, sorted.
	Gaps []Gap

	also map[string]bool // types that were read though no rule wants them
}

// A Kind is one version of a resource that the server serves.
type Kind struct {
	Group, Version, Kind string // Group is "" for core
	Resource             string // the plural in paths, "deployments"
	Namespaced           bool
	Verbs                []string // sorted
	// Preferred is the version that the server prefers, the one that is read.
	Preferred bool
}

// APIVersion is the kind's group and version as objects have it.
func (k Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// Type is the graph's name of the kind, "apps/Deployment".
func (k Kind) Type() string { return kube.Type(k.APIVersion(), k.Kind) }

// name is the resource as roles and messages name it: "deployments.apps".
func (k Kind) name() string {
	if k.Group == "" {
		return k.Resource
	}
	return k.Resource + "." + k.Group
}

// A Want is how much of the objects of a kind is read.
type Want uint8

// The wants.
const (
	// Nothing: the kind is not asked for.
	Nothing Want = iota
	// Metadata: names, labels, annotations, owners and managed fields.
	Metadata
	// Whole: everything, but for the values of Secrets, which are never kept.
	Whole
)

// Wants says how much to read of a kind in a version.
type Wants func(Kind) Want

// Options say which cluster to read and how hard to try. The zero Options read
// the cluster that kubectl would talk to.
type Options struct {
	// Kubeconfig is a file. Without, it is what kubectl would take: the files
	// that KUBECONFIG names, ~/.kube/config, or the service account of the pod.
	Kubeconfig string
	// Context is a context of the kubeconfig; "" is the current one.
	Context string
	// Namespaces limits the reading of namespaced kinds.
	Namespaces []string
	// Stderr is where a credential plugin may write; nil discards it.
	Stderr *os.File

	QPS      float64       // requests a second; 0 means 50
	Burst    int           // requests at once beyond that; 0 means 100
	Parallel int           // lists at a time; 0 means 8
	Timeout  time.Duration // of one request; 0 means 30 s
	Total    time.Duration // of the reading; 0 means 5 min
	Page     int           // objects to a page; 0 means 500

	MaxObjects int   // of one list; 0 means 50,000
	MaxBytes   int64 // of one list; 0 means 256 MiB

	// Now is the time that ages are counted from; zero is the present.
	Now time.Time
}

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.QPS = cmp.Or(o.QPS, 50)
	o.Burst = cmp.Or(o.Burst, 100)
	o.Parallel = cmp.Or(o.Parallel, 8)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.Total = cmp.Or(o.Total, 5*time.Minute)
	o.Page = cmp.Or(o.Page, 500)
	o.MaxObjects = cmp.Or(o.MaxObjects, 50_000)
	o.MaxBytes = cmp.Or(o.MaxBytes, 256<<20)
	return o
}

// A Reason is why something could not be read.
type Reason string

// The reasons.
const (
	Forbidden   Reason = "forbidden"   // the user may not list it
	Unavailable Reason = "unavailable" // the server cannot answer
	Timeout     Reason = "timeout"     // no answer in time
	Broken      Reason = "broken"      // an answer that makes no sense
	Cut         Reason = "cut"         // more than the bounds allow
	NotFound    Reason = "not found"   // it is named, and not there
)

// A Gap is something that could not be read. What a rule concludes from its
// absence is not known.
type Gap struct {
	Reason Reason
	// Type is the graph's type that is incomplete, "core/Secret"; "" for what
	// is not of a type, such as a group of the API.
	Type string
	// Of is what it is in the words of roles and paths: "secrets",
	// "deployments.apps", "metrics.k8s.io/v1beta1".
	Of string
	// Namespace is the namespace that was asked; "" is all of them.
	Namespace string
	// Verb is what a role has to allow on Of when the reason is Forbidden.
	Verb string
	// Part tells that some of it is among the objects.
	Part bool
	// Text is what happened, in the server's words where it has any.
	Text string
}

// cannot is what an API server says of a user who may not do something, behind
// what we say ourselves: all but the user is known.
var cannot = late.Pattern(`^(|.+: )User ("(?:[^"\\]|\\.)*") cannot (\S+) resource "[^"]*" in API group "[^"]*" (?:at the cluster scope|in the namespace "[^"]*")$`)

func (g Gap) String() string {
	what := g.Of
	if g.Namespace != "" {
		what += fmt.Sprintf(" of namespace %q", g.Namespace)
	}
	read := "not read"
	if g.Part {
		read = "read in part"
	}
	if g.Reason == Forbidden {
		if m := cannot().FindStringSubmatch(g.Text); m != nil && m[3] == g.Verb {
			return fmt.Sprintf("%s: %s: %sthe user %s may not %s them", what, read, m[1], m[2], g.Verb)
		}
		return fmt.Sprintf("%s: %s, the user may not %s them: %s", what, read, g.Verb, g.Text)
	}
	return fmt.Sprintf("%s: %s: %s", what, read, g.Text)
}

func (s *Snapshot) sort() {
	slices.SortFunc(s.Kinds, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Version, b.Version))
	})
	slices.SortFunc(s.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Text, b.Text))
	})
	slices.SortStableFunc(s.Objects, func(a, b map[string]any) int { return slices.Compare(identity(a), identity(b)) })
}

// identity is what tells an object from others: type, namespace, name.
func identity(o map[string]any) []string {
	meta, _ := o["metadata"].(map[string]any)
	return []string{kube.Type(text(o, "apiVersion"), text(o, "kind")), text(meta, "namespace"), text(meta, "name")}
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// sorted is a sorted copy.
func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
