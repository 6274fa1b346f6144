// Package distro knows until when releases of operating systems get fixes.
package distro

import "strings"

// EndOfLife is the last day on which a release gets fixes, of a distribution by
// the ID, version and name of its os-release(5); "" where that is not known. A
// version may say more than the release: 3.19.1 is of 3.19, 8.10 of 8.
func EndOfLife(id, version, name string) string {
	if id == "centos" && strings.Contains(name, "Stream") {
		id = "centos-stream"
	}
	for version != "" {
		if end := endOfLife[id][version]; end != "" {
			return end
		}
		version = version[:max(strings.LastIndexByte(version, '.'), 0)]
	}
	return ""
}

// pretty are the names of distributions as they call themselves to people,
// each with what stands between it and the number.
var pretty = []struct{ name, id string }{
	{"AlmaLinux ", "almalinux"},
	{"Alpine Linux v", "alpine"},
	{"Amazon Linux ", "amzn"},
	{"CentOS Linux ", "centos"},
	{"CentOS Stream ", "centos-stream"},
	{"Debian GNU/Linux ", "debian"},
	{"Fedora Linux ", "fedora"},
	{"Oracle Linux Server ", "ol"},
	{"Red Hat Enterprise Linux ", "rhel"},
	{"Rocky Linux ", "rocky"},
	{"SUSE Linux Enterprise Server ", "sles"},
	{"Ubuntu ", "ubuntu"},
	{"VMware Photon OS/Linux ", "photon"},
	{"openSUSE Leap ", "opensuse-leap"},
}

// Parse is the ID and the version of what a distribution calls itself to
// people, "Ubuntu 24.04.2 LTS"; "" for what is not known. Red Hat Enterprise
// Linux CoreOS, which has a number of its own, is not Red Hat Enterprise Linux.
func Parse(text string) (id, version string) {
	for _, p := range pretty {
		rest, ok := strings.CutPrefix(text, p.name)
		if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
			continue
		}
		number, more, _ := strings.Cut(rest, " ")
		if pack, ok := strings.CutPrefix(more, "SP"); ok && p.id == "sles" {
			pack, _, _ = strings.Cut(pack, " ")
			number += "." + pack
		}
		return p.id, number
	}
	return "", ""
}
