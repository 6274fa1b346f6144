// Package s3 joins buckets with what configures them. Since version 4 of the
// AWS provider a bucket's ACL, versioning, encryption, logging and policy are
// resources of their own, which name the bucket by reference or by name; older
// configurations have them as blocks in the bucket. Rules ask a [Bucket] and
// see both.
package s3

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// BucketType is the type of buckets; "_" and the name of a part makes the type
// of the part.
const BucketType = "aws_s3_bucket"

// A Bucket is a bucket and the resources that configure it.
type Bucket struct {
	*graph.Resource
	parts map[string][]*graph.Resource
	// loose are the parts of which there is one in the root whose bucket is
	// not known: it may be this bucket's.
	loose map[string]bool
	logs  graph.Tri
}

// Part yields the resources of type aws_s3_bucket_<name> for this bucket.
func (b *Bucket) Part(name string) []*graph.Resource { return b.parts[BucketType+"_"+name] }

// Has tells whether there is a part of that name. It is Unsure when there is
// one whose bucket is not known.
func (b *Bucket) Has(name string) graph.Tri {
	if len(b.Part(name)) > 0 {
		return graph.True
	}
	if b.loose[BucketType+"_"+name] {
		return graph.Unsure
	}
	return graph.False
}

// HoldsLogs tells whether the bucket is where access logs of S3, load
// balancers or others go, as far as can be seen.
func (b *Bucket) HoldsLogs() graph.Tri { return b.logs }

// Buckets are all buckets, and the calls of the registry's module that makes
// one: it takes what are parts here as arguments.
var Buckets = analyzers.NewFact(func(g *graph.Graph) []*Bucket {
	var all []*Bucket
	for r := range g.OfType(BucketType) {
		all = append(all, &Bucket{Resource: r, parts: map[string][]*graph.Resource{}, loose: map[string]bool{}, logs: graph.False})
	}
	for part := range g.OfType(BucketType + "_*") {
		if part.Type == BucketType+"_object" {
			continue
		}
		owners, known := owners(all, part)
		for _, b := range owners {
			b.parts[part.Type] = append(b.parts[part.Type], part)
		}
		if known {
			continue
		}
		for _, b := range all {
			if b.Root == part.Root {
				b.loose[part.Type] = true
			}
		}
	}
	for r := range g.OfType(registry.CallType) {
		if registry.Is(r, registry.S3Bucket) {
			all = append(all, &Bucket{Resource: r, logs: graph.False})
		}
	}
	for _, b := range all {
		b.logs = b.logs.Or(holdsLogs(g, b))
	}
	return all
})

// owners are the buckets that a part is for; known is false when it may be for
// any.
func owners(all []*Bucket, part *graph.Resource) (found []*Bucket, known bool) {
	v := part.At("bucket")
	refs := v.Refs()
	name, named := v.Text("")
	for _, b := range all {
		if b.Root != part.Root {
			continue
		}
		own := b.At("bucket")
		switch {
		case len(refs) > 0:
			if iam.Names(refs, b.ID) {
				found = append(found, b)
			}
		case named:
			if s, ok := own.Text(""); ok && s != "" && s == name {
				found = append(found, b)
			}
		case sameText(own, v):
			found = append(found, b)
		}
	}
	if i := slices.IndexFunc(found, func(b *Bucket) bool { return instance(b.ID) != "" && instance(b.ID) == instance(part.ID) }); i >= 0 {
		found = found[i : i+1] // this["a"] of both: a part for each instance
	}
	return found, len(found) > 0 || len(refs) > 0 || named
}

// sameText tells whether two unknown values are written with the same words in
// the same file set, such as var.bucket in a bucket and in its part.
func sameText(a, b graph.Value) bool {
	if a.Known() || b.Known() {
		return false
	}
	x, y := a.Origin(), b.Origin()
	return x != nil && y != nil && module(a.Resource().ID) == module(b.Resource().ID) && x.Span.Text() == y.Span.Text()
}

// module is the address of the module that a resource is in.
func module(id string) string {
	if !strings.HasPrefix(id, "module.") {
		return ""
	}
	if i := strings.LastIndex(id, "."+BucketType); i >= 0 {
		return id[:i]
	}
	return id
}

// instance is the key of an instance: ["a"] or [0].
func instance(id string) string {
	if i := strings.IndexByte(id[strings.LastIndex(id, "."+BucketType)+1:], '['); i >= 0 && strings.HasSuffix(id, "]") {
		return id[strings.LastIndex(id, "."+BucketType)+1:][i:]
	}
	return ""
}

// delivery are the services that write logs into buckets.
var delivery = []string{"logging.s3.amazonaws.com", "delivery.logs.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}

func holdsLogs(g *graph.Graph, b *Bucket) graph.Tri {
	acl := b.At("acl").Is("log-delivery-write")
	for _, part := range b.Part("acl") {
		acl = acl.Or(part.At("acl").Is("log-delivery-write"))
		for uri := range part.Config.All("access_control_policy.grant.grantee.uri") {
			acl = acl.Or(uri.Is("http://acs.amazonaws.com/groups/s3/LogDelivery"))
		}
	}
	for _, part := range slices.Concat(b.Part("policy"), []*graph.Resource{b.Resource}) {
		for d := range iam.Of(g, part, iam.Resource) {
			for s := range d.Statements() {
				for p := range s.Principals() {
					acl = acl.Or(graph.Of(p.Type == "Service").And(p.ID.Is(delivery...)))
				}
			}
		}
	}
	if acl == graph.True {
		return acl
	}
	for e := range g.In(b.Resource, graph.References) {
		for _, path := range [...]string{"target_bucket", "logging.target_bucket", "access_logs.bucket", "logging_config.bucket", "s3_bucket_name"} {
			if iam.Names(e.From.At(path).Refs(), b.ID) {
				return graph.True
			}
		}
	}
	return acl
}
