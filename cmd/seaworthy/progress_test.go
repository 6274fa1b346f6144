package main

import (
	"strings"
	"testing"
)

func TestMeter(t *testing.T) {
	patient := true
	var out strings.Builder
	m := &meter{what: "analysed", w: &out, after: func() bool { return !patient }}
	m.tell(1, 5)
	if out.Len() > 0 {
		t.Errorf("a short run says %q", out.String())
	}
	patient = false
	for _, done := range []int{3, 2, 4, 5, 4} {
		m.tell(done, 5)
	}
	const want = "\r\x1b[K3 of 5 analysed\r\x1b[K4 of 5 analysed\r\x1b[K"
	if out.String() != want {
		t.Errorf("the meter says %q, want %q", out.String(), want)
	}
}
