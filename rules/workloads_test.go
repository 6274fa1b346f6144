package rules_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/analyzers/driver"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/formats"
)

const podSpec = `{metadata: {labels: {app: web}}, spec: {serviceAccountName: web, initContainers: [{name: first}], containers: [{name: app, image: "web:1"}]}}`

// workloads are objects of every kind that makes pods, as YAML; POD stands for
// a pod's metadata and spec.
var workloads = map[string]string{
	"core/Pod":                                   `{apiVersion: v1, kind: Pod, metadata: {name: w}, spec: {serviceAccountName: web, initContainers: [{name: first}], containers: [{name: app, image: "web:1"}]}}`,
	"apps/Deployment":                            `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w}, spec: {template: POD}}`,
	"apps/StatefulSet":                           `{apiVersion: apps/v1beta2, kind: StatefulSet, metadata: {name: w}, spec: {template: POD}}`,
	"apps/DaemonSet":                             `{apiVersion: extensions/v1beta1, kind: DaemonSet, metadata: {name: w}, spec: {template: POD}}`,
	"apps/ReplicaSet":                            `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: w}, spec: {template: POD}}`,
	"core/ReplicationController":                 `{apiVersion: v1, kind: ReplicationController, metadata: {name: w}, spec: {template: POD}}`,
	"core/PodTemplate":                           `{apiVersion: v1, kind: PodTemplate, metadata: {name: w}, template: POD}`,
	"batch/Job":                                  `{apiVersion: batch/v1, kind: Job, metadata: {name: w}, spec: {template: POD}}`,
	"batch/CronJob":                              `{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: w}, spec: {jobTemplate: {spec: {template: POD}}}}`,
	"apps.openshift.io/DeploymentConfig":         `{apiVersion: v1, kind: DeploymentConfig, metadata: {name: w}, spec: {template: POD}}`,
	"argoproj.io/Rollout":                        `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: w}, spec: {template: POD}}`,
	"serving.knative.dev/Service":                `{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: w}, spec: {template: POD}}`,
	"serving.knative.dev/Configuration":          `{apiVersion: serving.knative.dev/v1, kind: Configuration, metadata: {name: w}, spec: {template: POD}}`,
	"serving.knative.dev/Revision":               `{apiVersion: serving.knative.dev/v1, kind: Revision, metadata: {name: w}, spec: {serviceAccountName: web, initContainers: [{name: first}], containers: [{name: app, image: "web:1"}]}}`,
	"sources.knative.dev/ContainerSource":        `{apiVersion: sources.knative.dev/v1, kind: ContainerSource, metadata: {name: w}, spec: {template: POD}}`,
	"apps.kruise.io/CloneSet":                    `{apiVersion: apps.kruise.io/v1alpha1, kind: CloneSet, metadata: {name: w}, spec: {template: POD}}`,
	"apps.kruise.io/DaemonSet":                   `{apiVersion: apps.kruise.io/v1alpha1, kind: DaemonSet, metadata: {name: w}, spec: {template: POD}}`,
	"apps.kruise.io/StatefulSet":                 `{apiVersion: apps.kruise.io/v1beta1, kind: StatefulSet, metadata: {name: w}, spec: {template: POD}}`,
	"apps.kruise.io/BroadcastJob":                `{apiVersion: apps.kruise.io/v1alpha1, kind: BroadcastJob, metadata: {name: w}, spec: {template: POD}}`,
	"apps.kruise.io/AdvancedCronJob":             `{apiVersion: apps.kruise.io/v1alpha1, kind: AdvancedCronJob, metadata: {name: w}, spec: {template: {jobTemplate: {spec: {template: POD}}}}}`,
	"agents.x-k8s.io/Sandbox":                    `{apiVersion: agents.x-k8s.io/v1alpha1, kind: Sandbox, metadata: {name: w}, spec: {podTemplate: POD}}`,
	"extensions.agents.x-k8s.io/SandboxTemplate": `{apiVersion: extensions.agents.x-k8s.io/v1alpha1, kind: SandboxTemplate, metadata: {name: w}, spec: {podTemplate: POD}}`,
	"batch.volcano.sh/Job":                       `{apiVersion: batch.volcano.sh/v1alpha1, kind: Job, metadata: {name: w}, spec: {tasks: [{name: a, template: POD}]}}`,
	"jobset.x-k8s.io/JobSet":                     `{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, metadata: {name: w}, spec: {replicatedJobs: [{name: a, template: {spec: {template: POD}}}]}}`,
	"keda.sh/ScaledJob":                          `{apiVersion: keda.sh/v1alpha1, kind: ScaledJob, metadata: {name: w}, spec: {jobTargetRef: {template: POD}}}`,
	"kubeflow.org/Notebook":                      `{apiVersion: kubeflow.org/v1, kind: Notebook, metadata: {name: w}, spec: {template: POD}}`,
	"kubeflow.org/MPIJob":                        `{apiVersion: kubeflow.org/v1, kind: MPIJob, metadata: {name: w}, spec: {mpiReplicaSpecs: {Worker: {template: POD}}}}`,
	"kubeflow.org/PyTorchJob":                    `{apiVersion: kubeflow.org/v1, kind: PyTorchJob, metadata: {name: w}, spec: {pytorchReplicaSpecs: {Worker: {template: POD}}}}`,
	"kubeflow.org/TFJob":                         `{apiVersion: kubeflow.org/v1, kind: TFJob, metadata: {name: w}, spec: {tfReplicaSpecs: {Worker: {template: POD}}}}`,
	"leaderworkerset.x-k8s.io/LeaderWorkerSet":   `{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: {name: w}, spec: {leaderWorkerTemplate: {size: 2, workerTemplate: POD}}}`,
	"example.com/Boat":                           `{apiVersion: example.com/v1, kind: Boat, metadata: {name: w}, spec: {crew: [{pod: POD}]}}`,
}

const terraformPod = `
  service_account_name = "web"
  init_container { name = "first" }
  container {
    name  = "app"
    image = "web:1"
  }`

// typedWorkloads are the typed resources of Terraform that make pods; POD
// stands for a pod's spec.
var typedWorkloads = map[string]string{
	"core/Pod": `kubernetes_pod w { spec { POD } }`,
	"apps/Deployment": `kubernetes_deployment w { spec { template {
		metadata { labels = { app = "web" } }
		spec { POD } } } }`,
	"apps/StatefulSet": `kubernetes_stateful_set_v1 w { spec { template {
		spec { POD } } } }`,
	"apps/DaemonSet": `kubernetes_daemonset w { spec { template {
		spec { POD } } } }`,
	"core/ReplicationController": `kubernetes_replication_controller w { spec { template {
		spec { POD } } } }`,
	"batch/Job": `kubernetes_job_v1 w { spec { template {
		spec { POD } } } }`,
	"batch/CronJob": `kubernetes_cron_job_v1 w { spec { job_template { spec { template {
		spec { POD } } } } } }`,
}

// TestEveryKindOfWorkload reads each kind in each form in which it can be
// written: rules see the pod, its containers and its account in all of them.
func TestEveryKindOfWorkload(t *testing.T) {
	for _, typ := range kube.PodTypes {
		if workloads[typ] == "" {
			t.Errorf("%s is not tested", typ)
		}
	}
	for typ, text := range workloads {
		object := strings.ReplaceAll(text, "POD", podSpec)
		t.Run(typ, func(t *testing.T) {
			seen(t, typ, "w.yaml", object)
		})
		t.Run(typ+" in a List", func(t *testing.T) {
			seen(t, typ, "w.yaml", "{apiVersion: v1, kind: List, items: ["+object+"]}")
		})
		t.Run(typ+" as kubectl_manifest", func(t *testing.T) {
			seen(t, typ, "main.tf", "resource \"kubectl_manifest\" \"w\" {\n  yaml_body = <<-E\n    "+object+"\n  E\n}\n")
		})
		t.Run(typ+" as kubernetes_manifest", func(t *testing.T) {
			seen(t, typ, "main.tf", "resource \"kubernetes_manifest\" \"w\" {\n  manifest = yamldecode(<<-E\n    "+object+"\n  E\n  )\n}\n")
		})
	}
	for typ, text := range typedWorkloads {
		t.Run(typ+" as a typed resource", func(t *testing.T) {
			words := strings.SplitN(text, " ", 3)
			body := strings.NewReplacer("{ ", "{\n", " }", "\n}").Replace(words[2])
			body = strings.Replace(body, "app = \"web\"\n}", "app = \"web\" }", 1)
			seen(t, typ, "main.tf", "resource \""+words[0]+"\" \""+words[1]+"\" "+strings.Replace(body, "POD", terraformPod, 1)+"\n")
		})
	}
}

// seen fails unless the file holds one pod of the type with two containers.
func seen(t *testing.T, typ, name, text string) {
	t.Helper()
	load := driver.Load{
		Tree: source.NewTree(fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}), Under: []string{"."},
		Sources: formats.Sources(formats.Options{}), Link: formats.Link,
		Template: func(_ parsers.Root, r *graph.Resource) string {
			if r.Type == "example.com/Boat" {
				return "spec.crew.*.pod"
			}
			return ""
		},
	}
	loaded, err := load.Graph(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded.Graph.Problems() {
		t.Errorf("problem: %s", p.Message)
	}
	pods, containers := workload.Pods.Of(loaded.Graph), workload.Containers.Of(loaded.Graph)
	if len(pods) != 1 || len(containers) != 2 {
		t.Fatalf("%d pods, %d containers in:\n%s", len(pods), len(containers), text)
	}
	if got := pods[0].Resource().Type; got != typ {
		t.Errorf("the type is %s", got)
	}
	if account, _ := pods[0].ServiceAccount(); account != "web" || containers[0].At("image").Str() != "web:1" || containers[1].Kind != workload.Init {
		t.Errorf("account %q, image %q", account, containers[0].At("image").Str())
	}
}

// TestRolloutOfADeployment: the pods are the Deployment's.
func TestRolloutOfADeployment(t *testing.T) {
	seen(t, "apps/Deployment", "w.yaml", strings.ReplaceAll(workloads["apps/Deployment"], "POD", podSpec)+`
---
{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: w}, spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: w}}}`)
}
