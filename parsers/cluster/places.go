package cluster

import (
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A difference is the place of a live value that is not what is written: the
// manifest has something else there, or nothing. It stands where an edit of
// the manifest would make it right, and knows what to say about it: package
// live of the analyzers asks by the methods Written and Manager.
type difference struct {
	of      *overlay
	written graph.Value // absent where nothing is written
	remote  source.Handle
	at      *spot
}

func (d *difference) Origin() *source.Origin {
	running := *d.remote.Origin()
	running.Step = source.Live
	o := source.Origin{Step: source.Live, From: []*source.Origin{&running}}
	base := d.written.Origin()
	if d.extra() {
		base = d.written.Place()
	}
	if base == nil {
		return &running
	}
	o.From = append(o.From, base)
	base = base.Cure()
	o.Span, o.Exact = base.Span, base.Exact
	if d.extra() {
		o.Exact = min(o.Exact, source.InBlock)
	}
	return &o
}

// Part is the whole: what is in the manifest has other parts.
func (d *difference) Part(int, int) *source.Origin { return d.Origin() }

func (d *difference) extra() bool {
	return d.written.Kind() == graph.Absent || d.written.Kind() == graph.List || d.written.Kind() == graph.Map
}

// Written is the value in the manifest: there tells whether there is one, and
// known whether it is known without the cluster.
func (d *difference) Written() (text string, there, known bool) {
	if d.extra() {
		return "", false, true
	}
	text, known = d.written.Text("")
	return text, true, known
}

// Manager is who set the value in the cluster and when, "" when nobody is known
// to. A value that only the pods have is injected.
func (d *difference) Manager() (name, time string, injected bool) {
	if d.of.object.injected[d.at.path()] {
		return "", "", true
	}
	by := d.of.object.owner(d.at)
	return by.manager, by.time, false
}

// same is the place of a live value that is written in other words.
type same struct{ written graph.Value }

func (s same) Origin() *source.Origin { return s.written.Origin() }

func (s same) Part(int, int) *source.Origin { return s.Origin() }
