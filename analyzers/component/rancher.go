package component

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// arguments are the keys of a configuration of K3s or RKE2 that hand arguments
// on to a program, as "name=value".
var arguments = [...]struct {
	key     string
	program Program
}{
	{"kube-apiserver-arg", APIServer}, {"kube-controller-manager-arg", ControllerManager}, {"kube-scheduler-arg", Scheduler},
	{"kubelet-arg", Kubelet}, {"kube-proxy-arg", Proxy}, {"etcd-arg", Etcd},
}

// rancher are the components whose arguments a configuration of K3s or RKE2
// sets. What it does not set K3s sets by itself, other files beside it may, and
// defaults differ between the two and their releases; so that is not known.
func rancher(r *graph.Resource) []Component {
	var all []Component
	for _, a := range arguments {
		c := Component{Program: a.program, form: k3s, holder: r.Config, config: r, hidden: true}
		for key, list := range r.Config.Entries() {
			if strings.TrimSuffix(key, "+") != a.key {
				continue
			}
			c.holder = list
			for _, w := range wordsOf(list) {
				c.words = append(c.words, dashed(w))
			}
			if list.Kind() == graph.String {
				c.words = append(c.words, dashed(word{list, list.Str(), true}))
			}
		}
		v := r.At("protect-kernel-defaults")
		if text, known := v.Text(""); a.program == Kubelet && known && text != "" {
			c.words = append(c.words, word{v, "--protect-kernel-defaults=" + text, true})
		}
		if len(c.words) > 0 {
			all = append(all, c)
		}
	}
	return all
}

func dashed(w word) word {
	w.text = "--" + strings.TrimLeft(w.text, "-")
	return w
}
