package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seaworthy-iac/seaworthy/parsers/cluster"
)

// patience is how long a run goes on before it says how far it is: what is
// over at once needs no meter that flickers.
const patience = 300 * time.Millisecond

// A meter writes how much is done, over and over on one line. A nil one writes
// nothing.
type meter struct {
	w     io.Writer
	after func() bool // whether it is time to write anything

	mu   sync.Mutex
	done int
	line bool // whether there is one to clear
}

// newMeter is a meter where a person waits at a terminal, else nil.
func newMeter(w io.Writer) *meter {
	if !interactive(w) {
		return nil
	}
	start := time.Now()
	return &meter{w: w, after: func() bool { return time.Since(start) >= patience }}
}

// progress is what to tell how much is done, in a word, to whom waits.
func progress(w io.Writer, what string) func(done, of int) {
	m := newMeter(w)
	return func(done, of int) { m.tell(done, of, what) }
}

// reading is what to tell how much of a cluster is read.
func (m *meter) reading(p cluster.Progress) {
	m.tell(p.Lists, p.Of, fmt.Sprintf("lists read, %d objects", p.Objects))
}

// tell may be called from several goroutines; a count that comes late is
// passed over, so that the line never goes back nor stays.
func (m *meter) tell(done, of int, what string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if done < m.done || !m.after() {
		return
	}
	m.done = done
	m.wipe()
	if done < of {
		fmt.Fprintf(m.w, "%d of %d %s", done, of, what)
		m.line = true
	}
}

// clear leaves the line empty, also when less is done than was to be.
func (m *meter) clear() {
	if m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.wipe()
	}
}

func (m *meter) wipe() {
	if m.line {
		fmt.Fprint(m.w, "\r\x1b[K")
		m.line = false
	}
}
