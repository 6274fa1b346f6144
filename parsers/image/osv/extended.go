package osv

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// minorRelease finds the minor release of Red Hat that a package was mended
// for: 5.14.0-284.30.1.el9_2.
var minorRelease = late.Pattern(`\.el(\d+)_(\d+)\b`)

// withoutMended leaves out the flaws that are mended in a version of a package
// for a minor release of Red Hat which gets fixes for longer. To the records of
// the release that version is older than one with the fix.
func (ix *index) withoutMended(q question, v version, hits []hit) ([]hit, error) {
	m := minorRelease().FindStringSubmatch(q.version)
	if len(hits) == 0 || base(q.ecosystem) != "Red Hat" || m == nil || q.ecosystem != "Red Hat:"+m[1] {
		return hits, nil
	}
	records, err := ix.records(key{"Red Hat:" + m[1] + "." + m[2], q.name})
	if err != nil {
		return nil, err
	}
	mended := map[string]bool{}
	for _, r := range records {
		ours, _ := r.ofModule(q)
		if in, _, err := r.affects(v); ours && !in && err == nil {
			for _, name := range cves(r.allNames()) {
				mended[name] = true
			}
		}
	}
	var left []hit
	for _, h := range hits {
		all := len(cves(h.names))
		h.names = slices.DeleteFunc(h.names, func(name string) bool { return mended[name] })
		if all == 0 || len(cves(h.names)) > 0 {
			left = append(left, h)
		}
	}
	return left, nil
}
