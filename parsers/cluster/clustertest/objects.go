package clustertest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// A Writer changes the objects of a server, as its admin.
type Writer struct {
	// Manager is the field manager that it writes as.
	Manager string

	client dynamic.Interface
	served discovery.DiscoveryInterface
	mu     sync.Mutex // for the mapper
	mapper *restmapper.DeferredDiscoveryRESTMapper
}

// Writer makes a writer.
func (s *Server) Writer(t testing.TB, manager string) *Writer {
	t.Helper()
	config := s.Config(Admin)
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	served, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return &Writer{Manager: manager, client: client, served: served, mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(served))}
}

// rank is what has to be there first, and what stands in the way of others.
func rank(kind string) int {
	switch kind {
	case "CustomResourceDefinition", "Namespace":
		return 0
	case "PriorityClass", "RuntimeClass", "StorageClass", "ServiceAccount", "ClusterRole", "Role":
		return 1
	case "LimitRange", "ResourceQuota":
		return 3
	case "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService":
		return 4
	}
	return 2
}

const ranks = 5

// Create creates the objects, each after what it needs, and tells which the
// server refused, in order.
func (w *Writer) Create(ctx context.Context, objects []map[string]any) (refused []error) {
	return w.each(ctx, objects, func(ctx context.Context, at dynamic.ResourceInterface, o *unstructured.Unstructured) error {
		_, err := at.Create(ctx, o, metav1.CreateOptions{FieldManager: w.Manager})
		return err
	}, w.established)
}

// Apply applies them, as kubectl apply --server-side --force-conflicts does.
func (w *Writer) Apply(ctx context.Context, objects []map[string]any) (refused []error) {
	return w.each(ctx, objects, func(ctx context.Context, at dynamic.ResourceInterface, o *unstructured.Unstructured) error {
		_, err := at.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: w.Manager, Force: true})
		return err
	}, w.established)
}

// Status sets the status of objects that are there, as a controller does.
func (w *Writer) Status(ctx context.Context, objects []map[string]any) (refused []error) {
	return w.each(ctx, objects, func(ctx context.Context, at dynamic.ResourceInterface, o *unstructured.Unstructured) error {
		_, err := at.ApplyStatus(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: w.Manager, Force: true})
		return err
	}, nil)
}

// Delete deletes them.
func (w *Writer) Delete(ctx context.Context, objects []map[string]any) (refused []error) {
	return w.each(ctx, objects, func(ctx context.Context, at dynamic.ResourceInterface, o *unstructured.Unstructured) error {
		return at.Delete(ctx, o.GetName(), metav1.DeleteOptions{})
	}, nil)
}

// each does something with all objects, and after those that define others
// waits for what they define.
func (w *Writer) each(ctx context.Context, objects []map[string]any,
	do func(context.Context, dynamic.ResourceInterface, *unstructured.Unstructured) error,
	defined func(context.Context, *unstructured.Unstructured) error,
) (refused []error) {
	results := make([]error, len(objects))
	for r := range ranks {
		var group errgroup.Group
		group.SetLimit(8)
		for i, object := range objects {
			o := &unstructured.Unstructured{Object: object}
			if rank(o.GetKind()) != r {
				continue
			}
			group.Go(func() error {
				at, err := w.at(o)
				if err == nil {
					err = do(ctx, at, o)
				}
				if err == nil && r == 0 && defined != nil {
					err = defined(ctx, o)
				}
				if err != nil {
					results[i] = fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
				}
				return nil
			})
		}
		_ = group.Wait() // what was refused is told
		if r == 0 {
			w.forget()
		}
	}
	return slices.DeleteFunc(results, func(err error) bool { return err == nil })
}

// forget makes the writer ask anew what is served.
func (w *Writer) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mapper.Reset()
}

// at is where an object belongs.
func (w *Writer) at(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gvk := o.GroupVersionKind()
	w.mu.Lock()
	mapping, err := w.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	resource := w.client.Resource(mapping.Resource)
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return resource, nil
	}
	return resource.Namespace(cmp.Or(o.GetNamespace(), "default")), nil
}

// established waits until a definition's kind is served.
func (w *Writer) established(ctx context.Context, o *unstructured.Unstructured) error {
	if o.GetKind() != "CustomResourceDefinition" {
		return nil
	}
	at, err := w.at(o)
	if err != nil {
		return err
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		now, err := at.Get(ctx, o.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, _ := unstructured.NestedSlice(now.Object, "status", "conditions")
		if slices.ContainsFunc(conditions, func(c any) bool {
			m, _ := c.(map[string]any)
			return m["type"] == "Established" && m["status"] == "True"
		}) {
			return nil
		}
	}
	return fmt.Errorf("it is not established")
}

func decode(data []byte, into any) error {
	if into == nil {
		return nil
	}
	return json.Unmarshal(data, into)
}
