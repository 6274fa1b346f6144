package analyzers

import (
	"reflect"
	"strings"
	"testing"
)

func TestParameters(t *testing.T) {
	r := valid()
	if got := r.Parameters(); got != nil {
		t.Errorf("a rule without parameters has %v", got)
	}
	r.Params = &struct {
		CPU   string   `doc:"The most."`
		Least int64    `doc:"The least."`
		Names []string `doc:"The names."`
	}{CPU: "1", Least: 3}
	want := []Param{
		{"cpu", "text", "1", "The most."},
		{"least", "number", int64(3), "The least."},
		{"names", "list of texts", []string{}, "The names."},
	}
	if got := r.Parameters(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	r.Params = &struct{ Least int64 }{}
	if err := r.Validate(); err == nil || !strings.Contains(err.Error(), "doc tag") {
		t.Errorf("a parameter that nothing is said about: %v", err)
	}
	r.Params = &struct {
		On bool `doc:"Whether."`
	}{}
	if err := r.Validate(); err == nil || !strings.Contains(err.Error(), "type") {
		t.Errorf("a parameter of a type that has no name: %v", err)
	}
}
