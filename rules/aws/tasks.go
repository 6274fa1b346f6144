package aws

import (
	"iter"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const taskDefinition = "aws_ecs_task_definition"

// tasks holds the rules about what ECS runs.
var tasks = []*analyzers.Rule{{
	ID:        "aws-ecs-privileged-container",
	Title:     "Container of a task runs privileged",
	Why:       "A privileged container can do on its host what root can. Whoever breaks into it has the instance, its role and all other tasks there.",
	Remedy:    "Remove `privileged`, and add the single capabilities that are needed in `linuxParameters`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: eachTaskContainer(func(p *analyzers.Pass, c graph.Value) {
		v := c.At("privileged")
		p.ReportIf(v.Bool(false), v, "container %q runs privileged", c.At("name").Str())
	}),
}, {
	ID:        "aws-ecs-writable-root",
	Title:     "Container of a task can write to its root file system",
	Why:       "Whoever gets code to run in the container can put tools there and change the program.",
	Remedy:    "Set `readonlyRootFilesystem` to `true`, with volumes for what has to be written.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_336"},
	Check: eachTaskContainer(func(p *analyzers.Pass, c graph.Value) {
		v := c.At("readonlyRootFilesystem")
		p.ReportIf(v.Bool(false).Not(), v, "container %q can write to its root file system", c.At("name").Str())
	}),
}, {
	ID:        "aws-ecs-environment-credentials",
	Title:     "Credentials stand in the environment of a task",
	Why:       "The environment can be read by everybody who may describe task definitions, and it stands in the repository. The task has a role and needs no key.",
	Remedy:    "Give the rights to `task_role_arn`, and pass other secrets by `secrets` from Secrets Manager. Then delete the key: it stays in the history.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Same:      []string{"trivy:AWS-0036"},
	Check: eachTaskContainer(func(p *analyzers.Pass, c graph.Value) {
		for e := range c.At("environment").Each() {
			name, v := e.At("name").Str(), e.At("value")
			p.ReportIf(graph.Of(holdsCredential(name, v.Str())), v, "the variable %q of container %q holds a credential", name, c.At("name").Str())
		}
	}),
}, {
	ID:        "aws-ecs-host-processes",
	Title:     "Task sees the processes of its host",
	Why:       "With the host's process namespace a container can look into all other tasks there, at their environments too, and stop them.",
	Remedy:    "Remove `pid_mode`, or set it to `\"task\"` when the containers of one task have to see each other.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("pid_mode")
		p.ReportIf(v.Is("host"), v, "%s is %q", v.Key(), v.Str())
	}, taskDefinition),
}, {
	ID:        "aws-ecs-efs-plaintext",
	Title:     "Task mounts a file system without encryption on the way",
	Why:       "What is read and written goes over the network in plain text, and the file system cannot check the task's role.",
	Remedy:    "Set `transit_encryption = \"ENABLED\"`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_AWS_97"},
	Fix:       analyzers.Unsafe,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for efs := range r.Config.All("volume.efs_volume_configuration") {
			if efs.Present() == graph.False {
				continue
			}
			v := efs.At("transit_encryption")
			p.ReportIf(attr.OneOf("ENABLED").Holds(v).Not(), v, "%s is not ENABLED", v.Key()).
				Fix("Encrypt what goes over the network", edit.Set(v, edit.Text("ENABLED")))
		}
	}, taskDefinition),
}}

// eachTaskContainer makes a check of one about a container definition.
func eachTaskContainer(check func(*analyzers.Pass, graph.Value)) func(*analyzers.Pass) {
	return analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		for c := range taskContainers(r) {
			check(p, c)
		}
	}, taskDefinition)
}

// taskContainers are the containers of a task definition; one that is unknown
// where they are not known.
func taskContainers(r *graph.Resource) iter.Seq[graph.Value] {
	doc := r.At("container_definitions").Decoded()
	if doc.Kind() == graph.Unknown {
		return func(yield func(graph.Value) bool) { yield(doc) }
	}
	return doc.Each()
}
