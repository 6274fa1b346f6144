package survey

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
	"github.com/seaworthy-iac/seaworthy/internal/late"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

var (
	// images of nodes: kindest/node:v1.31.0@sha256:…, rancher/k3s:v1.30.4-k3s1
	nodeImage = late.Pattern(`^(?:[\w.-]+/)*(?:kindest/node|rancher/k3s):v?(1\.\d+)`)
	// kubectl in .tool-versions
	tool = late.Pattern(`(?m)^(?:kubectl|kubernetes)[ \t]+v?(1\.\d+)`)
	// the lower bound of a chart's kubeVersion
	atLeast = late.Pattern(`(?:>=?|\^|~)\s*v?(1\.\d+)`)
)

// versions are the Kubernetes releases that something speaks for: clusters to
// try things on, tools, and what charts ask for at least.
func (l look) versions(files []string) []Version {
	var all []Version
	add := func(v Version) {
		if _, err := kube.Minor(v.Release); err == nil && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	for _, f := range files {
		base := path.Base(f)
		switch {
		case base == ".tool-versions":
			if text, err := l.tree.Read(f); err == nil {
				for _, m := range tool().FindAllSubmatch(text.Data, -1) {
					add(Version{Release: string(m[1]), From: "kubectl in " + l.rel(f)})
				}
			}
		case base == "Chart.yaml":
			l.documents(f, func(v graph.Value) {
				if m := atLeast().FindStringSubmatch(v.At("kubeVersion").Str()); m != nil {
					add(Version{Release: m[1], From: "kubeVersion in " + l.rel(f), Lowest: true})
				}
			})
		case strings.Contains(base, "kind") || strings.Contains(base, "k3d") || strings.Contains(base, "cluster"):
			if ext := path.Ext(base); ext != ".yaml" && ext != ".yml" {
				continue
			}
			l.documents(f, func(v graph.Value) {
				images := []string{v.At("image").Str()}
				for node := range v.At("nodes").Each() {
					images = append(images, node.At("image").Str())
				}
				group, _, _ := strings.Cut(v.At("apiVersion").Str(), "/")
				if group != "kind.x-k8s.io" && group != "k3d.io" {
					return
				}
				for _, image := range images {
					if m := nodeImage().FindStringSubmatch(image); m != nil {
						add(Version{Release: m[1], From: fmt.Sprintf("the nodes of %s", l.rel(f))})
					}
				}
			})
		}
	}
	return all
}

func (l look) documents(name string, do func(graph.Value)) {
	f, err := l.tree.Read(name)
	if err != nil {
		return
	}
	for _, d := range yamltext.Parse(f, nil) {
		if d.Root != nil {
			do(graph.ValueOf(d.Root))
		}
	}
}

// Version is the release that everything agrees on that does not merely ask
// for the least, "" when nothing speaks or not with one voice.
func (s *Survey) Version() string {
	agreed := ""
	for _, v := range s.Versions {
		switch {
		case v.Lowest:
		case agreed == "":
			agreed = v.Release
		case agreed != v.Release:
			return ""
		}
	}
	return agreed
}
