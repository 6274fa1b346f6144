package cluster

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// history is what is known of an object's past; see package live.
func (o *liveObject) history() map[string]any {
	h := map[string]any{}
	set(h, "created", text(mapAt(o.raw, "metadata"), "creationTimestamp"))
	set(h, "changed", o.changed())
	if by := o.applier(); goes().MatchString(by.version) {
		a := map[string]any{"version": by.version}
		set(a, "by", by.manager)
		set(a, "time", by.time)
		h["applied"] = a
	}
	return h
}

// goes are the versions of APIs that Kubernetes stops to serve one day. The
// others stay, and who applied them is of no interest.
var goes = late.Pattern(`v[0-9]+(alpha|beta)[0-9]+$`)

// changed is when somebody last set what is wanted of the object.
func (o *liveObject) changed() (last string) {
	for _, entry := range mapsAt(o.raw, "metadata", "managedFields") {
		if !aboutStatus(entry) {
			last = max(last, text(entry, "time"))
		}
	}
	return last
}

// aboutStatus tells of an entry of managedFields that sets nothing but what is
// the case. Old servers do not say that it is of the status.
func aboutStatus(entry map[string]any) bool {
	fields := mapAt(entry, "fieldsV1")
	_, only := fields["f:status"]
	return text(entry, "subresource") != "" || only && len(fields) == 1
}

// applier is who applied the object last, and in which version of its API; the
// zero ownership where nobody is known to. A server converts what it is given,
// so that only the managers of fields and the note of kubectl tell the version.
// Of two that are as late as each other it is the one with the version that
// stays: whoever has moved on leaves what he wrote before behind.
func (o *liveObject) applier() (last ownership) {
	noted := o.noted()
	for _, entry := range mapsAt(o.raw, "metadata", "managedFields") {
		by := ownershipOf(entry)
		if aboutStatus(entry) || !by.applies() {
			continue
		}
		if by.manager == clientSide && noted != "" {
			by.version, noted = noted, ""
		}
		if by.time > last.time || by.time == last.time && (last.version == "" || !goes().MatchString(by.version)) {
			last = by
		}
	}
	if last.version == "" {
		last.version = noted
	}
	return last
}

// clientSide is what kubectl apply calls itself where it works out itself what
// has changed.
const clientSide = "kubectl-client-side-apply"

// applies tells of a manager who comes back with the whole of a manifest.
func (by ownership) applies() bool {
	switch name := by.manager; {
	case among(name, hands[:]), among(name, controllers[:]), name == "before-first-apply":
		return false
	case by.operation == "Apply", name == clientSide, name == "kubectl-replace":
		return true
	default:
		return among(name, appliers[:]) && !strings.HasPrefix(name, "kubectl")
	}
}

// noted is the version in which kubectl applied the object last; "" where it
// did not, or its note cannot be read.
func (o *liveObject) noted() string { return text(o.last(), "apiVersion") }
