package image

import (
	"fmt"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/internal/edit"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// users holds the rules about who the program of an image runs as.
var users = []*analyzers.Rule{{
	ID:        "image-root-not-started",
	Title:     "Image runs as root where root is not started",
	Why:       "The pod says `runAsNonRoot`, no `runAsUser`, and the image's own user is root. The kubelet refuses to start the container: the pod stays in CreateContainerConfigError.",
	Remedy:    "Set `runAsUser` to a number that the program can work as, or name a user by number in the image, as in `USER 10001`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		v := u.Container.Security("runAsNonRoot")
		u.ReportIf(p, ownUser(u).And(u.IsRoot()), u.Via, "image %q of container %q runs as root, and %s keeps root from being started", u.Name, u.Container.Name(), v.Key()).
			Note(v, "root is not started because of this")
	}),
}, {
	ID:        "image-user-not-a-number",
	Title:     "Image names its user where only a number is started",
	Why:       "With `runAsNonRoot` the kubelet has to know that the user is not root, and it does not read the image's list of users. It refuses to start the container: the pod stays in CreateContainerConfigError.",
	Remedy:    "Set `runAsUser` to the number of the user, or write the number into the image, as in `USER 10001`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Fix:       analyzers.Safe,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		name, named := u.NamedUser()
		if !named || u.IsRoot() == graph.True {
			return
		}
		v := u.Container.Security("runAsNonRoot")
		f := u.ReportIf(p, ownUser(u), u.Via, "image %q of container %q runs as %q, of which %s cannot tell that it is not root", u.Name, u.Container.Name(), name, v.Key()).
			Note(v, "a number is asked for because of this")
		if id, known := u.At("config.userId").Int(0); known && u.IsRoot() == graph.False {
			f.Fix(fmt.Sprintf("Set runAsUser to %d, which is %s", id, name), edit.Set(u.Container.At("securityContext.runAsUser"), edit.Number(int(id))))
		}
	}),
}, {
	ID:        "image-user-root",
	Title:     "Image runs as root",
	Why:       "Whoever runs the image without a thought of its user runs its program as root, which is root to the kernel: a hole in the runtime or a mounted directory is then enough to get onto the node.",
	Remedy:    "Make a user in the image and name it by number at the end of the Dockerfile: `USER 10001`. Ports from 1024 up need no root.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_DOCKER_3", "checkov:CKV_DOCKER_8", "trivy:DS-0002"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		if !u.Alone() {
			p.Look(-1) // what runs it may say otherwise: k8s-run-as-root looks at both
			return
		}
		user := u.At("config.user")
		if user.Str() == "" {
			u.ReportIf(p, u.IsRoot(), user, "image %q names no user and runs as root", u.Name)
			return
		}
		u.ReportIf(p, u.IsRoot(), user, "image %q runs as %q, which is root", u.Name, user.Str())
	}),
}}

// ownUser tells whether the container runs as the image's own user, and the
// kubelet has to know that this is not root.
func ownUser(u images.Use) graph.Tri {
	c := u.Container
	return c.Security("runAsNonRoot").Bool(false).And(c.Security("runAsUser").Present().Not(), c.Pod.Windows().Not())
}
