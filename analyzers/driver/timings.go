package driver

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Timings are where the time of a run went. Roots load and rules run at the
// same time, so their times add up to more than the run took; what several
// rules look at is worked out once, in the time of whichever asks first.
type Timings struct {
	// Walk is the time to list the files, Find to find the roots in them, Load
	// to load all roots, Check to run all rules and Filter to hold what they
	// found against suppressions and the baseline.
	Walk, Find, Load, Check, Filter time.Duration

	mu    sync.Mutex
	roots map[string]time.Duration
	rules map[string]time.Duration
}

// NewTimings are timings to hand to [Load].
func NewTimings() *Timings {
	return &Timings{roots: map[string]time.Duration{}, rules: map[string]time.Duration{}}
}

// A Timing is how long a root or rule took.
type Timing struct {
	Name string
	Took time.Duration
}

// Roots are the times of the roots by their IDs, the longest first.
func (t *Timings) Roots() []Timing { return t.sorted(t.roots) }

// Rules are the times of the rules by their IDs, the longest first.
func (t *Timings) Rules() []Timing { return t.sorted(t.rules) }

func (t *Timings) sorted(of map[string]time.Duration) []Timing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Slowest(of)
}

// Slowest are times by name, the longest first and those alike by name.
func Slowest(of map[string]time.Duration) []Timing {
	var all []Timing
	for name, took := range of {
		all = append(all, Timing{name, took})
	}
	slices.SortFunc(all, func(a, b Timing) int { return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.Name, b.Name)) })
	return all
}

// phase measures a phase of the run until the function it returns is called.
// It may be called on nil.
func (t *Timings) phase(of func(*Timings) *time.Duration) func() {
	if t == nil {
		return func() {}
	}
	start := time.Now()
	return func() { *of(t) += time.Since(start) }
}

// one measures a root or rule as phase does.
func (t *Timings) one(of func(*Timings) map[string]time.Duration, name string) func() {
	if t == nil {
		return func() {}
	}
	start := time.Now()
	return func() {
		took := time.Since(start)
		t.mu.Lock()
		defer t.mu.Unlock()
		of(t)[name] += took
	}
}

func walking(t *Timings) *time.Duration           { return &t.Walk }
func finding(t *Timings) *time.Duration           { return &t.Find }
func loading(t *Timings) *time.Duration           { return &t.Load }
func checking(t *Timings) *time.Duration          { return &t.Check }
func filtering(t *Timings) *time.Duration         { return &t.Filter }
func ofRoots(t *Timings) map[string]time.Duration { return t.roots }
func ofRules(t *Timings) map[string]time.Duration { return t.rules }
