package cluster

import (
	"maps"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/kubeschema"
)

// Filled is an object as the server has it after it was applied: with all that
// it fills in and all that it keeps.
func Filled(o map[string]any) map[string]any {
	d := newDefaults(nil)
	out := o
	if t := d.objectType(text(o, "apiVersion"), text(o, "kind")); t != nil {
		out, _ = d.fill(t, o).(map[string]any)
	}
	out = maps.Clone(out)
	meta := maps.Clone(mapAt(out, "metadata"))
	if meta == nil {
		meta = map[string]any{}
	}
	maps.Copy(meta, map[string]any{"uid": "u-" + text(meta, "name"), "resourceVersion": "7", "generation": int64(1), "creationTimestamp": "2026-05-01T00:00:00Z"})
	annotations := map[string]any{lastApplied: "{}"}
	maps.Copy(annotations, mapAt(meta, "annotations"))
	meta["annotations"] = annotations
	out["metadata"] = meta
	out["status"] = map[string]any{"observedGeneration": int64(1)}
	return out
}

// unset are fields that the server fills in beside others only.
var unset = map[string]bool{
	"core.ServiceSpec.sessionAffinityConfig": true, "core.ServiceSpec.externalTrafficPolicy": true, "core.ServiceSpec.allocateLoadBalancerNodePorts": true,
	"core.ServiceSpec.healthCheckNodePort": true, "core.ServicePort.nodePort": true, "core.PodSpec.serviceAccountName": true, "core.PodSpec.nodeName": true,
	"core.PodSpec.priority": true, "core.PodSpec.preemptionPolicy": true, "core.PodSpec.enableServiceLinks": true, "core.PersistentVolumeSpec.claimRef": true,
	"batch.JobSpec.selector": true, "batch.JobSpec.completions": true, "autoscaling.HorizontalPodAutoscalerBehavior.scaleUp": true, "autoscaling.HorizontalPodAutoscalerBehavior.scaleDown": true,
	"admissionregistration.WebhookClientConfig.caBundle": true, "apiextensions.WebhookClientConfig.caBundle": true,
}

func (d *defaults) fill(t *kubeschema.Type, v any) any {
	switch v := v.(type) {
	case []any:
		if t == nil || t.Elem == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = d.fill(t.Elem, item)
		}
		return out
	case map[string]any:
		if t == nil || t.Kind != kubeschema.Object {
			return v
		}
		of := short(t)
		out := maps.Clone(v)
		for _, f := range t.Fields() {
			name := of + "." + f.Name
			if out[f.Name] == nil && !unset[name] && !strings.HasSuffix(f.Name, "ephemeralContainers") {
				if constant, ok := d.constant[name]; ok && !(f.Name == "rollingUpdate" && out["type"] != nil && out["type"] != "RollingUpdate") {
					out[f.Name] = constant
				} else if d.chosen[name] {
					out[f.Name] = chosenFor(f.Type)
				}
			}
			if out[f.Name] != nil {
				out[f.Name] = d.fill(f.Type, out[f.Name])
			}
		}
		switch of {
		case "core.Container":
			if out["imagePullPolicy"] == nil {
				out["imagePullPolicy"] = pullPolicy(text(out, "image"))
			}
		case "core.ServicePort":
			if out["targetPort"] == nil {
				out["targetPort"] = out["port"]
			}
		case "core.PodSpec":
			if out["serviceAccountName"] != nil && out["serviceAccount"] == nil {
				out["serviceAccount"] = out["serviceAccountName"]
			}
		case "rbac.Subject":
			if out["kind"] != "ServiceAccount" && out["apiGroup"] == nil {
				out["apiGroup"] = "rbac.authorization.k8s.io"
			}
		case "networking.NetworkPolicySpec":
			if out["policyTypes"] == nil {
				out["policyTypes"] = []any{"Ingress"}
				if len(listAt(out, "egress")) > 0 {
					out["policyTypes"] = []any{"Ingress", "Egress"}
				}
			}
		}
		return out
	}
	return v
}

func chosenFor(t *kubeschema.Type) any {
	switch t.Kind {
	case kubeschema.List:
		return []any{"chosen"}
	case kubeschema.Integer:
		return int64(7)
	case kubeschema.Object:
		return map[string]any{"name": "chosen"}
	}
	return "chosen"
}
