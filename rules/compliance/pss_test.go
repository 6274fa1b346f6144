package compliance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/policy"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
	"github.com/seaworthy-iac/seaworthy/rules"
	"github.com/seaworthy-iac/seaworthy/rules/compliance"
)

// checkOf is the check of Pod Security Admission that each control is.
var checkOf = map[string]policy.CheckID{
	"host-process": "windowsHostProcess", "host-namespaces": "hostNamespaces", "privileged-containers": "privileged",
	"capabilities": "capabilities_baseline", "host-path-volumes": "hostPathVolumes", "host-ports": "hostPorts",
	"host-probes": "hostProbesAndHostLifecycle", "apparmor": "appArmorProfile", "selinux": "seLinuxOptions",
	"proc-mount": "procMount", "seccomp": "seccompProfile_baseline", "sysctls": "sysctls",
	"volume-types": "restrictedVolumes", "privilege-escalation": "allowPrivilegeEscalation", "run-as-non-root": "runAsNonRoot",
	"run-as-user": "runAsUser", "seccomp-restricted": "seccompProfile_restricted",
	"capabilities-restricted": "capabilities_restricted", "proc-mount-restricted": "procMount_restricted",
}

// A change makes a pod better or worse.
type change struct {
	name string
	make func(*corev1.Pod)
}

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// restricted is a pod that the restricted level admits.
func restricted() *corev1.Pod {
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: yes(), SeccompProfile: &corev1.SeccompProfile{Type: "RuntimeDefault"}},
			Containers:      []corev1.Container{container("app"), container("sidecar")},
			InitContainers:  []corev1.Container{container("setup")},
		},
	}
}

func container(name string) corev1.Container {
	return corev1.Container{
		Name: name, Image: "registry.example.com/app:1.0",
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: no(), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

// first changes the first container's security context, each those of all.
func first(name string, fn func(*corev1.SecurityContext)) change {
	return change{name, func(p *corev1.Pod) { fn(p.Spec.Containers[0].SecurityContext) }}
}

func each(name string, fn func(*corev1.SecurityContext)) change {
	return change{"each container: " + name, func(p *corev1.Pod) {
		for _, list := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
			for i := range list {
				fn(list[i].SecurityContext)
			}
		}
	}}
}

func whole(name string, fn func(*corev1.PodSpec)) change {
	return change{name, func(p *corev1.Pod) { fn(&p.Spec) }}
}

func annotated(key, value string) change {
	return change{key + "=" + value, func(p *corev1.Pod) {
		if p.Annotations == nil {
			p.Annotations = map[string]string{}
		}
		p.Annotations[key] = value
	}}
}

// changes are what the standard speaks about, allowed values and others.
func changes() []change {
	all := []change{
		first("privileged", func(s *corev1.SecurityContext) { s.Privileged = yes() }),
		first("not privileged", func(s *corev1.SecurityContext) { s.Privileged = no() }),
		first("escalation", func(s *corev1.SecurityContext) { s.AllowPrivilegeEscalation = yes() }),
		first("escalation unset", func(s *corev1.SecurityContext) { s.AllowPrivilegeEscalation = nil }),
		first("runAsNonRoot false", func(s *corev1.SecurityContext) { s.RunAsNonRoot = no() }),
		first("runAsUser 0", func(s *corev1.SecurityContext) { s.RunAsUser = new(int64(0)) }),
		first("runAsUser 1000", func(s *corev1.SecurityContext) { s.RunAsUser = new(int64(1000)) }),
		first("procMount Unmasked", func(s *corev1.SecurityContext) { m := corev1.UnmaskedProcMount; s.ProcMount = &m }),
		first("procMount Default", func(s *corev1.SecurityContext) { m := corev1.DefaultProcMount; s.ProcMount = &m }),
		first("seccomp Unconfined", func(s *corev1.SecurityContext) { s.SeccompProfile = &corev1.SeccompProfile{Type: "Unconfined"} }),
		first("no capabilities", func(s *corev1.SecurityContext) { s.Capabilities = nil }),
		first("HostProcess", func(s *corev1.SecurityContext) {
			s.WindowsOptions = &corev1.WindowsSecurityContextOptions{HostProcess: yes()}
		}),
		each("runAsNonRoot", func(s *corev1.SecurityContext) { s.RunAsNonRoot = yes() }),
		each("runAsUser 1000", func(s *corev1.SecurityContext) { s.RunAsUser = new(int64(1000)) }),
		each("seccomp Localhost", func(s *corev1.SecurityContext) { s.SeccompProfile = &corev1.SeccompProfile{Type: "Localhost"} }),
		each("apparmor RuntimeDefault", func(s *corev1.SecurityContext) { s.AppArmorProfile = &corev1.AppArmorProfile{Type: "RuntimeDefault"} }),
		each("all unset", func(s *corev1.SecurityContext) { *s = corev1.SecurityContext{} }),
		whole("runAsNonRoot unset", func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = nil }),
		whole("pod runAsNonRoot false", func(s *corev1.PodSpec) { s.SecurityContext.RunAsNonRoot = no() }),
		whole("pod runAsUser 0", func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser = new(int64(0)) }),
		whole("pod runAsUser 1000", func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser = new(int64(1000)) }),
		whole("pod seccomp unset", func(s *corev1.PodSpec) { s.SecurityContext.SeccompProfile = nil }),
		whole("pod HostProcess", func(s *corev1.PodSpec) {
			s.SecurityContext.WindowsOptions = &corev1.WindowsSecurityContextOptions{HostProcess: yes()}
		}),
		whole("hostNetwork", func(s *corev1.PodSpec) { s.HostNetwork = true }),
		whole("hostPID", func(s *corev1.PodSpec) { s.HostPID = true }),
		whole("hostIPC", func(s *corev1.PodSpec) { s.HostIPC = true }),
		whole("hostUsers false", func(s *corev1.PodSpec) { s.HostUsers = no() }),
		whole("hostUsers true", func(s *corev1.PodSpec) { s.HostUsers = yes() }),
		whole("port", func(s *corev1.PodSpec) { s.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80}} }),
		whole("hostPort", func(s *corev1.PodSpec) {
			s.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80}}
		}),
		whole("probe host", func(s *corev1.PodSpec) {
			s.Containers[1].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Host: "example.com"}}}
		}),
		whole("hook host", func(s *corev1.PodSpec) {
			s.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{TCPSocket: &corev1.TCPSocketAction{Host: "example.com"}}}
		}),
		whole("probe", func(s *corev1.PodSpec) {
			s.Containers[0].LivenessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/"}}}
		}),
		whole("Windows", func(s *corev1.PodSpec) { s.OS = &corev1.PodOS{Name: corev1.Windows} }),
		whole("Linux", func(s *corev1.PodSpec) { s.OS = &corev1.PodOS{Name: corev1.Linux} }),
		whole("Windows nodes", func(s *corev1.PodSpec) { s.NodeSelector = map[string]string{"kubernetes.io/os": "windows"} }),
		whole("ephemeral container", func(s *corev1.PodSpec) {
			s.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "registry.example.com/debug:1.0"}}}
		}),
		annotated(corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+"app", "unconfined"),
		annotated(corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+"sidecar", "runtime/default"),
		annotated(corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+"setup", "localhost/setup"),
		annotated(corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+"gone", "other"),
		annotated(corev1.SeccompPodAnnotationKey, "unconfined"),
		annotated(corev1.SeccompContainerAnnotationKeyPrefix+"app", "runtime/default"),
	}
	for _, t := range []string{"RuntimeDefault", "Localhost", "Unconfined"} {
		all = append(all,
			whole("pod seccomp "+t, func(s *corev1.PodSpec) {
				s.SecurityContext.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileType(t)}
			}),
			whole("pod apparmor "+t, func(s *corev1.PodSpec) {
				s.SecurityContext.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileType(t)}
			}),
			first("apparmor "+t, func(s *corev1.SecurityContext) {
				s.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileType(t)}
			}))
	}
	for _, add := range []corev1.Capability{"ALL", "SYS_ADMIN", "NET_RAW", "NET_ADMIN", "SYS_TIME", "BPF", "CHOWN", "SETPCAP", "NET_BIND_SERVICE", "chown", "CAP_KILL"} {
		all = append(all, first("add "+string(add), func(s *corev1.SecurityContext) {
			s.Capabilities = &corev1.Capabilities{Add: []corev1.Capability{add}, Drop: []corev1.Capability{"ALL"}}
		}))
	}
	for _, drop := range []corev1.Capability{"all", "NET_RAW", "chown"} {
		all = append(all, first("drop "+string(drop), func(s *corev1.SecurityContext) {
			s.Capabilities = &corev1.Capabilities{Drop: []corev1.Capability{drop}}
		}))
	}
	for _, o := range []corev1.SELinuxOptions{{Type: "container_t"}, {Type: "container_engine_t"}, {Type: "spc_t"}, {User: "system_u"}, {Role: "system_r"}, {Level: "s0:c1,c2"}} {
		all = append(all,
			whole(fmt.Sprint("pod SELinux ", o), func(s *corev1.PodSpec) { s.SecurityContext.SELinuxOptions = &o }),
			first(fmt.Sprint("SELinux ", o), func(s *corev1.SecurityContext) { s.SELinuxOptions = &o }))
	}
	for _, name := range []string{"net.ipv4.tcp_syncookies", "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "kernel.shm_rmid_forced", "kernel.msgmax", "net.core.somaxconn"} {
		all = append(all, whole("sysctl "+name, func(s *corev1.PodSpec) {
			s.SecurityContext.Sysctls = []corev1.Sysctl{{Name: name, Value: "1"}}
		}))
	}
	for name, v := range map[string]corev1.VolumeSource{
		"hostPath /data": {HostPath: &corev1.HostPathVolumeSource{Path: "/data"}},
		"hostPath /etc":  {HostPath: &corev1.HostPathVolumeSource{Path: "/etc"}},
		"socket":         {HostPath: &corev1.HostPathVolumeSource{Path: "/run/containerd/containerd.sock"}},
		"configMap":      {ConfigMap: &corev1.ConfigMapVolumeSource{}}, "secret": {Secret: &corev1.SecretVolumeSource{SecretName: "s"}},
		"csi": {CSI: &corev1.CSIVolumeSource{Driver: "d"}}, "downwardAPI": {DownwardAPI: &corev1.DownwardAPIVolumeSource{}},
		"emptyDir": {EmptyDir: &corev1.EmptyDirVolumeSource{}}, "ephemeral": {Ephemeral: &corev1.EphemeralVolumeSource{}},
		"image": {Image: &corev1.ImageVolumeSource{Reference: "r"}}, "claim": {PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "c"}},
		"projected": {Projected: &corev1.ProjectedVolumeSource{}}, "gce": {GCEPersistentDisk: &corev1.GCEPersistentDiskVolumeSource{PDName: "d"}},
		"aws": {AWSElasticBlockStore: &corev1.AWSElasticBlockStoreVolumeSource{VolumeID: "v"}}, "git": {GitRepo: &corev1.GitRepoVolumeSource{Repository: "r"}},
		"nfs": {NFS: &corev1.NFSVolumeSource{Server: "s"}}, "iscsi": {ISCSI: &corev1.ISCSIVolumeSource{IQN: "i"}},
		"glusterfs": {Glusterfs: &corev1.GlusterfsVolumeSource{Path: "p"}}, "rbd": {RBD: &corev1.RBDVolumeSource{RBDImage: "i"}},
		"flex": {FlexVolume: &corev1.FlexVolumeSource{Driver: "d"}}, "cinder": {Cinder: &corev1.CinderVolumeSource{VolumeID: "v"}},
		"cephfs": {CephFS: &corev1.CephFSVolumeSource{Path: "p"}}, "flocker": {Flocker: &corev1.FlockerVolumeSource{DatasetName: "d"}},
		"fc": {FC: &corev1.FCVolumeSource{FSType: "ext4"}}, "azureFile": {AzureFile: &corev1.AzureFileVolumeSource{ShareName: "s"}},
		"azureDisk": {AzureDisk: &corev1.AzureDiskVolumeSource{DiskName: "d"}}, "vsphere": {VsphereVolume: &corev1.VsphereVirtualDiskVolumeSource{VolumePath: "p"}},
		"quobyte": {Quobyte: &corev1.QuobyteVolumeSource{Volume: "v"}}, "portworx": {PortworxVolume: &corev1.PortworxVolumeSource{VolumeID: "v"}},
		"photon": {PhotonPersistentDisk: &corev1.PhotonPersistentDiskVolumeSource{PdID: "p"}}, "scaleIO": {ScaleIO: &corev1.ScaleIOVolumeSource{VolumeName: "v"}},
		"storageos": {StorageOS: &corev1.StorageOSVolumeSource{VolumeName: "v"}},
	} {
		all = append(all, whole("volume "+name, func(s *corev1.PodSpec) {
			s.Volumes = append(s.Volumes, corev1.Volume{Name: "v", VolumeSource: v})
		}))
	}
	return all
}

// A sample is a pod and how it was made.
type sample struct {
	made string
	pod  *corev1.Pod
}

// alone tells whether nothing else of the pod bears on a change.
func alone(c change) bool {
	return strings.HasPrefix(c.name, "volume ") || strings.HasPrefix(c.name, "sysctl ")
}

// samples are the restricted pod with every change and every two changes.
func samples() []sample {
	var all []sample
	add := func(changes ...change) {
		s := sample{pod: restricted()}
		for _, c := range changes {
			c.make(s.pod)
			s.made += "; " + c.name
		}
		s.pod.Name = fmt.Sprintf("pod-%d", len(all))
		all = append(all, s)
	}
	each := changes()
	slices.SortFunc(each, func(a, b change) int { return strings.Compare(a.name, b.name) })
	add()
	for i, a := range each {
		add(a)
		for _, b := range each[i+1:] {
			if !alone(a) && !alone(b) {
				add(a, b)
			}
		}
	}
	return all
}

// found are the rules that found something in each pod.
func found(t *testing.T, all []sample) map[string]map[string]bool {
	t.Helper()
	files := fstest.MapFS{}
	for _, s := range all {
		data, err := json.Marshal(s.pod)
		if err != nil {
			t.Fatal(err)
		}
		files[s.pod.Name+".json"] = &fstest.MapFile{Data: data}
	}
	load := driver.Load{Tree: source.NewTree(files), Under: []string{"."}, Sources: formats.Sources(formats.Options{}), Link: formats.Link}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	selected, err := driver.Select(rules.All(), compliance.Load, []string{"pss-restricted"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := driver.Run(loaded, selected, nil)
	if err != nil || len(report.Problems) > 0 || len(report.Unsure) > 0 {
		t.Fatalf("%v, problems %v, %d unsure", err, report.Problems, len(report.Unsure))
	}
	by := map[string]map[string]bool{}
	for _, f := range report.Findings {
		for _, r := range f.Instances {
			if by[r.Name] == nil {
				by[r.Name] = map[string]bool{}
			}
			by[r.Name][f.Rule.ID] = true
		}
	}
	return by
}

// TestPodSecurity holds the profiles of the Pod Security Standards against the
// admission controller of Kubernetes: over thousands of pods a level admits a
// pod when the profile finds nothing in it, and a control passes when the check
// does.
func TestPodSecurity(t *testing.T) {
	checks := map[policy.CheckID]policy.CheckPodFn{}
	levels := map[policy.CheckID]string{}
	for _, c := range policy.DefaultChecks() {
		checks[c.ID] = c.Versions[len(c.Versions)-1].CheckPod
		levels[c.ID] = "pss-" + string(c.Level)
	}
	if len(checks) != len(checkOf) {
		t.Errorf("the admission controller has %d checks, the levels %d controls", len(checks), len(checkOf))
	}
	all := samples()
	by := found(t, all)
	denials, wrong := map[policy.CheckID]int{}, 0
	for _, f := range load(t) {
		if f.ID != "pss-baseline" && f.ID != "pss-restricted" {
			continue
		}
		admitted := 0
		for _, s := range all {
			refused, ours := false, false
			for c := range f.Controls() {
				id, ok := checkOf[c.ID]
				if !ok || checks[id] == nil {
					t.Fatalf("control %s is no check", c.ID)
				}
				allowed := checks[id](&s.pod.ObjectMeta, &s.pod.Spec).Allowed
				failed := slices.ContainsFunc(c.Rules, func(r string) bool { return by[s.pod.Name][r] })
				refused, ours = refused || !allowed, ours || failed
				if !allowed {
					denials[id]++
				}
				if allowed == failed && !excused(s.pod, c.ID) && wrong < 20 {
					wrong++
					t.Errorf("%s, control %s of %s: admission allows it: %v, our rules: %v", s.made, c.ID, f.ID, allowed, by[s.pod.Name])
				}
			}
			if refused != ours && wrong < 20 {
				wrong++
				t.Errorf("%s: %s refuses it: %v, our rules: %v", s.made, f.ID, refused, by[s.pod.Name])
			}
			if !refused {
				admitted++
			}
		}
		t.Logf("%s: %d of %d pods admitted", f.ID, admitted, len(all))
		if admitted < 100 || admitted > len(all)-100 {
			t.Errorf("%s: %d of %d pods admitted: the samples are one-sided", f.ID, admitted, len(all))
		}
	}
	for id := range checks {
		if denials[id] == 0 {
			t.Errorf("no sample is refused by %s of %s", id, levels[id])
		}
	}
}

// excused are the cases where another control of the level says what ours does
// not: every port of a pod on its node's network is the node's, a pod that goes
// to Windows nodes is told to say so, and what the baseline refuses on Windows
// the restricted level does not say again.
func excused(p *corev1.Pod, control string) bool {
	windows := p.Spec.NodeSelector != nil || p.Spec.OS != nil && p.Spec.OS.Name == corev1.Windows
	return control == "host-ports" && p.Spec.HostNetwork || windows && strings.HasSuffix(control, "-restricted") ||
		p.Spec.NodeSelector != nil && control == "privilege-escalation"
}
