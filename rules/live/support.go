package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/distro"
)

// The days in the tables of this file are the last ones with security fixes.
// What is not in a table is taken for supported, so that a table that grows old
// says too little and never too much. They are as of June 2026.

// releases of Kubernetes: the last day of the minor releases of 1, from
// kubernetes.io/releases/patch-releases. Vendors may support one for longer.
var endOfRelease = map[int]string{
	20: "2022-02-28", 21: "2022-06-28", 22: "2022-10-28", 23: "2023-02-28", 24: "2023-07-28", 25: "2023-10-28",
	26: "2024-02-28", 27: "2024-07-28", 28: "2024-10-28", 29: "2025-02-28", 30: "2025-06-28", 31: "2025-10-28",
	32: "2026-02-28", 33: "2026-06-28", 34: "2026-10-28", 35: "2027-02-28",
}

// runtimes are container runtimes and their releases, from the release pages
// of containerd.
var runtimes = []ended{
	{"containerd://1.0.", "2018-12-05"},
	{"containerd://1.1.", "2019-10-23"},
	{"containerd://1.2.", "2020-10-15"},
	{"containerd://1.3.", "2021-03-04"},
	{"containerd://1.4.", "2022-03-03"},
	{"containerd://1.5.", "2023-02-28"},
	{"containerd://1.6.", "2025-08-23"},
	{"containerd://2.0.", "2025-11-07"},
}

// An ended is something of which the last day with security fixes is known.
type ended struct{ prefix, last string }

// runtimeEnd is the last day of a container runtime, as nodes call it.
func runtimeEnd(runtime string) string {
	for _, e := range runtimes {
		if strings.HasPrefix(runtime, e.prefix) {
			return e.last
		}
	}
	return ""
}

// systemEnd is the last day of an operating system, as nodes call it.
func systemEnd(name string) string {
	id, version := distro.Parse(name)
	return distro.EndOfLife(id, version, name)
}
