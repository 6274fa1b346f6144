// Package osv tells which known flaws packages have, by a database on this
// machine that was made of records of OSV (https://osv.dev).
//
// The database is a directory with one file for each ecosystem ("Debian.osv"),
// made by [Import] from records in files, directories and the all.zip that OSV
// publishes for each ecosystem, or by [Update], which fetches those. A file is
// an index that is never read as a whole: opening one reads its end, and asking
// about a package reads what is known of that package (see index.go). Only what
// matching needs is kept of a record, with the severity already worked out.
//
// A flaw is matched by the rules of https://ossf.github.io/osv-schema/: within
// one ecosystem and, for distributions, one release; by lists of versions and
// by ranges, compared as the ecosystem compares versions (osv-scalibr's package
// semantic). Ranges of commits say nothing about installed packages. Records
// that were withdrawn are left out. Those of one flaw under several names are
// one [Match].
//
// What could not be checked is said: a package of which there are no records
// because the database lacks its ecosystem is not a package without flaws.
package osv

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An Info is what a file of the database says of itself.
type Info struct {
	// Ecosystem is without a release: "Debian".
	Ecosystem string `json:"ecosystem"`
	// Source says where the records came from: a URL, names of files.
	Source string `json:"source"`
	// Day is the day of the data, 2026-11-28: when it was fetched, or when the
	// newest of the records imported was written; "" where none of them says so.
	Day string `json:"day"`
	// Records is how many records there are, Releases how many of them are
	// about each release: "Debian:12".
	Records  int            `json:"records"`
	Releases map[string]int `json:"releases"`
	// ETag is the server's name for what was fetched, Modified the time that it
	// said it was of, as in HTTP.
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

// A DB is an open database. It may be asked by many at once.
type DB struct {
	Dir   string
	files map[string]*index // by ecosystem
}

// extension is that of the files of a database.
const extension = ".osv"

// ErrNone is the error of a database that is not there.
var ErrNone = errors.New("no database of vulnerabilities")

// DefaultDir is where the database of this user is.
func DefaultDir() (string, error) {
	home := os.Getenv("XDG_DATA_HOME")
	if home == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no place for a database of vulnerabilities: %w", err)
		}
		home = cache
	}
	return filepath.Join(home, "seaworthy", "osv"), nil
}

// Open opens the database in a directory; where there is none the error is
// [ErrNone].
func Open(dir string) (*DB, error) {
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+extension))
	if err != nil {
		return nil, err
	}
	db := &DB{Dir: dir, files: map[string]*index{}}
	for _, name := range names {
		ix, err := openIndex(name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), db.Close())
		}
		db.files[ix.info.Ecosystem] = ix
	}
	if len(db.files) == 0 {
		if _, err := os.Stat(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, fmt.Errorf("%w in %s", ErrNone, dir)
	}
	return db, nil
}

// escapeGlob quotes what has a meaning in patterns.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "*", `\*`, "?", `\?`).Replace(dir)
}

// Close closes the files.
func (db *DB) Close() error {
	var errs []error
	for _, ix := range db.files {
		errs = append(errs, ix.file.Close())
	}
	return errors.Join(errs...)
}

// Infos are what the files say of themselves, by ecosystem.
func (db *DB) Infos() []Info {
	var all []Info
	for _, ix := range db.files {
		all = append(all, ix.info)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Ecosystem, b.Ecosystem) })
	return all
}

// States of a database.
const (
	None = "none" // nothing was checked
	OK   = "ok"
	Old  = "old" // flaws found since are missed
)

// oldAfter is how many days a database is good for.
const oldAfter = 7

// A State says how much an answer is worth.
type State struct {
	State string `yaml:"state"` // None, OK, Old
	// Source is where the records came from; several are separated by commas.
	Source string `yaml:"source,omitempty"`
	// Day is that of the oldest part of the data, "" where one part has none.
	Day string `yaml:"day,omitempty"`
	// AgeDays is how old that is.
	AgeDays int `yaml:"ageDays,omitempty"`
	Records int `yaml:"records,omitempty"`
}

// State is the state of the database on a day (2026-11-28), as far as it is
// about the ecosystems of these names; with none about all. The nil DB is none.
func (db *DB) State(today string, ecosystems ...string) State {
	s := State{State: None}
	if db == nil {
		return s
	}
	var sources []string
	for _, info := range db.Infos() {
		if len(ecosystems) > 0 && !slices.ContainsFunc(ecosystems, func(e string) bool { return base(e) == info.Ecosystem }) {
			continue
		}
		if s.State == None || info.Day < s.Day {
			s.State, s.Day = OK, info.Day
		}
		s.Records += info.Records
		for source := range strings.SplitSeq(info.Source, ", ") {
			if !slices.Contains(sources, source) {
				sources = append(sources, source)
			}
		}
	}
	s.Source = strings.Join(sources, ", ")
	s.AgeDays = age(s.Day, today)
	if s.State == OK && (s.Day == "" || s.AgeDays > oldAfter) {
		s.State = Old
	}
	return s
}

// String is a state for people.
func (s State) String() string {
	if s.State != OK && s.State != Old {
		return "not checked: there is no database (run `seaworthy db update`)"
	}
	of, old := s.Day, fmt.Sprintf("is %d days old", s.AgeDays)
	if s.Day == "" {
		of, old = unknownDay, "may be old"
	}
	text := fmt.Sprintf("%s of %s from %s", Count(s.Records), of, s.Source)
	if s.State == Old {
		text += ", which " + old + ": run `seaworthy db update`"
	}
	return text
}

const unknownDay = "an unknown day"

// String is a file of the database for people.
func (i Info) String() string {
	return fmt.Sprintf("%s: %s of %s from %s", i.Ecosystem, Count(i.Records), cmp.Or(i.Day, unknownDay), i.Source)
}

// Count is a number of records in words.
func Count(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

// age is the number of days from one to another, 0 where one is not known.
func age(day, today string) int {
	from, err := time.Parse(time.DateOnly, day)
	to, err2 := time.Parse(time.DateOnly, today)
	if err != nil || err2 != nil {
		return 0
	}
	return max(0, int(to.Sub(from).Hours()/24))
}

// base is an ecosystem without its release.
func base(ecosystem string) string {
	name, _, _ := strings.Cut(ecosystem, ":")
	return name
}
