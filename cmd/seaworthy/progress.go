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

// A meter writes how many roots are loaded, over and over on one line.
type meter struct {
	w     io.Writer
	after func() bool // whether it is time to write anything

	mu   sync.Mutex
	done int
	line bool // whether there is one to clear
}

// progress is what to tell how many roots are loaded, where a person waits at
// a terminal.
func progress(w io.Writer) func(done, of int) {
	if !interactive(w) {
		return nil
	}
	start := time.Now()
	m := &meter{w: w, after: func() bool { return time.Since(start) >= patience }}
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
		fmt.Fprintf(m.w, "\r\x1b[K%d of %d analysed", done, of)
		m.line = true
	case done >= of && m.line:
		fmt.Fprint(m.w, "\r\x1b[K")
		m.line = false
	}
}
