package api

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/lifecycle"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// settings holds the rules about fields, annotations and labels that
// Kubernetes has given up.
var settings = []*analyzers.Rule{{
	ID:        "api-retired-setting",
	Title:     "Setting that Kubernetes no longer knows",
	Why:       "The object is accepted, and the setting does nothing: the pod is not placed, not protected or not reached as it says. A volume of a kind that was removed keeps its pod from starting.",
	Remedy:    "Replace it by what the finding names, or remove it.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Params:    &lifecycle.Target{Kubernetes: kube.DefaultRelease},
	Check: eachSetting(func(p *analyzers.Pass, v graph.Value, name string, s lifecycle.API, now int) {
		if s.Removed != 0 && now >= s.Removed {
			p.ReportAt(v, v.KeyPlace(), "%s has no effect since Kubernetes 1.%d; %s", name, s.Removed, s.Instead())
		}
	}),
}, {
	ID:        "api-deprecated-setting",
	Title:     "Setting that Kubernetes is giving up",
	Why:       "What is deprecated goes away some releases later, often without an error: the object is accepted, and the setting does nothing any more.",
	Remedy:    "Replace it by what the finding names while both are understood.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict, // most of them work for years on
	Params:    &lifecycle.Target{Kubernetes: kube.DefaultRelease},
	Check: eachSetting(func(p *analyzers.Pass, v graph.Value, name string, s lifecycle.API, now int) {
		if now >= s.Deprecated && (s.Removed == 0 || now < s.Removed) {
			p.ReportAt(v, v.KeyPlace(), "%s is deprecated since Kubernetes 1.%d; %s", name, s.Deprecated, s.Instead())
		}
	}),
}}

// A setting is given up like an API.
type setting lifecycle.API

// fields are the fields that were given up, by the type of their object.
var fields = map[string]map[string]setting{
	"core/Service": {
		"spec.ipFamily":       {20, 20, "`ipFamilies`"},
		"spec.topologyKeys":   {21, 22, "`trafficDistribution`"},
		"spec.loadBalancerIP": {24, 0, "the annotation of the load balancer's controller"},
	},
	"core/Node": {"spec.configSource": {22, 24, "the kubelet's own configuration file"}},
}

// volumes are the kinds of volumes whose driver was part of Kubernetes. Those
// that are only deprecated are handed to the CSI driver.
var volumes = map[string]setting{
	"scaleIO":   {22, 22, "a CSI driver"},
	"flocker":   {22, 25, "a CSI driver"},
	"quobyte":   {22, 25, "a CSI driver"},
	"storageos": {22, 25, "a CSI driver"},
	"glusterfs": {25, 26, "a CSI driver"},
	"cephfs":    {28, 31, "the CSI driver cephfs.csi.ceph.com"},
	"rbd":       {28, 31, "the CSI driver rbd.csi.ceph.com"},

	"awsElasticBlockStore": {17, 0, "the CSI driver ebs.csi.aws.com"},
	"gcePersistentDisk":    {17, 0, "the CSI driver pd.csi.storage.gke.io"},
	"cinder":               {18, 0, "the CSI driver cinder.csi.openstack.org"},
	"azureDisk":            {19, 0, "the CSI driver disk.csi.azure.com"},
	"vsphereVolume":        {19, 0, "the CSI driver csi.vsphere.vmware.com"},
	"azureFile":            {21, 0, "the CSI driver file.csi.azure.com"},
	"flexVolume":           {23, 0, "a CSI driver"},
	"portworxVolume":       {25, 0, "the CSI driver pxd.portworx.com"},
}

// annotations are those that were given up, on objects and on pods. One that
// ends in "/" stands for all that begin so.
var annotations = map[string]setting{
	"pod.alpha.kubernetes.io/init-containers":                {6, 8, "`initContainers`"},
	"pod.beta.kubernetes.io/init-containers":                 {6, 8, "`initContainers`"},
	"scheduler.alpha.kubernetes.io/affinity":                 {6, 8, "`affinity`"},
	"scheduler.alpha.kubernetes.io/tolerations":              {6, 8, "`tolerations`"},
	"security.alpha.kubernetes.io/sysctls":                   {11, 11, "`securityContext.sysctls`"},
	"security.alpha.kubernetes.io/unsafe-sysctls":            {11, 11, "`securityContext.sysctls`"},
	"scheduler.alpha.kubernetes.io/critical-pod":             {13, 16, "`priorityClassName: system-cluster-critical`"},
	"container.apparmor.security.beta.kubernetes.io/":        {30, 0, "`securityContext.appArmorProfile`"},
	"kubernetes.io/ingress.class":                            {18, 0, "`ingressClassName`"},
	"service.alpha.kubernetes.io/tolerate-unready-endpoints": {11, 0, "`publishNotReadyAddresses`"},
	"service.kubernetes.io/topology-aware-hints":             {27, 0, "`trafficDistribution`"},
	"storageclass.beta.kubernetes.io/is-default-class":       {6, 0, "storageclass.kubernetes.io/is-default-class"},
	"volume.beta.kubernetes.io/mount-options":                {8, 0, "`mountOptions`"},
	"volume.beta.kubernetes.io/storage-class":                {6, 0, "`storageClassName`"},
	"networkpolicy.net.beta.kubernetes.io/network-policy":    {7, 7, "a NetworkPolicy that denies all"},
	"service.beta.kubernetes.io/external-traffic":            {7, 7, "`externalTrafficPolicy`"},
	"service.alpha.kubernetes.io/external-traffic":           {7, 7, "`externalTrafficPolicy`"},
	"scheduler.alpha.kubernetes.io/preferAvoidPods":          {22, 0, "taints"},
}

// nodeLabels are the labels of nodes that were given up.
var nodeLabels = map[string]setting{
	"node-role.kubernetes.io/master":           {20, 24, "node-role.kubernetes.io/control-plane"},
	"beta.kubernetes.io/arch":                  {14, 0, "kubernetes.io/arch"},
	"beta.kubernetes.io/os":                    {14, 0, "kubernetes.io/os"},
	"beta.kubernetes.io/instance-type":         {17, 0, "node.kubernetes.io/instance-type"},
	"failure-domain.beta.kubernetes.io/region": {17, 0, "topology.kubernetes.io/region"},
	"failure-domain.beta.kubernetes.io/zone":   {17, 0, "topology.kubernetes.io/zone"},
}

// eachSetting makes a Check of a function that looks at one setting that is in
// a table, with what to call it.
func eachSetting(report func(p *analyzers.Pass, v graph.Value, name string, s lifecycle.API, now int)) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		now := analyzers.ParamsOf[lifecycle.Target](p).Minor()
		entries := func(v graph.Value, what string, table map[string]setting) {
			for key, item := range v.Entries() {
				s, given := table[key]
				if !given {
					if slash := strings.IndexByte(key, '/'); slash > 0 {
						s, given = table[key[:slash+1]]
					}
				}
				if given {
					report(p, item, what+" "+key, lifecycle.API(s), now)
				}
			}
		}
		for _, r := range p.Graph.Resources() {
			if r.At("kind").Present() == graph.True {
				p.Look(1)
				entries(r.At("metadata.annotations"), "the annotation", annotations)
			}
			for path, s := range fields[r.Type] {
				if v := r.At(path); v.Present() == graph.True {
					report(p, v, v.Key(), lifecycle.API(s), now)
				}
			}
		}
		for v := range p.Graph.OfType("core/PersistentVolume") {
			entries(v.At("spec"), "a volume of the kind", volumes)
		}
		for _, pod := range workload.Pods.Of(p.Graph) {
			if pod.Resource().Type != "core/Pod" {
				entries(pod.At("metadata.annotations"), "the annotation", annotations)
			}
			for v := range pod.Spec.At("volumes").Each() {
				entries(v, "a volume of the kind", volumes)
			}
			entries(pod.Spec.At("nodeSelector"), "the label", nodeLabels)
		}
	}
}
