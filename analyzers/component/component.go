// Package component has the programs that make a cluster and how they are
// started: the API server, the controller manager, the scheduler, etcd, the
// kubelet and kube-proxy.
//
// The same setting is written in several ways: as a flag in a container's command
// line, as an extra argument in a configuration of kubeadm, K3s or RKE2, as a field
// of the program's own configuration file, and for etcd as an environment variable.
// Rules ask for a flag by its name and see it whichever way it was written;
// what was not written has the default of the program as it is started there,
// which kubeadm sets otherwise than the program itself.
//
// A setting that may stand where it cannot be seen (a configuration file on
// the node, a shell script, a word of the command line that is not known) is
// Unsure instead of missing.
package component

import (
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Program is one of the programs that make a cluster.
type Program string

// The programs.
const (
	APIServer         Program = "kube-apiserver"
	ControllerManager Program = "kube-controller-manager"
	Scheduler         Program = "kube-scheduler"
	Etcd              Program = "etcd"
	Kubelet           Program = "kubelet"
	Proxy             Program = "kube-proxy"
)

// programs are the names they are called by. hyperkube had short ones.
var programs = map[string]Program{
	"kube-apiserver": APIServer, "apiserver": APIServer,
	"kube-controller-manager": ControllerManager, "controller-manager": ControllerManager,
	"kube-scheduler": Scheduler, "scheduler": Scheduler,
	"etcd": Etcd, "kubelet": Kubelet, "kube-proxy": Proxy, "proxy": Proxy,
}

// form is how a component's settings are written.
type form uint8

const (
	commandLine form = iota
	kubeadm
	file
	k3s
)

// A Component is one program as one place starts it.
type Component struct {
	Program Program
	// Minor is the minor number of its release of Kubernetes 1; 0 when it is
	// not known.
	Minor int

	form   form
	holder graph.Value     // what a setting that is missing is missing in
	words  []word          // commandLine: what follows the program's name
	args   []graph.Value   // kubeadm: the values by flag
	names  []string        // kubeadm: the flags of args
	env    graph.Value     // etcd: the container's variables
	config *graph.Resource // kubeadm, file: the whole object
	filled bool            // file: kubeadm fills in what is missing
	hidden bool            // any setting may be written where it cannot be seen
}

// Resource is the object that the component is configured in.
func (c Component) Resource() *graph.Resource { return c.holder.Resource() }

// All are all components, containers first.
var All = analyzers.NewFact(func(g *graph.Graph) []Component {
	var all []Component
	for _, container := range workload.Containers.Of(g) {
		if c, ok := started(container.Value); ok {
			all = append(all, c)
		}
	}
	for r := range g.OfType("kubeadm.k8s.io/ClusterConfiguration") {
		all = append(all, cluster(r)...)
	}
	for r := range g.OfType("kubeadm.k8s.io/InitConfiguration", "kubeadm.k8s.io/JoinConfiguration") {
		c := Component{Program: Kubelet, config: r, hidden: true} // kubeadm starts it with a configuration file
		all = append(all, c.extra(r.At("nodeRegistration"), "kubeletExtraArgs"))
	}
	for r := range g.OfType(kube.K3s) {
		all = append(all, rancher(r)...)
	}
	beside := map[written]bool{}
	for r := range g.OfType("kubeadm.k8s.io/*") {
		beside[in(r)] = true
	}
	for _, f := range files {
		for r := range g.OfType(f.kind) {
			where := in(r)
			filled := where.file != nil && beside[where]
			all = append(all, Component{Program: f.program, form: file, holder: r.Config, config: r, filled: filled})
		}
	}
	return all
})

// written is the file of a root that an object stands in; kubeadm is given one
// file with all its objects.
type written struct {
	root string
	file *source.File
}

func in(r *graph.Resource) written {
	if r.Place == nil {
		return written{root: r.Root}
	}
	return written{r.Root, r.Place.Span.File}
}

// cluster are the components that kubeadm starts on a control plane.
func cluster(r *graph.Resource) []Component {
	minor, _ := kube.Minor(r.At("kubernetesVersion").Str())
	of := func(p Program, section string) Component {
		return Component{Program: p, Minor: minor, config: r}.extra(r.At(section), "extraArgs")
	}
	all := []Component{of(APIServer, "apiServer"), of(ControllerManager, "controllerManager"), of(Scheduler, "scheduler")}
	if r.At("etcd.external").Present() == graph.False {
		all = append(all, of(Etcd, "etcd.local"))
	}
	return all
}

// extra has the extra arguments below section: a map until v1beta3, a list of
// names and values since v1beta4.
func (c Component) extra(section graph.Value, key string) Component {
	v := section.At(key)
	c.form, c.holder = kubeadm, c.config.Config
	for _, h := range []graph.Value{section, v} {
		if h.Kind() == graph.Map || h.Kind() == graph.List || h.Kind() == graph.Unknown {
			c.holder = h
		}
	}
	c.hidden = c.hidden || !v.Known()
	for name, arg := range v.Entries() {
		if v.Kind() == graph.List {
			text, known := arg.At("name").Text("")
			c.hidden = c.hidden || !known
			name, arg = text, arg.At("value")
		}
		c.names, c.args = append(c.names, normal(name)), append(c.args, arg)
	}
	return c
}

// started is the component that a container starts.
func started(container graph.Value) (Component, bool) {
	command, args := container.At("command"), container.At("args")
	c := Component{holder: command, env: container.At("env")}
	if command.Present() == graph.False {
		c.holder = args
	}
	if n, _ := args.Len(); n > 0 {
		c.hasArgs(args)
	}
	words := append(wordsOf(command), wordsOf(args)...)
	image := workload.ParseImage(container.At("image").Str())
	program, rest, ok := find(words)
	switch {
	case ok:
	case len(words) > 0 && command.Present() == graph.False && strings.HasPrefix(words[0].text, "-"):
		program, ok = named(path.Base(image.Path))
		rest = words
	default:
		program, ok = script(words)
		c.hidden = true
	}
	if !ok {
		return c, false
	}
	c.Program, c.words = program, rest
	if program == Etcd {
		c.hidden = c.hidden || !(container.At("envFrom").Present() == graph.False) || !c.env.Known()
	} else if strings.Contains(image.Path, "kube") {
		c.Minor, _ = kube.Minor(image.Tag)
	}
	for _, w := range rest {
		c.hidden = c.hidden || !w.known
	}
	return c, true
}

// hasArgs makes the list of arguments the place of what is missing when the
// command holds no flags of its own.
func (c *Component) hasArgs(args graph.Value) {
	for _, w := range wordsOf(c.holder) {
		if strings.HasPrefix(w.text, "-") {
			return
		}
	}
	c.holder = args
}

// find looks for the program in a command line; what it is run by may come first.
func find(words []word) (p Program, rest []word, ok bool) {
	for i, w := range words {
		base := path.Base(w.text)
		p, ok = programs[base]
		switch {
		case !w.known:
			return "", nil, false
		case ok && (strings.HasPrefix(base, "kube") || base == "etcd" || i > 0 && path.Base(words[i-1].text) == "hyperkube"):
			return p, words[i+1:], true
		case strings.HasPrefix(w.text, "-") && i > 0:
		case base == "hyperkube", base == "go-runner", base == "tini", base == "dumb-init", base == "exec":
		default:
			return "", nil, false
		}
	}
	return "", nil, false
}

// named is the program that an image is named after: kube-apiserver-amd64.
func named(image string) (Program, bool) {
	for _, arch := range []string{"-amd64", "-arm64"} {
		image = strings.TrimSuffix(image, arch)
	}
	p, ok := programs[image]
	return p, ok && image == string(p)
}

// script is the program that a shell script starts. What flags it has there is
// for a shell to say.
func script(words []word) (Program, bool) {
	if len(words) < 3 || !strings.HasSuffix(path.Base(words[0].text), "sh") {
		return "", false
	}
	for _, line := range strings.FieldsFunc(words[len(words)-1].text, func(r rune) bool { return strings.ContainsRune("\n;&|", r) }) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "exec" {
			fields = fields[1:]
		}
		if len(fields) > 0 {
			if p, ok := named(path.Base(fields[0])); ok {
				return p, true
			}
		}
	}
	return "", false
}

// A word is one item of a command line.
type word struct {
	at    graph.Value
	text  string
	known bool
}

func wordsOf(list graph.Value) []word {
	var words []word
	if !list.Known() {
		words = append(words, word{at: list})
	}
	for v := range list.Each() {
		text, known := v.Text("")
		words = append(words, word{v, text, known})
	}
	return words
}

// normal is a flag's name as programs compare it.
func normal(name string) string { return strings.ReplaceAll(name, "_", "-") }
