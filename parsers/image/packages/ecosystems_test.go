package packages

import "testing"

func TestEcosystem(t *testing.T) {
	for _, c := range []struct{ id, version, name, want string }{
		{"debian", "12", "", "Debian:12"}, {"debian", "", "", ""}, {"debian", "trixie/sid", "", ""},
		{"alpine", "3.19.1", "", "Alpine:v3.19"}, {"alpine", "3.20.0_alpha20231219", "", ""},
		{"ubuntu", "22.04", "", "Ubuntu:22.04:LTS"}, {"ubuntu", "23.10", "", "Ubuntu:23.10"}, {"ubuntu", "23.04", "", "Ubuntu:23.04"},
		{"wolfi", "20230201", "", "Wolfi"}, {"linuxmint", "21", "", ""}, {"", "", "", ""},
		{"rhel", "9.4", "", "Red Hat:9"}, {"rhel", "10.0", "", "Red Hat:10"}, {"rhel", "", "", ""},
		{"rocky", "8.9", "", "Rocky Linux:8"}, {"almalinux", "10.0", "", "AlmaLinux:10"},
		{"sles", "15.5", "", "SUSE:15.5"}, {"sles", "15", "", "SUSE:15"}, {"sles", "16.0", "", "SUSE:16.0"}, {"sles_sap", "12.5", "", "SUSE:12.5"},
		{"sle-micro", "5.5", "", "SUSE:Linux Enterprise Micro 5.5"}, {"sl-micro", "6.1", "", "SUSE:Linux Micro 6.1"},
		{"opensuse-leap", "15.6", "", "openSUSE:Leap 15.6"}, {"opensuse-tumbleweed", "20240328", "", "openSUSE:Tumbleweed"},
		{"openEuler", "22.03", "openEuler 22.03 (LTS-SP3)", "openEuler:22.03-LTS-SP3"}, {"openEuler", "23.09", "openEuler 23.09", "openEuler:23.09"},
		{"azurelinux", "3.0", "", "Azure Linux:3"}, {"mariner", "2.0", "", "Azure Linux:2"}, {"mageia", "9", "", "Mageia:9"},
		{"photon", "5.0", "", "Photon OS:5.0"},
		{"fedora", "41", "", ""}, {"amzn", "2023", "", ""}, {"ol", "9.4", "", ""}, {"centos", "9", "", ""},
	} {
		got, gap := OS{ID: c.id, Version: c.version, Name: c.name}.ecosystem()
		if got != c.want || (gap == "") != (got != "") {
			t.Errorf("%s %s: %q %q, want %q", c.id, c.version, got, gap, c.want)
		}
		if got != "" && Fold(got) != got {
			t.Errorf("%s is folded to %s", got, Fold(got))
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ ecosystem, want string }{
		{"Red Hat:enterprise_linux:9::baseos", "Red Hat:9"},
		{"Red Hat:enterprise_linux:9::appstream", "Red Hat:9"},
		{"Red Hat:enterprise_linux:8", "Red Hat:8"},
		{"Red Hat:enterprise_linux:10.0", "Red Hat:10"},
		{"Red Hat:enterprise_linux:10.1::appstream", "Red Hat:10"},
		{"Red Hat:rhel_eus:9.2::baseos", "Red Hat:9.2"},
		{"Red Hat:rhel_aus:8.6::appstream", "Red Hat:8.6"},
		{"Red Hat:enterprise_linux_eus:10.0", "Red Hat:10.0"},
		{"Red Hat:rhel_els:7", ""},
		{"Red Hat:rhel_software_collections:3::el7", ""},
		{"Red Hat:openshift:4.14::el9", ""},
		{"SUSE:Linux Enterprise Server 15 SP5", "SUSE:15.5"},
		{"SUSE:Linux Enterprise Server 15 SP4-LTSS", "SUSE:15.4"},
		{"SUSE:Linux Enterprise Server 15-LTSS", "SUSE:15"},
		{"SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:15.5"},
		{"SUSE:Linux Enterprise Module for Python 3 15 SP6", "SUSE:15.6"},
		{"SUSE:Linux Enterprise Server LTSS Extended Security 12 SP5", "SUSE:12.5"},
		{"SUSE:Linux Enterprise Server 16.0", "SUSE:16.0"},
		{"SUSE:Linux Enterprise Micro 5.5", ""},
		{"SUSE:Linux Enterprise Micro for Rancher 5.3", ""},
		{"SUSE:Linux Micro 6.0", ""},
		{"SUSE:Manager Server 4.3", ""},
		{"SUSE:Package Hub 15 SP5", ""},
		{"openSUSE:Leap 15.5", ""},
		{"Debian:12", ""}, {"Rocky Linux:9", ""}, {"npm", ""}, {"", ""},
	} {
		want := c.want
		if want == "" {
			want = c.ecosystem
		}
		if got := Fold(c.ecosystem); got != want {
			t.Errorf("%s: %s, want %s", c.ecosystem, got, want)
		}
	}
}

func TestRecorded(t *testing.T) {
	of := func(ecosystem string) Package {
		return Package{Type: RPM, Ecosystem: ecosystem, Name: "perl-Errno", Version: "1:1.30-481.el9", Source: "perl", SourceVersion: "4:5.32.1-481.el9"}
	}
	unknown := of("Rocky Linux:9")
	unknown.SourceVersion = "5.32.1-481.el9"
	own := of("Rocky Linux:9")
	own.Source, own.SourceVersion = "", ""
	for _, c := range []struct {
		p             Package
		name, version string
	}{
		{of("Red Hat:9"), "perl-Errno", "1:1.30-481.el9"},
		{of("AlmaLinux:9"), "perl-Errno", "1:1.30-481.el9"},
		{of("Rocky Linux:9"), "perl", "4:5.32.1-481.el9"},
		{unknown, "perl", ""},
		{own, "perl-Errno", "1:1.30-481.el9"},
		{of("SUSE:15.5"), "perl", "5.32.1-481.el9"},
		{of("openEuler:22.03-LTS"), "perl", "5.32.1-481.el9"},
		{of("Photon OS:5.0"), "perl-Errno", "1.30-481.el9"},
		{Package{Type: Debian, Ecosystem: "Debian:12", Name: "libperl", Version: "1:2-3", Source: "perl", SourceVersion: "1:2-2"}, "perl", "1:2-2"},
		{Package{Type: Go, Ecosystem: "Go", Name: "a", Version: "v1.0.0"}, "a", "v1.0.0"},
	} {
		name, version := c.p.Recorded()
		if name != c.name || version != c.version {
			t.Errorf("%s %s: %s %q, want %s %q", c.p.Ecosystem, c.p.Name, name, version, c.name, c.version)
		}
	}
}
