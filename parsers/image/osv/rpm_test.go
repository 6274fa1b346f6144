package osv

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// advisory is a record as the distributions with rpm write them, about one
// package that is mended in a version for each of some ecosystems.
func advisory(id, summary, cves, name string, mended ...[2]string) string {
	var affected []string
	for _, m := range mended {
		affected = append(affected, fmt.Sprintf(`{"package": {"ecosystem": %q, "name": %q}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": %q}]}]}`, m[0], name, m[1]))
	}
	quoted := `"` + strings.Join(strings.Fields(cves), `", "`) + `"`
	return fmt.Sprintf(`{"id": %q, "modified": "2026-01-02T03:04:05Z", "summary": %q, "upstream": [%s], "affected": [%s]}`, id, summary, quoted, strings.Join(affected, ", "))
}

// rpm is a package of rpm; fields are name, version, source, version of that.
func rpm(ecosystem, module string, fields ...string) packages.Package {
	fields = append(fields, "", "")
	return packages.Package{Type: packages.RPM, Ecosystem: ecosystem, Name: fields[0], Version: fields[1], Source: fields[2], SourceVersion: fields[3], Module: module}
}

// asked holds what is found of a package, and what is said to be unchecked,
// against what is wanted.
type asked struct {
	p         packages.Package
	want      string
	unchecked string
}

func (a asked) check(t *testing.T, db *DB) {
	t.Helper()
	got, unchecked := flaws(t, db, a.p)
	text := strings.Join(unchecked, "; ")
	if strings.Join(got, ", ") != a.want || !strings.Contains(text, a.unchecked) || (text == "") != (a.unchecked == "") {
		t.Errorf("%s %s %s %s: %q (%q), want %q (%q)", a.p.Ecosystem, a.p.Module, a.p.Name, a.p.Version, got, unchecked, a.want, a.unchecked)
	}
}

// TestDistributions asks about one flaw in all distributions: of the right
// package, binary or source, with epochs where records have them, and of no
// other release.
func TestDistributions(t *testing.T) {
	const important, flaw = "Important: perl security update", "CVE-2026-1"
	db := one(t,
		advisory("RHSA-2026:1", "Red Hat Security Advisory: perl security update", flaw, "perl-libs",
			[2]string{"Red Hat:enterprise_linux:9::baseos", "4:5.32.1-482.el9"}, [2]string{"Red Hat:enterprise_linux:9::appstream", "4:5.32.1-482.el9"},
			[2]string{"Red Hat:enterprise_linux:10.1", "4:5.40.2-513.el10"}),
		advisory("ALSA-2026:1", important, flaw, "perl-libs", [2]string{"AlmaLinux:9", "4:5.32.1-482.el9"}),
		advisory("RLSA-2026:1", important, flaw, "perl", [2]string{"Rocky Linux:9", "4:5.32.1-482.el9"}),
		advisory("SUSE-SU-2026:1-1", "Security update for perl", flaw, "perl",
			[2]string{"SUSE:Linux Enterprise Module for Basesystem 15 SP6", "5.26.1-150300.17.20.1"}, [2]string{"SUSE:Linux Enterprise Server 15 SP4-LTSS", "5.26.1-150300.17.20.1"},
			[2]string{"SUSE:Linux Enterprise Micro 5.5", "5.26.1-150300.17.20.1"}, [2]string{"openSUSE:Leap 15.6", "5.26.1-150300.17.20.1"}),
		advisory("OESA-2026-1", "perl security update", flaw, "perl", [2]string{"openEuler:24.03-LTS-SP1", "5.38.0-12.oe2403sp1"}),
		advisory("AZL-1", "CVE-2026-1 affecting package perl", flaw, "perl", [2]string{"Azure Linux:3", "5.38.2-509"}),
		advisory("MGASA-2026-0001", "Updated perl packages", flaw, "perl", [2]string{"Mageia:9", "5.36.0-1.2.mga9"}),
	)
	for _, c := range []asked{
		{rpm("Red Hat:9", "", "perl-libs", "4:5.32.1-481.el9", "perl"), "CVE-2026-1 4:5.32.1-482.el9 unknown", ""},
		{rpm("Red Hat:9", "", "perl-libs", "4:5.32.1-482.el9", "perl"), "", ""},
		{rpm("Red Hat:9", "", "perl-Errno", "1.30-481.el9", "perl", "4:5.32.1-481.el9"), "", ""}, // not among those that are named
		{rpm("Red Hat:10", "", "perl-libs", "4:5.40.2-512.el10"), "CVE-2026-1 4:5.40.2-513.el10 unknown", ""},
		{rpm("Red Hat:8", "", "perl-libs", "4:5.26.3-422.el8"), "", "no records of this release"},
		{rpm("AlmaLinux:9", "", "perl-libs", "4:5.32.1-481.el9", "perl"), "CVE-2026-1 4:5.32.1-482.el9 high", ""},
		{rpm("AlmaLinux:10", "", "perl-libs", "4:5.32.1-481.el9", "perl"), "", "no records of this release"},
		{rpm("Rocky Linux:9", "", "perl-Errno", "1.30-481.el9", "perl", "4:5.32.1-481.el9"), "CVE-2026-1 4:5.32.1-482.el9 high", ""},
		{rpm("Rocky Linux:9", "", "perl-Errno", "1.30-482.el9", "perl", "4:5.32.1-482.el9"), "", ""},
		{rpm("Rocky Linux:9", "", "perl-Errno", "1.30-481.el9", "perl", "5.32.1-481.el9"), "", "whose version is not known"},
		{rpm("SUSE:15.6", "", "perl-base", "5.26.1-150300.17.19.1", "perl"), "CVE-2026-1 5.26.1-150300.17.20.1 unknown", ""},
		{rpm("SUSE:15.6", "", "perl-base", "1:5.26.1-150300.17.20.1", "perl"), "", ""},
		{rpm("SUSE:15.4", "", "perl-base", "5.26.1-150300.17.19.1", "perl"), "CVE-2026-1 5.26.1-150300.17.20.1 unknown", ""},
		{rpm("SUSE:15.5", "", "perl-base", "5.26.1-150300.17.19.1", "perl"), "", "no records of this release"},
		{rpm("SUSE:Linux Enterprise Micro 5.5", "", "perl-base", "5.26.1-1", "perl"), "CVE-2026-1 5.26.1-150300.17.20.1 unknown", ""},
		{rpm("openSUSE:Leap 15.6", "", "perl", "5.26.1-150300.17.19.1"), "CVE-2026-1 5.26.1-150300.17.20.1 unknown", ""},
		{rpm("openSUSE:Tumbleweed", "", "perl", "5.26.1-1"), "", "no records of this release"},
		{rpm("openEuler:24.03-LTS-SP1", "", "perl-libs", "4:5.38.0-11.oe2403sp1", "perl"), "CVE-2026-1 5.38.0-12.oe2403sp1 unknown", ""},
		{rpm("openEuler:24.03-LTS-SP1", "", "perl-libs", "4:5.38.0-12.oe2403sp1", "perl"), "", ""},
		{rpm("Azure Linux:3", "", "perl-libs", "5.38.2-508.azl3", "perl"), "CVE-2026-1 5.38.2-509 unknown", ""},
		{rpm("Azure Linux:3", "", "perl-libs", "5.38.2-509.azl3", "perl"), "", ""},
		{rpm("Mageia:9", "", "perl-base", "2:5.36.0-1.1.mga9", "perl"), "CVE-2026-1 5.36.0-1.2.mga9 unknown", ""},
		{rpm("", "", "perl", "5.32.1-481.amzn2023"), "", "of a distribution or maker that there are no records of"},
	} {
		c.check(t, db)
	}
}

// TestModules asks about packages of several streams of modules, and of none.
func TestModules(t *testing.T) {
	const el8 = "AlmaLinux:8"
	db := one(t,
		advisory("ALSA-2026:18", "Important: nodejs:18 security update", "CVE-2026-18", "nodejs", [2]string{el8, "1:18.20.0-1.module_el8.9.0+1+aaaa"}),
		advisory("ALSA-2026:20", "Important: nodejs:20 security update", "CVE-2026-20", "nodejs", [2]string{el8, "1:20.12.0-1.module_el8.9.0+2+bbbb"}),
		advisory("ALSA-2026:2", "Moderate: virt:rhel and virt-devel:rhel security update", "CVE-2026-2", "qemu-img", [2]string{el8, "15:6.2.0-50.module_el8.9.0+1"}),
		advisory("ALSA-2026:3", "Moderate: idm:DL1 and idm:client security update", "CVE-2026-3", "ipa-client", [2]string{el8, "4.9.13-9.module_el8.10.0+1"}),
		advisory("ALSA-2026:4", "Moderate: go-toolset security update", "CVE-2026-4", "golang", [2]string{el8, "1.22.0-1.module_el8.10.0+1"}),
		advisory("ALSA-2026:5", "Moderate: perl security update", "CVE-2026-5", "perl-libs", [2]string{el8, "4:5.26.3-500.el8"}),
		advisory("RHSA-2026:18", "Red Hat Security Advisory: nodejs:18 security update", "CVE-2026-18", "nodejs", [2]string{"Red Hat:enterprise_linux:8::appstream", "1:18.20.0-1.module+el8.9.0+1+aaaa"}),
	)
	const another = "may be about another stream of their module"
	for _, c := range []asked{
		{rpm(el8, "nodejs:18", "nodejs", "1:18.19.0-1.module_el8.9.0+0+cccc"), "CVE-2026-18 1:18.20.0-1.module_el8.9.0+1+aaaa high", ""},
		{rpm(el8, "nodejs:18", "nodejs", "1:18.20.0-1.module_el8.9.0+1+aaaa"), "", ""},
		{rpm(el8, "nodejs:20", "nodejs", "1:20.11.0-1.module_el8.9.0+0+cccc"), "CVE-2026-20 1:20.12.0-1.module_el8.9.0+2+bbbb high", ""},
		{rpm(el8, "nodejs:16", "nodejs", "1:16.20.0-1.module_el8.9.0+0+cccc"), "", ""},
		{rpm(el8, "", "nodejs", "1:16.20.0-1.module_el8.9.0+0+cccc"), "", another}, // its label is not known
		{rpm(el8, "", "nodejs", "1:16.20.0-1.el8"), "", ""},                        // it is of no module
		{rpm(el8, "virt:rhel", "qemu-img", "15:6.2.0-49.module_el8.9.0+1"), "CVE-2026-2 15:6.2.0-50.module_el8.9.0+1 medium", ""},
		{rpm(el8, "virt:av", "qemu-img", "15:6.2.0-49.module_el8.9.0+1"), "", ""},
		{rpm(el8, "idm:DL1", "ipa-client", "4.9.13-8.module_el8.10.0+1"), "", another},
		{rpm(el8, "go-toolset:rhel8", "golang", "1.21.0-1.module_el8.10.0+1"), "", another},
		{rpm(el8, "perl:5.24", "perl-libs", "4:5.24.4-404.module_el8.6.0"), "", ""},
		{rpm(el8, "", "perl-libs", "4:5.26.3-422.el8"), "CVE-2026-5 4:5.26.3-500.el8 medium", ""},
		{rpm("Red Hat:8", "nodejs:18", "nodejs", "1:18.19.0-1.module+el8.9.0+0+cccc"), "CVE-2026-18 1:18.20.0-1.module+el8.9.0+1+aaaa unknown", ""},
		{rpm("Red Hat:8", "nodejs:20", "nodejs", "1:18.19.0-1.module+el8.9.0+0+cccc"), "", ""},
	} {
		c.check(t, db)
	}
}

// TestExtended asks about packages of minor releases that get fixes for longer.
func TestExtended(t *testing.T) {
	const main, eus = "Red Hat:enterprise_linux:9::baseos", "Red Hat:rhel_eus:9.2::baseos"
	db := one(t,
		advisory("RHSA-2026:1", "kernel security update", "CVE-2026-1 CVE-2026-2", "kernel", [2]string{main, "0:5.14.0-362.8.1.el9_3"}),
		advisory("RHSA-2026:2", "kernel security update", "CVE-2026-3", "kernel", [2]string{main, "0:5.14.0-362.9.1.el9_3"}),
		advisory("RHSA-2026:3", "kernel security update", "CVE-2026-1", "kernel", [2]string{eus, "0:5.14.0-284.30.1.el9_2"}),
		advisory("RHSA-2026:4", "kernel security update", "CVE-2026-3", "kernel", [2]string{"Red Hat:rhel_e4s:9.2::baseos", "0:5.14.0-284.40.1.el9_2"}),
	)
	for _, c := range []asked{
		{rpm("Red Hat:9", "", "kernel", "5.14.0-284.11.1.el9_2"), "CVE-2026-1 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-2 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-3 0:5.14.0-362.9.1.el9_3 unknown", ""},
		{rpm("Red Hat:9", "", "kernel", "5.14.0-284.30.1.el9_2"), "CVE-2026-2 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-3 0:5.14.0-362.9.1.el9_3 unknown", ""},
		{rpm("Red Hat:9", "", "kernel", "5.14.0-284.40.1.el9_2"), "CVE-2026-2 0:5.14.0-362.8.1.el9_3 unknown", ""},
		// Later than the fix of another minor release says nothing.
		{rpm("Red Hat:9", "", "kernel", "5.14.0-361.1.1.el9_3"), "CVE-2026-1 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-2 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-3 0:5.14.0-362.9.1.el9_3 unknown", ""},
		{rpm("Red Hat:9", "", "kernel", "5.14.0-284.99.1.el8_2"), "CVE-2026-1 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-2 0:5.14.0-362.8.1.el9_3 unknown, CVE-2026-3 0:5.14.0-362.9.1.el9_3 unknown", ""},
		{rpm("Red Hat:9", "", "kernel", "5.14.0-362.9.1.el9_3"), "", ""},
	} {
		c.check(t, db)
	}
}

// TestRedHatRecord reads a real record, of a module in a minor release.
func TestRedHatRecord(t *testing.T) {
	db := imported(t, "testdata/records/RHSA-2024_6220.json")
	records, err := db.files["Red Hat"].records(key{"Red Hat:8.6", "python39"})
	if err != nil || len(records) != 1 || !slices.Equal(records[0].Modules, []string{"python39:3.9"}) || !slices.Equal(records[0].Names, []string{"CVE-2024-6345"}) {
		t.Errorf("%+v, %v", records, err)
	}
}
