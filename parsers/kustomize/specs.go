package kustomize

import (
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/utils"
	"sigs.k8s.io/yaml"
)

// A spec is a place that a transformer writes to: a path without the indexes
// of lists, in objects of a kind.
type spec struct {
	kind resid.Gvk
	path []string
}

// specs are where the transformers of a build write. The names are those of
// the fields in a file of configurations.
type specs struct {
	labels, templateLabels, claimLabels, commonLabels []spec
	annotations, images, replicas, namespace          []spec
	complete                                          bool // all configurations could be read
}

// builtinSpecs are the places that are built into kustomize. That they are
// right is tested by building with kustomize.
var builtinSpecs = sync.OnceValue(func() specs {
	const (
		pods = " Deployment ReplicaSet DaemonSet apps/StatefulSet batch/Job v1:ReplicationController"
		own  = "/labelSelector/matchLabels apps/Deployment apps/StatefulSet"
	)
	metadata := func(field string) []spec {
		return table(
			"metadata/"+field,
			"spec/template/metadata/"+field+pods,
			"spec/jobTemplate/metadata/"+field+" batch/CronJob",
			"spec/jobTemplate/spec/template/metadata/"+field+" batch/CronJob",
		)
	}
	s := specs{
		complete:       true,
		templateLabels: metadata("labels"),
		claimLabels:    table("spec/volumeClaimTemplates/metadata/labels apps/StatefulSet"),
		annotations:    metadata("annotations"),
		images: table("spec/containers/image", "spec/initContainers/image", "spec/volumes/image/reference",
			"spec/template/spec/containers/image", "spec/template/spec/initContainers/image",
			"spec/template/spec/volumes/image/reference", "spec/jobTemplate/spec/template/spec/volumes/image/reference"),
		replicas: table("spec/replicas Deployment ReplicationController ReplicaSet StatefulSet"),
		namespace: table("spec/service/namespace apiregistration.k8s.io/APIService",
			"spec/conversion/webhook/clientConfig/service/namespace apiextensions.k8s.io/CustomResourceDefinition"),
	}
	s.commonLabels = slices.Concat(s.templateLabels, s.claimLabels, table(
		"spec/selector v1:Service v1:ReplicationController",
		"spec/selector/matchLabels Deployment ReplicaSet DaemonSet apps/StatefulSet batch/Job policy/PodDisruptionBudget",
		"spec/jobTemplate/spec/selector/matchLabels batch/CronJob",
		"spec/podSelector/matchLabels networking.k8s.io/NetworkPolicy",
		"spec/ingress/from/podSelector/matchLabels networking.k8s.io/NetworkPolicy",
		"spec/egress/to/podSelector/matchLabels networking.k8s.io/NetworkPolicy",
		"spec/template/spec/topologySpreadConstraints"+own,
		"spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution"+own,
		"spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"+own,
		"spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm"+own,
		"spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm"+own,
	))
	return s
})

// table reads lines of a path and the kinds, if not all, that it is for, as
// group/Kind, version:Kind or Kind.
func table(lines ...string) []spec {
	var all []spec
	for _, line := range lines {
		path, kinds, some := strings.Cut(line, " ")
		if !some {
			all = append(all, spec{path: splitPath(path)})
		}
		for kind := range strings.FieldsSeq(kinds) {
			s := spec{path: splitPath(path)}
			if group, rest, ok := strings.Cut(kind, "/"); ok {
				s.kind.Group, kind = group, rest
			}
			if version, rest, ok := strings.Cut(kind, ":"); ok {
				s.kind.Version, kind = version, rest
			}
			s.kind.Kind = kind
			all = append(all, s)
		}
	}
	return all
}

// splitPath splits the path of a field spec. That a field holds a list is said
// by nobody but the object.
func splitPath(path string) []string {
	keys := utils.PathSplitter(path, "/")
	for i, key := range keys {
		keys[i] = strings.TrimSuffix(key, "[]")
	}
	return keys
}

func specsOf(fields []types.FieldSpec) []spec {
	var all []spec
	for _, f := range fields {
		all = append(all, spec{f.Gvk, splitPath(f.Path)})
	}
	return all
}

// with adds the places that a file of configurations names, and tells whether
// it can be read.
func (s specs) with(text []byte) (specs, bool) {
	var more struct {
		Labels                    types.FsSlice `json:"labels"`
		TemplateLabels            types.FsSlice `json:"templateLabels"`
		VolumeClaimTemplateLabels types.FsSlice `json:"volumeClaimTemplateLabels"`
		CommonLabels              types.FsSlice `json:"commonLabels"`
		CommonAnnotations         types.FsSlice `json:"commonAnnotations"`
		Images                    types.FsSlice `json:"images"`
		Replicas                  types.FsSlice `json:"replicas"`
		Namespace                 types.FsSlice `json:"namespace"`
	}
	if err := yaml.Unmarshal(text, &more); err != nil {
		return s, false
	}
	add := func(to *[]spec, fields types.FsSlice) { *to = append(slices.Clip(*to), specsOf(fields)...) }
	add(&s.labels, more.Labels)
	add(&s.templateLabels, more.TemplateLabels)
	add(&s.claimLabels, more.VolumeClaimTemplateLabels)
	add(&s.commonLabels, more.CommonLabels)
	add(&s.annotations, more.CommonAnnotations)
	add(&s.images, more.Images)
	add(&s.replicas, more.Replicas)
	add(&s.namespace, more.Namespace)
	return s, true
}

// ofLabels are the places that an entry of labels writes to.
func (s specs) ofLabels(set types.Label) []spec {
	all := slices.Concat(specsOf(set.FieldSpecs), s.labels)
	if set.IncludeSelectors {
		return append(all, s.commonLabels...)
	}
	if set.IncludeTemplates {
		all = append(all, s.templateLabels...)
	}
	if set.IncludeVolumeClaimTemplates {
		all = append(all, s.claimLabels...)
	}
	return append(all, table("metadata/labels")...)
}
