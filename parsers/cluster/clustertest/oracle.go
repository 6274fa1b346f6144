package clustertest

import (
	"context"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// Served is what client-go's own discovery finds, each as
// "apps/v1 deployments Deployment", sorted; the preferred versions only, or all.
func (w *Writer) Served(preferred bool) ([]string, error) {
	_, lists, err := w.served.ServerGroupsAndResources()
	if preferred {
		lists, err = discovery.ServerPreferredResources(w.served)
	}
	if err != nil {
		return nil, err
	}
	var all []string
	for _, l := range lists {
		for _, r := range l.APIResources {
			if !strings.Contains(r.Name, "/") {
				all = append(all, l.GroupVersion+" "+r.Name+" "+r.Kind)
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

// List is what client-go's own client reads of a resource, in all namespaces.
func (w *Writer) List(ctx context.Context, resource schema.GroupVersionResource) ([]map[string]any, error) {
	list, err := w.client.Resource(resource).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	all := make([]map[string]any, 0, len(list.Items))
	for _, item := range list.Items {
		all = append(all, item.Object)
	}
	return all, nil
}
