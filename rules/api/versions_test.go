package api

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	for key, a := range apis {
		version, kind, ok := strings.Cut(key, " ")
		if !ok || version == "" || kind == "" || strings.Contains(kind, " ") {
			t.Errorf("%q is no apiVersion and kind", key)
		}
		if a.deprecated == 0 || a.removed != 0 && a.removed <= a.deprecated {
			t.Errorf("%s: deprecated in %d, removed in %d", key, a.deprecated, a.removed)
		}
		if a.use == version {
			t.Errorf("%s: replaced by itself", key)
		}
	}
}
