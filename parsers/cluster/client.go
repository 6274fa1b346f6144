package cluster

import (
	"context"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	asJSON = "application/json"
	// asMetadata asks for metadata and does not take anything else, so that a
	// server that knows no such thing refuses instead of sending values.
	asMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

// A client asks one API server.
type client struct {
	rest    *rest.RESTClient
	address string        // of the server, to be shown
	timeout time.Duration // of a request
	login   time.Duration // of the first, which may have a plugin ask a person
	wait    func(context.Context, time.Duration) error
	// reached is set by the first answer: what fails before is not tried for
	// long, for somebody waits.
	reached atomic.Bool
	// lost is set when the server went away for longer than is waited.
	lost atomic.Bool
}

// requests makes requests that are sent once, for [ask] knows when to send
// them again, and that take answers of one media type.
type requests struct {
	*rest.RESTClient
	accept string
}

func (r requests) Get() *rest.Request {
	return r.RESTClient.Get().MaxRetries(0).SetHeader("Accept", r.accept)
}

func (r requests) Patch(t types.PatchType) *rest.Request {
	return r.RESTClient.Patch(t).MaxRetries(0).SetHeader("Accept", r.accept)
}

// objects are those of a kind in a namespace; "" is all of them, and where a
// kind has no namespace.
func (c *client) objects(k Kind, namespace, accept string) dynamic.ResourceInterface {
	return dynamic.New(requests{c.rest, accept}).
		Resource(schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Resource}).Namespace(namespace)
}
