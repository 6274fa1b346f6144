package k8s

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// reachable holds the rules that say what whoever breaks into a container finds
// in it: an inventory for reviews, and the one thing that should not be there.
var reachable = []*analyzers.Rule{{
	ID:        "k8s-reads-secret",
	Title:     "Container is given a Secret",
	Why:       "Whoever breaks into the container reads the files, and with them goes on to whatever the password or key is for. The list of containers that hold one should hold no surprise.",
	Remedy:    "Mount the Secret into the one container that reads it, and only the keys it needs (`items`).",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0255"},
	Check: mounted("secret", func(p *analyzers.Pass, c workload.Container, m, source graph.Value) {
		p.ReportIf(source.Present(), m.At("name"), "container %q reads the Secret %q", c.Name(), source.At("secretName").Str())
	}),
}, {
	ID:        "k8s-reads-config",
	Title:     "Container takes its settings from a ConfigMap",
	Why:       "Who may change the ConfigMap changes what the program does: where it sends data, whom it lets in. Many more may write ConfigMaps than may write workloads.",
	Remedy:    "Where the settings decide about access, make the ConfigMap `immutable: true` and give a change a new name.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0258"},
	Check: mounted("configMap", func(p *analyzers.Pass, c workload.Container, m, source graph.Value) {
		name := source.At("name").Str()
		for config, here := range beside(p.Graph, c.Resource(), "ConfigMap", name) {
			fixed := config.At("immutable").Bool(false)
			p.ReportIf(here.And(fixed.Not()), m.At("name"), "container %q takes settings from the ConfigMap %q", c.Name(), name).Note(config.Config, "the ConfigMap")
		}
	}),
}, {
	ID:        "k8s-mounts-claim",
	Title:     "Container has data of its own",
	Why:       "Whoever breaks into the container reads the data, changes it or holds it to ransom. The list of such containers says where backups and encryption matter.",
	Remedy:    "Mount the claim with `readOnly: true` where the program only reads, and back it up.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict, // an inventory
	Same:      []string{"kubescape:C-0257"},
	Check: mounted("persistentVolumeClaim", func(p *analyzers.Pass, c workload.Container, m, source graph.Value) {
		p.ReportIf(source.Present().And(m.At("readOnly").Bool(false).Not()), m.At("name"), "container %q may write to the claim %q", c.Name(), source.At("claimName").Str())
	}),
}, {
	ID:        "k8s-cloud-credential-path",
	Title:     "Pod mounts the cloud credentials of its node",
	Why:       "The file has the identity that the node has at the cloud provider: whoever breaks into the pod makes disks, reads registries or worse, in the name of the node.",
	Remedy:    "Remove the volume and give the pod an identity of its own: IRSA or EKS Pod Identity, GKE or Azure Workload Identity.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0020"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for volume, path := range pod.HostPaths() {
			p.ReportIf(graph.Of(cloudCredential(path.Str())), path, "volume %q is %q of the node", volume.At("name").Str(), path.Str())
		}
	}),
}}

// mounted makes a Check of a function that looks at one mount of a volume of a
// kind, and at what the volume says about its source.
func mounted(kind string, fn func(p *analyzers.Pass, c workload.Container, mount, source graph.Value)) func(*analyzers.Pass) {
	return analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for m, v := range c.Mounts(kind) {
			fn(p, c, m, v.At(kind))
		}
	})
}

// credentialPaths are where cloud providers and their tools keep credentials
// on a node, below any home directory.
var credentialPaths = []string{
	"/etc/kubernetes/azure.json", "/etc/kubernetes/cloud.conf", "/.azure", "/.aws", "/.config/gcloud", "/.oci",
	"/application_default_credentials.json", "/var/lib/waagent", "/etc/google/auth",
}

func cloudCredential(path string) bool {
	path = strings.TrimRight(path, "/") + "/"
	for _, known := range credentialPaths {
		if strings.Contains(path, known+"/") {
			return true
		}
	}
	return false
}
