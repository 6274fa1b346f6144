package osv

import (
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// Red Hat and those who build its sources anew have modules: several versions of
// some packages beside one another, of which one stream is installed. The fixed
// versions of one stream say nothing about another. A record has the streams
// that it is about in its summary only: "Important: nodejs:18 security update".

// unknownModule stands for streams that a record does not name.
const unknownModule = "?"

// modular tells a version of a module by its release: 2.module+el8.7.0+18234,
// 3.module_el9.
func modular(version string) bool {
	return strings.Contains(version, ".module+el") || strings.Contains(version, ".module_el")
}

var streamNames = late.Pattern(`\b([A-Za-z0-9][\w.+-]*):([\w.+-]+)`)

// modules are the streams that a record's versions are of, none where they are
// of no module.
func (r *record) modules(summary string) []string {
	if !slices.ContainsFunc(r.Ranges, func(s spanning) bool {
		return slices.ContainsFunc(s, func(e event) bool { return modular(e.version()) })
	}) {
		return nil
	}
	var streams, names []string
	for _, m := range streamNames().FindAllStringSubmatch(summary, -1) {
		if slices.Contains(names, m[1]) { // which of the two a version is of is not said
			return []string{unknownModule}
		}
		streams, names = append(streams, m[0]), append(names, m[1])
	}
	if len(streams) == 0 {
		return []string{unknownModule}
	}
	return streams
}

// ofModule tells whether a record is about the stream of the module, or about
// none, that a package is of, and whether that is known.
func (r *record) ofModule(q question) (ours, known bool) {
	of := q.module
	if of == "" && modular(q.version) {
		of = unknownModule
	}
	switch {
	case of == "" || len(r.Modules) == 0:
		return of == "" && len(r.Modules) == 0, true
	case of == unknownModule || slices.Contains(r.Modules, unknownModule):
		return false, false
	}
	return slices.Contains(r.Modules, of), true
}
