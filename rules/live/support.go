package live

import "strings"

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

// systems are operating systems, by how nodes call them. The days are those of
// the support that costs nothing.
var systems = []ended{
	{"Amazon Linux 2 ", "2026-06-30"},
	{"CentOS Linux 7 ", "2024-06-30"},
	{"CentOS Linux 8 ", "2021-12-31"},
	{"CentOS Stream 8 ", "2024-05-31"},
	{"Debian GNU/Linux 9 ", "2022-06-30"},
	{"Debian GNU/Linux 10 ", "2024-06-30"},
	{"Debian GNU/Linux 11 ", "2026-08-31"},
	{"Oracle Linux Server 7.", "2024-12-31"},
	{"Red Hat Enterprise Linux 7.", "2024-06-30"},
	{"Red Hat Enterprise Linux Server 7.", "2024-06-30"},
	{"Ubuntu 16.04", "2021-04-30"},
	{"Ubuntu 18.04", "2023-05-31"},
	{"Ubuntu 20.04", "2025-05-31"},
	{"VMware Photon OS/Linux 3.", "2024-03-31"},
	{"VMware Photon OS/Linux 4.", "2026-03-31"},
}

// An ended is something of which the last day with security fixes is known.
type ended struct{ prefix, last string }

// after is the last day of what a text names, when a day is after it.
func after(table []ended, text, day string) (last string, over bool) {
	for _, e := range table {
		if strings.HasPrefix(text+" ", e.prefix) {
			return e.last, day > e.last
		}
	}
	return "", false
}
