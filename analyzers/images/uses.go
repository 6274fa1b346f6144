package images

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A Use is one place that an image is named at.
type Use struct {
	Image
	// Via is the value that names the image; absent for an image that somebody
	// asked about alone.
	Via graph.Value
	// Container is the one that the value is in; its Value is absent where the
	// image is named by something else.
	Container workload.Container
}

// Uses are all places that images which were read are named at, image after
// image; one without a place for each image that nothing names.
var Uses = analyzers.NewFact(func(g *graph.Graph) []Use {
	all := All.Of(g)
	if len(all) == 0 {
		return nil
	}
	containers := map[graph.Value]workload.Container{}
	for _, c := range workload.Containers.Of(g) {
		containers[c.At("image")] = c
	}
	var uses []Use
	for _, i := range all {
		for _, e := range i.Uses {
			uses = append(uses, Use{i, e.Via, containers[e.Via]})
		}
		if len(i.Uses) == 0 {
			uses = append(uses, Use{Image: i})
		}
	}
	return uses
})

// byContainer are the uses by the value that names the image.
var byContainer = analyzers.NewFact(func(g *graph.Graph) map[graph.Value]Use {
	uses := map[graph.Value]Use{}
	for _, u := range Uses.Of(g) {
		uses[u.Via] = u
	}
	return uses
})

// Of is the image that a container runs, when it was read.
func Of(g *graph.Graph, c workload.Container) (Use, bool) {
	u, ok := byContainer.Of(g)[c.At("image")]
	return u, ok && u.Contained()
}

// Report reports a finding about the image where it is named, or at own, a
// value of the image's, when nothing names it.
func (u Use) Report(p *analyzers.Pass, own graph.Value, format string, args ...any) *analyzers.Finding {
	if u.Alone() {
		return p.Report(own, format, args...)
	}
	return p.ReportAt(u.Via, Place(u.Via), format, args...)
}

// ReportIf is Report when bad is True, and counts the place as unsure when it
// is not known. It returns nil when it did not report.
func (u Use) ReportIf(p *analyzers.Pass, bad graph.Tri, own graph.Value, format string, args ...any) *analyzers.Finding {
	switch bad {
	case graph.True:
		return u.Report(p, own, format, args...)
	case graph.Unsure:
		if !u.Alone() {
			own = u.Via
		}
		return p.ReportIf(bad, own, format, args...)
	case graph.False:
	}
	return nil
}

// Alone tells whether nothing names the image: somebody asked about it alone.
func (u Use) Alone() bool { return u.Via.Kind() == graph.Absent }

// Contained tells whether it is a container that names the image.
func (u Use) Contained() bool { return u.Container.Value.Kind() != graph.Absent }

// Found tells whether the image has one of its files of a kind: setuid,
// shells, packageManagers or privateKeys. It is Unsure where none was seen and
// not all of the image could be read.
func (i Image) Found(kind string) (files []string, found graph.Tri) {
	for f := range i.At("files." + kind).Each() {
		files = append(files, "/"+f.At("path").Str())
	}
	if len(files) > 0 {
		return files, graph.True
	}
	return nil, i.Whole().Not().And(graph.Unsure)
}

// Whole tells whether all of the image could be read.
func (i Image) Whole() graph.Tri { return i.At("gaps").Present().Not() }

// Strings are the texts of a list of the image's.
func (i Image) Strings(path string) []string {
	var all []string
	for v := range i.At(path).Each() {
		all = append(all, v.Str())
	}
	return all
}

// IsRoot tells whether the image's own user is root. Of a user that it names
// and does not have the number is not known.
func (i Image) IsRoot() graph.Tri {
	name, _, _ := strings.Cut(i.At("config.user").Str(), ":")
	if i.OS() == "windows" {
		return graph.False
	}
	if name == "" || name == "root" {
		return graph.True
	}
	if !(i.At("config.userKnown").Bool(false) == graph.True) {
		return graph.Unsure
	}
	id, known := i.At("config.userId").Int(0)
	if !known {
		return graph.Unsure
	}
	return graph.Of(id == 0)
}

// NamedUser is the image's user when it is a name and not a number, which the
// kubelet cannot tell from root.
func (i Image) NamedUser() (name string, ok bool) {
	name, _, _ = strings.Cut(i.At("config.user").Str(), ":")
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	return name, name != "" && strings.IndexFunc(name, func(r rune) bool { return !digit(r) }) >= 0
}

// StartsNonRoot tells whether the kubelet starts the image under runAsNonRoot:
// its user is a number and not root's.
func (i Image) StartsNonRoot() bool {
	_, named := i.NamedUser()
	return !named && i.IsRoot() == graph.False
}

// OS is the operating system that the image is for, "linux" unless it says so.
func (i Image) OS() string {
	os, _, _ := strings.Cut(i.At("platform").Str(), "/")
	if os == "" {
		return "linux"
	}
	return os
}

// Platforms are the platforms there are of the image, os/architecture without
// variants. They are known where it was read with all of them: an archive may
// have been saved for one platform of many.
func (i Image) Platforms() (platforms []string, known bool) {
	for _, p := range i.Strings("platforms") {
		parts := strings.SplitN(p, "/", 3)
		if len(parts) > 1 && !slices.Contains(platforms, parts[0]+"/"+parts[1]) {
			platforms = append(platforms, parts[0]+"/"+parts[1])
		}
	}
	whole := i.At("index").Present() == graph.True || i.At("source").Is("registry") == graph.True
	return platforms, len(platforms) > 0 && whole
}

// Pin is the digest to pin the image to: that of its index, where it has one.
// It is "" of an image that was not read from its registry, which may have
// another one.
func (i Image) Pin() string {
	if !(i.At("source").Is("registry") == graph.True) {
		return ""
	}
	if index := i.At("index").Str(); index != "" {
		return index
	}
	return i.At("digest").Str()
}
