package image

import (
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// contents holds the rules about the files of an image.
var contents = []*analyzers.Rule{{
	ID:        "image-setuid",
	Title:     "Image has setuid programs that the container may use",
	Why:       "A setuid or setgid program runs with the rights of its owner, mostly root. With a hole in one an intruder becomes root in the container, whatever user its program has.",
	Remedy:    "Set `allowPrivilegeEscalation: false`, which makes them harmless, or take the bits away in the build (`find / -perm /6000 -type f -exec chmod a-s {} +`).",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		files, found := u.Found("setuid")
		if u.Contained() {
			found = found.And(u.Container.At("securityContext.allowPrivilegeEscalation").Bool(true), u.Container.Pod.Windows().Not())
		}
		u.ReportIf(p, found, u.At("files.setuid"), "image %q has setuid programs: %s", u.Name, listed(files)).Collect(files)
	}),
}, {
	ID:        "image-package-manager",
	Title:     "Image has a package manager",
	Why:       "An intruder installs what is missing with one command. The program does not need it once the image is built.",
	Remedy:    "Build in one stage and copy the result into a small image without one (`scratch`, distroless), or remove it in the same step that used it last.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		files, found := u.Found("packageManagers")
		u.ReportIf(p, found, u.At("files.packageManagers"), "image %q has package managers: %s", u.Name, listed(files)).Collect(files)
	}),
}, {
	ID:        "image-shell",
	Title:     "Image has a shell",
	Why:       "Most attacks begin with a shell: a hole that runs one command becomes a session. The program rarely needs one.",
	Remedy:    "Build in one stage and copy the result into an image without a shell (`scratch`, distroless). For looking inside there is `kubectl debug`.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		files, found := u.Found("shells")
		u.ReportIf(p, found, u.At("files.shells"), "image %q has shells: %s", u.Name, listed(files)).Collect(files)
	}),
}, {
	ID:        "image-too-large",
	Title:     "Image is large",
	Why:       "Every node pulls it before its first pod starts: a rollout, a node that fails over and an autoscaler wait for that. Most of it is what nobody looks after.",
	Remedy:    "Build in one stage and copy the result into a small image. The parameter `megabytes` says what is too much.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Params:    &Size{Megabytes: 1000},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		const megabyte = 1_000_000
		most := analyzers.ParamsOf[Size](p).Megabytes
		v := u.At("size")
		size, known := v.Int(0)
		u.ReportIf(p, graph.Of(known && size > most*megabyte), v, "image %q has %d megabytes compressed, more than %d", u.Name, size/megabyte, most)
	}),
}, {
	ID:        "image-volume-not-mounted",
	Title:     "Directory that the image keeps data in is not mounted",
	Why:       "The image declares a volume, which is where its program keeps what is to last. With nothing mounted there it is gone with the pod; and where the root file system is read-only, the program may not start.",
	Remedy:    "Mount a volume there: one of a PersistentVolumeClaim for what is to last, an `emptyDir` for what is not.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		if u.Container.Kind != workload.Regular {
			return
		}
		var missing []string
		bad := graph.False
		for _, dir := range u.Strings("config.volumes") {
			mounted := mounts(u.Container, dir)
			bad = bad.Or(mounted.Not())
			if mounted == graph.False {
				missing = append(missing, dir)
			}
		}
		if u.Container.At("securityContext.readOnlyRootFilesystem").Bool(false) == graph.True {
			u.ReportIf(p, bad, u.Via, "image %q keeps data in %s, where container %q mounts nothing and can write nothing", u.Name, listed(missing), u.Container.Name()).Collect(missing)
			return
		}
		u.ReportIf(p, bad, u.Via, "image %q keeps data in %s, where container %q mounts nothing", u.Name, listed(missing), u.Container.Name()).Collect(missing)
	}),
}}

// Size are the parameters of image-too-large.
type Size struct {
	Megabytes int64 `doc:"How many millions of bytes the layers of an image may have as they are stored."`
}

// mounts tells whether the container mounts something at a directory, around
// it or in it.
func mounts(c workload.Container, dir string) graph.Tri {
	if !c.At("volumeMounts").Known() {
		return graph.Unsure
	}
	mounted := graph.False
	dir = path.Clean(dir)
	for m := range c.At("volumeMounts").Each() {
		v := m.At("mountPath")
		at := path.Clean(v.Str())
		within := graph.Of(at == dir || at == "/" || strings.HasPrefix(dir, at+"/") || strings.HasPrefix(at, dir+"/"))
		if !v.Known() {
			within = graph.Unsure
		}
		mounted = mounted.Or(within)
	}
	return mounted
}

// ports holds the rules about the ports that an image says it listens on.
var ports = []*analyzers.Rule{{
	ID:        "image-port-not-exposed",
	Title:     "Port of the container is none that the image listens on",
	Why:       "Services and probes that name the port reach nothing, if what the image says of its ports is right.",
	Remedy:    "Correct `containerPort`, or the `EXPOSE` of the image. Where the program is told its port by a flag or a variable, ignore this.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		exposed := u.Strings("config.exposedPorts")
		if len(exposed) == 0 {
			return
		}
		for port := range u.Container.At("ports").Each() {
			v := port.At("containerPort")
			protocol, known := port.At("protocol").Text("TCP")
			bad := graph.Of(!slices.Contains(exposed, v.Str()+"/"+strings.ToLower(protocol)))
			if !v.Known() || !known {
				bad = graph.Unsure
			}
			p.ReportIf(bad, v, "%s %s of container %q is none of those that image %q listens on: %s", v.Key(), v.Str(), u.Container.Name(), u.Name, listed(exposed)).
				Note(u.Via, "the image is named here")
		}
	}),
}, {
	ID:        "image-login-port",
	Title:     "Image listens for logins",
	Why:       "A server for SSH or Telnet in a container is a second way in, with passwords and keys of its own that nobody renews and a log that nobody reads.",
	Remedy:    "Take the server out of the image. `kubectl exec` and `kubectl debug` do it with the cluster's own rights and log.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_DOCKER_1", "trivy:DS-0004"},
	Check: each(func(p *analyzers.Pass, u images.Use) {
		exposed := u.At("config.exposedPorts")
		for v := range exposed.Each() {
			if server, ok := logins[v.Str()]; ok {
				u.ReportIf(p, graph.Of(v.Str() == "22/tcp").And(servesSSH(u)).Not(), v, "image %q listens on %s, for %s", u.Name, v.Str(), server)
			}
		}
	}),
}}

// servesSSH tells whether the container says itself that it serves SSH, which
// k8s-ssh-port tells.
func servesSSH(u images.Use) graph.Tri {
	if !u.Contained() {
		return graph.False
	}
	served := u.Container.At("ports").Present().And(graph.Of(!u.Container.At("ports").Known())).And(graph.Unsure)
	for port := range u.Container.At("ports").Each() {
		served = served.Or(port.At("containerPort").Is("22").And(port.At("protocol").Is("UDP").Not()))
	}
	return served
}

var logins = map[string]string{"22/tcp": "SSH", "23/tcp": "Telnet"}
