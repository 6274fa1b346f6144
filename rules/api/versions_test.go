package api

import (
	"strings"
	"testing"
)

func TestParseMinor(t *testing.T) {
	for version, want := range map[string]minor{"1.35": 35, "v1.22.3": 22, "1.31+": 31, "1": -1, "2.1": -1, "": -1, "1.x": -1} {
		got, err := parseMinor(version)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("parseMinor(%q) is %d, want %d", version, got, want)
		}
	}
}

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
