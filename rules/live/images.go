package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// imageIDs holds the rules about which images run under the names that are
// written.
var imageIDs = []*analyzers.Rule{{
	ID:        "live-image-digests-mixed",
	Title:     "Pods of one workload run different images under one name",
	Why:       "The tag was pushed again between two starts of pods. Two versions answer side by side, and no rollback tells them apart.",
	Remedy:    "Pin the image by its digest, or give every build a tag of its own, and roll out again.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Needs:     []string{node},
	Check: each(func(p *analyzers.Pass, c container) {
		v := c.At("image")
		if digests := c.mixed(p.Graph); len(digests) > 1 && !workload.ParseImage(v.Str()).Pinned() {
			for i, d := range digests {
				digests[i] = short(d)
			}
			p.ReportAt(v, tag(v), "%s is %q, and pods run %s", v.Key(), v.Str(), strings.Join(digests, " and "))
		}
	}),
}}

// mixed are the digests of which pods on nodes of one architecture run several;
// some runtimes name an image of several architectures by the part they run.
func (c container) mixed(g *graph.Graph) []string {
	byPart := map[string][]graph.Value{}
	for _, now := range c.now {
		n, _ := live.Find(g, c.Resource(), node, "", pod(now).At("node").Str())
		part := ""
		if n.Resource != nil {
			part = n.At("status.nodeInfo.architecture").Str()
		}
		byPart[part] = append(byPart[part], now)
	}
	var all []string
	for _, now := range byPart {
		if some := (container{c.Container, now, c.pods}).digests(); len(some) > 1 {
			all = append(all, some...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// digests are the digests of the images that a container runs in pods that
// were made with its present image, sorted.
func (c container) digests() []string {
	var all []string
	for _, now := range c.now {
		_, digest, ok := strings.Cut(now.At("imageID").Str(), "@")
		if ok && now.At("image").Str() == c.At("image").Str() && !slices.Contains(all, digest) {
			all = append(all, digest)
		}
	}
	slices.Sort(all)
	return all
}

// tag is the place of the tag of an image, which may be written elsewhere than
// its repository.
func tag(image graph.Value) *source.Origin {
	i := workload.ParseImage(image.Str())
	if i.Tag == "" {
		return image.Place()
	}
	return image.Part(i.TagStart, i.TagEnd)
}

// short is a digest as people compare it.
func short(digest string) string {
	algorithm, hex, _ := strings.Cut(digest, ":")
	return fmt.Sprintf("%s:%.12s", algorithm, hex)
}
