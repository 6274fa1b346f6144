package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/parsers/helm"
)

// onlyMetadata asks for the metadata of an object, and does not take the rest.
const onlyMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// A DryRunner asks a server what would come of applying what is written. That
// is a PATCH, the only request of this package that is no GET; dryRun=All makes
// the server do all of it but keep the outcome. Webhooks and admission have
// their say, so what they would do again is no drift.
type DryRunner struct {
	client  *client
	refused map[string]bool // types that the user may not patch
	over    bool            // the server cannot answer, and is not asked again
}

// NewDryRunner prepares for dry runs and asks nothing yet.
func NewDryRunner(o Options) (*DryRunner, error) {
	c, _, err := open(o.withDefaults(), true)
	if err != nil {
		return nil, err
	}
	return &DryRunner{client: c, refused: map[string]bool{}}, nil
}

// only leaves of differences those that applying would undo. Where the server
// cannot be asked all stay, and why says so; it is said once for a type, and
// once where it is so for all that follow.
func (r *DryRunner) only(ctx context.Context, s *Snapshot, o *liveObject, t tie, all []Difference) (left []Difference, others int, why string) {
	body := applicable(o, t)
	kind, served := s.version(body)
	if len(all) == 0 || body == nil || !served || r.over || r.refused[o.typ()] {
		return all, 0, ""
	}
	applied, f := r.client.apply(ctx, kind, body)
	if f != nil {
		r.refused[o.typ()], r.over = f.reason == Forbidden, !f.lasting
		why = fmt.Sprintf("%s: the server was not asked what applying would do: %s", o.id(), f.text)
		if r.over {
			why += "; it is not asked about others either"
		}
		return all, 0, why
	}
	for _, d := range all {
		if differ(applied, o.raw, d.at) {
			left = append(left, d)
		} else {
			others++
		}
	}
	return left, others, ""
}

// applicable is a written object as it would be applied; nil where some of it
// is not known. Of Secrets it is the metadata, the only part that is compared.
func applicable(o *liveObject, t tie) map[string]any {
	tree := t.written.Tree()
	if o.typ() == "core/Secret" {
		tree = tree.WithFields(slices.DeleteFunc(slices.Clone(tree.Fields()), func(f graph.Field) bool {
			return f.Key != "apiVersion" && f.Key != "kind" && f.Key != "metadata"
		}))
	}
	known := true
	tree.Replace(func(n *graph.Node) *graph.Node {
		known = known && n.Kind() != graph.Unknown && !(len(t.names) > 0 && n.Kind() == graph.String && strings.Contains(n.Text(), helm.DefaultReleaseName))
		return n
	})
	body, _ := tree.JSON().(map[string]any)
	meta := mapAt(body, "metadata")
	if !known || meta == nil {
		return nil
	}
	meta["name"] = o.name()
	delete(body, "status")
	delete(meta, "managedFields")
	if o.namespace() != "" {
		meta["namespace"] = o.namespace()
	}
	return body
}

// version is the kind of an object in the version that it is written in.
func (s *Snapshot) version(o map[string]any) (Kind, bool) {
	for _, k := range s.Kinds {
		if k.APIVersion() == text(o, "apiVersion") && k.Kind == text(o, "kind") {
			return k, true
		}
	}
	return Kind{}, false
}

// apply asks what would come of applying an object by force.
func (c *client) apply(ctx context.Context, k Kind, o map[string]any) (map[string]any, *failure) {
	object, namespace, accept := &unstructured.Unstructured{Object: o}, "", asJSON
	if k.isSecret() {
		accept = onlyMetadata
	}
	if k.Namespaced {
		namespace = object.GetNamespace()
	}
	applied, f := ask(ctx, c, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return c.objects(k, namespace, accept).Apply(ctx, object.GetName(), object,
			metav1.ApplyOptions{DryRun: []string{metav1.DryRunAll}, Force: true, FieldManager: "seaworthy-drift"})
	})
	if f != nil {
		return nil, f
	}
	return applied.Object, nil
}
