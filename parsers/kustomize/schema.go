package kustomize

import (
	"sync"

	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// schema guards the OpenAPI schema, which kustomize's library keeps in a
// global: a build with a schema of its own runs alone.
var schema sync.RWMutex

// ownSchema waits until nobody uses the schema. What it returns puts the
// library's own back.
func ownSchema() (done func()) {
	schema.Lock()
	return func() {
		openapi.ResetOpenAPI()
		schema.Unlock()
	}
}

// sharedSchema keeps the schema as it is until what it returns is called. The
// library reads its schema when it first needs it, and looks kinds up in it
// without its lock. Roots that may be built beside each other find it read;
// one that is alone need not pay for what it may not need.
func (r *root) sharedSchema() (done func()) {
	schema.RLock()
	if r.beside {
		openapi.SchemaForResourceType(yaml.TypeMeta{})
	}
	return schema.RUnlock
}
