package live

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers/distro"
)

// The days in the tables of this file are the last ones with security fixes.
// What is not in a table is taken for supported, so that a table that grows old
// says too little and never too much. They are as of November 2026.

// releases of Kubernetes: the last day of the minor releases of 1, from
// kubernetes.io/releases and, once that was over, data/releases/eol.yaml of
// github.com/kubernetes/website. Vendors may support one for longer.
var endOfRelease = map[int]string{
	20: "2022-02-28", 21: "2022-06-28", 22: "2022-12-08", 23: "2023-02-28", 24: "2023-07-28", 25: "2023-10-28",
	26: "2024-02-28", 27: "2024-07-16", 28: "2024-10-22", 29: "2025-02-28", 30: "2025-07-15", 31: "2025-11-11",
	32: "2026-02-28", 33: "2026-06-28", 34: "2026-10-27", 35: "2027-02-28", 36: "2027-06-28",
}

// runtimes are container runtimes and their releases, from RELEASES.md of
// github.com/containerd/containerd as of July 2026; a month stands for its last
// day.
var runtimes = []ended{
	{"containerd://1.0.", "2018-12-05"},
	{"containerd://1.1.", "2019-10-23"},
	{"containerd://1.2.", "2020-10-15"},
	{"containerd://1.3.", "2021-03-04"},
	{"containerd://1.4.", "2022-03-03"},
	{"containerd://1.5.", "2023-02-28"},
	{"containerd://1.6.", "2025-08-23"},
	{"containerd://1.7.", "2026-09-30"},
	{"containerd://2.0.", "2027-03-31"}, // made one of long-term support
	{"containerd://2.1.", "2026-07-03"},
	{"containerd://2.2.", "2026-11-06"},
	{"containerd://2.3.", "2028-04-30"},
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
