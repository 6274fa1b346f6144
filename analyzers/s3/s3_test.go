package s3

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// written is an unknown value with the text of an expression.
func written(text string) *graph.Node {
	f, err := source.NewTree(fstest.MapFS{"x.tf": {Data: []byte(text)}}).Read("x.tf")
	if err != nil {
		panic(err)
	}
	span := f.Whole()
	return graph.NewUnknown(&span)
}

func named(name string) *graph.Node { return graph.NewString(name, nil) }
func ref(id string) *graph.Node     { return graph.NewUnknown(nil).WithRefs(id) }

func TestParts(t *testing.T) {
	type part struct {
		id     string
		bucket *graph.Node
	}
	for _, c := range []struct {
		name    string
		buckets []part
		part    part
		owners  []string
		has     graph.Tri // what the first bucket has
	}{
		{"by reference", []part{{"aws_s3_bucket.a", named("x")}, {"aws_s3_bucket.b", named("x")}},
			part{"aws_s3_bucket_acl.p", ref("aws_s3_bucket.b")}, []string{"aws_s3_bucket.b"}, graph.False},
		{"by name", []part{{"aws_s3_bucket.a", named("x")}, {"aws_s3_bucket.b", named("y")}},
			part{"aws_s3_bucket_acl.p", named("x")}, []string{"aws_s3_bucket.a"}, graph.True},
		{"other name", []part{{"aws_s3_bucket.a", named("x")}}, part{"aws_s3_bucket_acl.p", named("z")}, nil, graph.False},
		{"reference to none of ours", []part{{"aws_s3_bucket.a", named("x")}}, part{"aws_s3_bucket_acl.p", ref("aws_s3_bucket.gone")}, nil, graph.False},
		{"unknown", []part{{"aws_s3_bucket.a", named("x")}}, part{"aws_s3_bucket_acl.p", written("var.y")}, nil, graph.Unsure},
		{"same words", []part{{"aws_s3_bucket.a", named("x")}, {"aws_s3_bucket.b", written("var.y")}},
			part{"aws_s3_bucket_acl.p", written("var.y")}, []string{"aws_s3_bucket.b"}, graph.False},
		{"same words in another module", []part{{"aws_s3_bucket.a", written("var.y")}},
			part{"module.m.aws_s3_bucket_acl.p", written("var.y")}, nil, graph.Unsure},
		{"all instances", []part{{"aws_s3_bucket.a[0]", named("x")}, {"aws_s3_bucket.a[1]", named("y")}},
			part{"aws_s3_bucket_acl.p", ref("aws_s3_bucket.a")}, []string{"aws_s3_bucket.a[0]", "aws_s3_bucket.a[1]"}, graph.True},
		{"the same instance", []part{{"aws_s3_bucket.a[0]", named("x")}, {"aws_s3_bucket.a[1]", named("y")}},
			part{"aws_s3_bucket_acl.p[1]", ref("aws_s3_bucket.a")}, []string{"aws_s3_bucket.a[1]"}, graph.False},
		{"no name at all", []part{{"aws_s3_bucket.a", nil}}, part{"aws_s3_bucket_acl.p", named("x")}, nil, graph.False},
	} {
		var b graph.Builder
		add := func(p part, typ string) {
			var fields []graph.Field
			if p.bucket != nil {
				fields = []graph.Field{{Key: "bucket", Node: p.bucket}}
			}
			b.Add(graph.NewResource(p.id, typ, "n", graph.NewMap(fields, nil), nil))
		}
		for _, bucket := range c.buckets {
			add(bucket, BucketType)
		}
		add(c.part, BucketType+"_acl")
		all := Buckets.Of(graph.Freeze(&b))
		var owners []string
		for _, bucket := range all {
			if len(bucket.Part("acl")) > 0 {
				owners = append(owners, bucket.ID)
			}
		}
		if !slices.Equal(owners, c.owners) || all[0].Has("acl") != c.has {
			t.Errorf("%s: owners are %v, the first has %v; want %v, %v", c.name, owners, all[0].Has("acl"), c.owners, c.has)
		}
	}
}
