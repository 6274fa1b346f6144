package main

import (
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
)

func TestMeter(t *testing.T) {
	patient := true
	var out strings.Builder
	m := &meter{w: &out, after: func() bool { return !patient }}
	m.tell(1, 5, "analysed")
	if out.Len() > 0 {
		t.Errorf("a short run says %q", out.String())
	}
	patient = false
	for _, done := range []int{3, 2, 4, 5, 4} {
		m.tell(done, 5, "analysed")
	}
	const want = "3 of 5 analysed\r\x1b[K4 of 5 analysed\r\x1b[K"
	if out.String() != want {
		t.Errorf("the meter says %q, want %q", out.String(), want)
	}
}

// TestMeterOfCluster holds that objects are counted in the middle of a list,
// and that nothing is left on the line when the reading breaks off.
func TestMeterOfCluster(t *testing.T) {
	var out strings.Builder
	m := &meter{w: &out, after: func() bool { return true }}
	m.reading(cluster.Progress{Lists: 0, Of: 3, Objects: 500})
	m.reading(cluster.Progress{Lists: 0, Of: 3, Objects: 1000})
	m.reading(cluster.Progress{Lists: 1, Of: 3, Objects: 1200})
	m.clear()
	m.clear()
	const want = "0 of 3 lists read, 500 objects\r\x1b[K0 of 3 lists read, 1000 objects\r\x1b[K1 of 3 lists read, 1200 objects\r\x1b[K"
	if out.String() != want {
		t.Errorf("the meter says %q, want %q", out.String(), want)
	}
	(*meter)(nil).reading(cluster.Progress{})
	(*meter)(nil).clear()
}
