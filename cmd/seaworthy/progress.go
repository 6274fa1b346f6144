package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long a run goes on before it says how far it is: what is
// over at once needs no meter that flickers.
const patience = 300 * time.Millisecond

// A meter writes how much is done, over and over on one line.
type meter struct {
	what  string // is done to what is counted
	w     io.Writer
	after func() bool // whether it is time to write anything

	mu   sync.Mutex
	done int
	line bool // whether there is one to clear
}

// progress is what to tell how much is done, in a word, where a person waits at
// a terminal.
func progress(w io.Writer, what string) func(done, of int) {
	if !interactive(w) {
		return nil
	}
	start := time.Now()
	m := &meter{what: what, w: w, after: func() bool { return time.Since(start) >= patience }}
	return m.tell
}

// tell may be called from several goroutines; a count that comes late is
// passed over, so that the line never goes back nor stays.
func (m *meter) tell(done, of int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if done <= m.done {
		return
	}
	m.done = done
	switch {
	case done < of && m.after():
		fmt.Fprintf(m.w, "\r\x1b[K%d of %d %s", done, of, m.what)
		m.line = true
	case done >= of && m.line:
		fmt.Fprint(m.w, "\r\x1b[K")
		m.line = false
	}
}
