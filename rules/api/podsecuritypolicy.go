package api

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// pspGone ends each Remedy: who still has such a policy needs its replacement.
const pspGone = " Kubernetes 1.25 removed PodSecurityPolicies: set the label `pod-security.kubernetes.io/enforce` on namespaces before the cluster moves there."

// A pspRule is one thing that a PodSecurityPolicy should not let pods do. Old
// clusters still enforce these objects; which of several policies holds for a
// pod is up to the roles that may use them, so each is judged alone.
type pspRule struct {
	id, title, why, remedy string
	severity               analyzers.Severity
	same                   []string
	// lets is what is wrong in a policy, and where.
	lets func(psp *graph.Resource) (at graph.Value, bad graph.Tri)
	// what completes "the policy lets pods …".
	what string
	fix  analyzers.Fixability // of a switch: it is set to false
}

// podSecurityPolicies holds the rules about PodSecurityPolicies.
var podSecurityPolicies = pspRules(pspRule{
	id: "api-psp-privileged", severity: analyzers.High,
	title:  "PodSecurityPolicy lets privileged pods in",
	why:    "Whoever may use the policy starts a privileged container, and with it owns the node.",
	remedy: "Set `privileged: false`; give what needs more a policy of its own that one service account may use.",
	same:   []string{"checkov:CKV_K8S_2", "kubescape:C-0213", "kics:c48e57d3-d642-4e0b-90db-37f807b41b91", "kics:a6a4d4fc-4e8f-47d1-969f-e9d4a084f3b9"},
	lets:   flagged("spec.privileged", false), what: "run privileged", fix: analyzers.Unsafe,
}, pspRule{
	id: "api-psp-host-pid", severity: analyzers.Medium,
	title:  "PodSecurityPolicy lets pods see the node's processes",
	why:    "A pod in the node's process namespace reads arguments, environment and files of every process there.",
	remedy: "Set `hostPID: false`.",
	same:   []string{"checkov:CKV_K8S_1", "kubescape:C-0214", "kics:91dacd0e-d189-4a9c-8272-5999a3cc32d9"},
	lets:   flagged("spec.hostPID", false), what: "see the processes of their node", fix: analyzers.Unsafe,
}, pspRule{
	id: "api-psp-host-ipc", severity: analyzers.Medium,
	title:  "PodSecurityPolicy lets pods share the node's memory segments",
	why:    "A pod in the node's IPC namespace reads and changes the shared memory of programs there.",
	remedy: "Set `hostIPC: false`.",
	same:   []string{"checkov:CKV_K8S_3", "kubescape:C-0215", "kics:80f93444-b240-4ebb-a4c6-5c40b76c04ea", "kics:51bed0ac-a8ae-407a-895e-90c6cb0610ce"},
	lets:   flagged("spec.hostIPC", false), what: "share memory with their node", fix: analyzers.Unsafe,
}, pspRule{
	id: "api-psp-host-network", severity: analyzers.Medium,
	title:  "PodSecurityPolicy lets pods use the node's network",
	why:    "A pod on the node's network hears its traffic, reaches what listens on its loopback, and is past all network policies.",
	remedy: "Set `hostNetwork: false`.",
	same:   []string{"checkov:CKV_K8S_4", "kubescape:C-0216", "kics:a33e9173-b674-4dfb-9d82-cf3754816e4b", "kics:4950837c-0ce5-4e42-9bee-a25eae73740b"},
	lets:   flagged("spec.hostNetwork", false), what: "use the network of their node", fix: analyzers.Unsafe,
}, pspRule{
	id: "api-psp-privilege-escalation", severity: analyzers.Low,
	title:  "PodSecurityPolicy lets containers gain privileges",
	why:    "A setuid program in the image makes root of a user without rights. The policy lets that happen unless it says no.",
	remedy: "Set `allowPrivilegeEscalation: false`.",
	same:   []string{"checkov:CKV_K8S_5", "kubescape:C-0217", "kics:87554eef-154d-411d-bdce-9dbd91e56851", "kics:2bff9906-4e9b-4f71-9346-8ebedfdf43ef"},
	lets:   flagged("spec.allowPrivilegeEscalation", true), what: "gain privileges", fix: analyzers.Unsafe,
}, pspRule{
	id: "api-psp-root", severity: analyzers.Low,
	title:  "PodSecurityPolicy lets containers run as root",
	why:    "Root in the container is root to the kernel: a hole in the runtime or a mounted directory is then enough to get onto the node.",
	remedy: "Set `runAsUser.rule` to `MustRunAsNonRoot`, or to `MustRunAs` with ranges that begin above 0.",
	same:   []string{"checkov:CKV_K8S_6", "kubescape:C-0218", "kics:e3aa0612-4351-4a0d-983f-aefea25cf203", "kics:4c415497-7410-4559-90e8-f2c8ac64ee38"},
	lets:   letsRoot, what: "run as root",
}, pspRule{
	id: "api-psp-added-capabilities", severity: analyzers.Low,
	title:  "PodSecurityPolicy lets containers add capabilities",
	why:    "Every capability is a part of root, and `*` is all of them: the policy then keeps nobody from the node.",
	remedy: "Remove `allowedCapabilities`, or name there what one workload needs. NET_BIND_SERVICE does no harm.",
	same:   []string{"checkov:CKV_K8S_24", "kubescape:C-0219", "kics:7307579a-3abb-46ad-9ce5-2a915634d5c8", "kics:48388bd2-7201-4dcc-b56d-e8a9efa58fad"},
	lets:   letsAdd, what: "add capabilities",
}, pspRule{
	id: "api-psp-kept-capabilities", severity: analyzers.Low,
	title:  "PodSecurityPolicy takes no capabilities away",
	why:    "Runtimes give root in a container a dozen capabilities that few programs use. An intruder uses them.",
	remedy: "Set `requiredDropCapabilities: [ALL]`.",
	same:   []string{"checkov:CKV_K8S_36", "kubescape:C-0220", "kics:caa93370-791f-4fc6-814b-ba6ce0cb4032"},
	lets: func(psp *graph.Resource) (graph.Value, graph.Tri) {
		v := psp.At("spec.requiredDropCapabilities")
		return v, nonempty(v).Not()
	}, what: "keep all capabilities of the runtime",
}, pspRule{
	id: "api-psp-net-raw", severity: analyzers.Low,
	title:  "PodSecurityPolicy leaves raw sockets to containers",
	why:    "With NET_RAW an intruder forges packets and pretends to be another pod or the DNS server of its network.",
	remedy: "Add `ALL`, or at least `NET_RAW`, to `requiredDropCapabilities`.",
	same:   []string{"checkov:CKV_K8S_7", "kics:2270987f-bb51-479f-b8be-3ca73e5ad648", "kics:9aa32890-ac1a-45ee-81ca-5164e2098556"},
	lets: func(psp *graph.Resource) (graph.Value, graph.Tri) {
		v := psp.At("spec.requiredDropCapabilities")
		return v, v.Contains("ALL", "NET_RAW", "CAP_NET_RAW").Not()
	}, what: "keep raw sockets",
}, pspRule{
	id: "api-psp-seccomp", severity: analyzers.Low,
	title:  "PodSecurityPolicy sets no seccomp profile",
	why:    "Pods under the policy that name no profile may make any system call, those among them that most holes in kernels need.",
	remedy: "Set the annotation `seccomp.security.alpha.kubernetes.io/defaultProfileName` to `runtime/default`.",
	same:   []string{"checkov:CKV_K8S_32"},
	lets: func(psp *graph.Resource) (graph.Value, graph.Tri) {
		v := psp.At("metadata.annotations").Get("seccomp.security.alpha.kubernetes.io/defaultProfileName")
		return v, v.Is("runtime/default", "docker/default").Not().And(graph.Of(!strings.HasPrefix(v.Str(), "localhost/")))
	}, what: "make any system call",
}, pspRule{
	id: "api-psp-proc-mount", severity: analyzers.Medium,
	title:  "PodSecurityPolicy lets containers see /proc unmasked",
	why:    "Through an unmasked /proc a container changes settings of the kernel and reads what the runtime hides.",
	remedy: "Remove `Unmasked` from `allowedProcMountTypes`.",
	same:   []string{"kics:f922827f-aab6-447c-832a-e1ff63312bd3", "kics:0ad60203-c050-4115-83b6-b94bde92541d"},
	lets: func(psp *graph.Resource) (graph.Value, graph.Tri) {
		v := psp.At("spec.allowedProcMountTypes")
		return v, v.Contains("Unmasked")
	}, what: "see /proc unmasked",
}, pspRule{
	id: "api-psp-host-path", severity: analyzers.Medium,
	title:  "PodSecurityPolicy lets pods write to the node's directories",
	why:    "A pod that may write below the directory changes what the node runs, or reads what it keeps; even a link there leads out of it.",
	remedy: "Leave `hostPath` out of `volumes`, or set `readOnly: true` on every entry of `allowedHostPaths`.",
	same:   []string{"kics:de4421f1-4e35-43b4-9783-737dd4e4a47e"},
	lets:   letsHostPath, what: "write to directories of their node",
})

func pspRules(rows ...pspRule) []*analyzers.Rule {
	made := make([]*analyzers.Rule, len(rows))
	for i, row := range rows {
		made[i] = &analyzers.Rule{
			ID: row.id, Title: row.title, Why: row.why, Remedy: row.remedy + pspGone, Severity: row.severity,
			Precision: analyzers.MediumPrecision,
			Profile:   analyzers.Strict, // without effect in any cluster that is still maintained
			Same:      row.same,
			Fix:       row.fix,
			Check: analyzers.On(func(p *analyzers.Pass, psp *graph.Resource) {
				at, bad := row.lets(psp)
				f := p.ReportIf(bad, at, "the policy lets pods %s: %s", row.what, state(at))
				if row.fix != analyzers.NoFix {
					f.Fix("Switch it off", edit.Set(at, edit.Bool(false)))
				}
			}, "policy/PodSecurityPolicy"),
		}
	}
	return made
}

// state says in words what stands at a value.
func state(v graph.Value) string {
	switch {
	case v.Present() == graph.False && strings.Contains(v.Key(), "/"):
		return "the annotation is not set"
	case v.Present() == graph.False:
		return v.Key() + " is not set"
	case v.Str() != "":
		return fmt.Sprintf("%s is %q", v.Key(), v.Str())
	}
	return v.Key() + " has more than it should"
}

// flagged looks at a switch that must not be on.
func flagged(path string, absent bool) func(*graph.Resource) (graph.Value, graph.Tri) {
	return func(psp *graph.Resource) (graph.Value, graph.Tri) {
		v := psp.At(path)
		return v, v.Bool(absent)
	}
}

func letsRoot(psp *graph.Resource) (graph.Value, graph.Tri) {
	v := psp.At("spec.runAsUser.rule")
	switch {
	case v.Is("MustRunAs") == graph.True:
		ranges := psp.At("spec.runAsUser.ranges")
		for r := range ranges.Each() {
			if low := r.At("min"); !(low.Is("0") == graph.False) {
				return low, low.Is("0")
			}
		}
		return ranges, nonempty(ranges).Not()
	case !v.Known():
		return v, graph.Unsure
	}
	return v, v.Is("MustRunAsNonRoot").Not()
}

func letsAdd(psp *graph.Resource) (graph.Value, graph.Tri) {
	v, bad := psp.At("spec.allowedCapabilities"), graph.False
	if !v.Known() {
		return v, graph.Unsure
	}
	for item := range v.Each() {
		bad = bad.Or(item.Is("NET_BIND_SERVICE").Not())
	}
	return v, bad
}

func letsHostPath(psp *graph.Resource) (graph.Value, graph.Tri) {
	paths := psp.At("spec.allowedHostPaths")
	if nonempty(paths) == graph.False {
		v := psp.At("spec.volumes")
		return v, v.Contains("hostPath", "*")
	}
	if !paths.Known() {
		return paths, graph.Unsure
	}
	for path := range paths.Each() {
		if v := path.At("readOnly"); !(v.Bool(false) == graph.True) {
			at := v
			if v.Present() == graph.False {
				at = path.At("pathPrefix")
			}
			return at, v.Bool(false).Not()
		}
	}
	return paths, graph.False
}
