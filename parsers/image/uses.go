package image

import (
	"iter"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// uses yields the values of a resource that name an image to run.
func uses(r *graph.Resource) iter.Seq[graph.Value] {
	return func(yield func(graph.Value) bool) {
		for t := range kube.PodTemplates(r) {
			for c := range containers(t) {
				if v := c.At("image"); v.Kind() != graph.Absent && !yield(v) {
					return
				}
			}
		}
		for _, path := range cloud[r.Type] {
			for v := range below(r.Config, path) {
				if v.Kind() != graph.Absent && v.Kind() != graph.Null && !yield(v) {
					return
				}
			}
		}
	}
}

// containers yields the containers of a pod, or of a template of one.
func containers(pod graph.Value) iter.Seq[graph.Value] {
	return func(yield func(graph.Value) bool) {
		for _, list := range [...]string{"initContainers", "containers", "ephemeralContainers"} {
			for c := range pod.At("spec").At(list).Each() {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// cloud are the paths of images in resources of Terraform that run containers
// elsewhere than in Kubernetes. A "!" follows an attribute whose text is a
// document.
var cloud = map[string][]string{
	"aws_apprunner_service":           {"source_configuration.image_repository.image_identifier"},
	"aws_batch_job_definition":        {"container_properties!image", "ecs_properties!taskProperties.containers.image", "eks_properties.pod_properties.containers.image", "node_properties!nodeRangeProperties.container.image"},
	"aws_ecs_task_definition":         {"container_definitions!image"},
	"aws_lambda_function":             {"image_uri"},
	"azurerm_container_app":           {"template.init_container.image", "template.container.image"},
	"azurerm_container_app_job":       {"template.init_container.image", "template.container.image"},
	"azurerm_container_group":         {"init_container.image", "container.image"},
	"docker_container":                {"image"},
	"google_cloud_run_service":        {"template.spec.containers.image"},
	"google_cloud_run_v2_job":         {"template.template.containers.image"},
	"google_cloud_run_v2_service":     {"template.containers.image"},
	"google_cloud_run_v2_worker_pool": {"template.containers.image"},
}

// below yields what is at a path, in every block that is written several times.
func below(v graph.Value, path string) iter.Seq[graph.Value] {
	attribute, inside, decoded := strings.Cut(path, "!")
	if !decoded {
		return v.All(path)
	}
	return func(yield func(graph.Value) bool) {
		for a := range v.All(attribute) {
			doc := a.Decoded()
			if doc.Kind() == graph.Unknown {
				doc = a // its own place says where
			}
			for image := range doc.All(inside) {
				if !yield(image) {
					return
				}
			}
		}
	}
}

// filledIn tells whether text waits for another tool to fill it in: what stands
// there is not what will run.
func filledIn(text string) bool {
	return strings.HasPrefix(text, "$") || strings.Contains(text, "${") || strings.Contains(text, "$(") || strings.Contains(text, "{{")
}
