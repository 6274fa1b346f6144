package packages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// A scheme is how the records of one distribution at OSV name what they are
// about.
type scheme struct {
	// kind is the type of its packages.
	kind string
	// source says that they name source packages.
	source bool
	// epochs says that their versions have the epochs of rpm, where there are.
	epochs bool
	// vendors begin what packages of rpm say of who made them, when it is the
	// distribution; those of others are not what its records are about.
	vendors []string
}

// schemeOf is the scheme of an ecosystem. See
// https://ossf.github.io/osv-schema/#affectedpackage-field.
func schemeOf(ecosystem string) scheme {
	name, _, _ := strings.Cut(ecosystem, ":")
	switch name {
	case "Debian", "Ubuntu":
		return scheme{kind: Debian, source: true}
	case "Alpine", "Wolfi", "Chainguard":
		return scheme{kind: Alpine, source: true}
	case "Red Hat":
		return scheme{kind: RPM, epochs: true, vendors: []string{"Red Hat"}}
	case "AlmaLinux":
		return scheme{kind: RPM, epochs: true, vendors: []string{"AlmaLinux"}}
	case "Rocky Linux":
		return scheme{kind: RPM, source: true, epochs: true, vendors: []string{"Rocky"}}
	case "SUSE", "openSUSE":
		return scheme{kind: RPM, source: true, vendors: []string{"SUSE", "openSUSE"}}
	case "openEuler":
		return scheme{kind: RPM, source: true, vendors: []string{"http://openeuler.org", "openEuler"}}
	case "Azure Linux":
		return scheme{kind: RPM, source: true, vendors: []string{"Microsoft"}}
	case "Mageia":
		return scheme{kind: RPM, source: true, vendors: []string{"Mageia"}}
	case "Photon OS":
		return scheme{kind: RPM, vendors: []string{"VMware", "Broadcom"}}
	}
	return scheme{}
}

// IsDistribution tells the ecosystem of a distribution from that of a language.
func IsDistribution(ecosystem string) bool { return schemeOf(ecosystem).kind != "" }

// Recorded is the name and the version under which the records of a package's
// ecosystem have it; the version is empty where it is not known.
func (p Package) Recorded() (name, version string) {
	s := schemeOf(p.Ecosystem)
	name, version = p.Name, p.Version
	if s.source {
		name, version = p.Origin()
	}
	if p.Type != RPM {
		return name, version
	}
	epoch, plain := cutEpoch(version)
	switch {
	case !s.epochs:
		return name, plain
	case s.source && p.SourceVersion != "" && epoch == "":
		return name, ""
	}
	return name, version
}

// isOf tells whether a package of an image is one of the distribution with an
// ecosystem: of its type, and made by it as far as it says.
func (p Package) isOf(ecosystem string) bool {
	s := schemeOf(ecosystem)
	made := p.Vendor == "" || len(s.vendors) == 0 || slices.ContainsFunc(s.vendors, func(v string) bool { return strings.HasPrefix(p.Vendor, v) })
	return p.Type == s.kind && made
}

// ecosystem is the name of a distribution's packages at OSV, as [Fold] has it;
// empty for one that OSV has no records of, and why it has none.
func (o OS) ecosystem() (name, gap string) {
	numbered := o.Version != "" && strings.Trim(o.Version, "0123456789.") == ""
	major, rest, _ := strings.Cut(o.Version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	switch o.ID { // those with no releases
	case "wolfi":
		return "Wolfi", ""
	case "chainguard":
		return "Chainguard", ""
	case "opensuse-tumbleweed":
		return "openSUSE:Tumbleweed", ""
	case "":
		return "", "no os-release: what distribution the packages belong to is not known"
	}
	switch o.ID {
	case "debian":
		name = "Debian:" + major
	case "alpine":
		name = "Alpine:v" + major + "." + minor
	case "ubuntu":
		name = "Ubuntu:" + major + "." + minor
		if minor == "04" && len(major) == 2 && (major[1]-'0')%2 == 0 {
			name += ":LTS"
		}
	case "rhel":
		name = "Red Hat:" + major
	case "rocky":
		name = "Rocky Linux:" + major
	case "almalinux":
		name = "AlmaLinux:" + major
	case "sles", "sled", "sles_sap":
		name = "SUSE:" + o.Version
	case "sle-micro":
		name = "SUSE:Linux Enterprise Micro " + o.Version
	case "sl-micro":
		name = "SUSE:Linux Micro " + o.Version
	case "opensuse-leap":
		name = "openSUSE:Leap " + o.Version
	case "openEuler":
		name = "openEuler:" + o.Version + openEulerRelease(o.Name)
	case "azurelinux", "mariner":
		name = "Azure Linux:" + major
	case "mageia":
		name = "Mageia:" + o.Version
	case "photon":
		name = "Photon OS:" + o.Version
	default:
		return "", fmt.Sprintf("packages of the distribution %q cannot be held against records of flaws", o.ID)
	}
	if !numbered {
		return "", fmt.Sprintf("os-release names no numbered release of %s (%q): its packages cannot be held against records of flaws", o.ID, o.Version)
	}
	return name, ""
}

// openEulerRelease is what a release is called beside its number: -LTS-SP3 of
// "openEuler 22.03 (LTS-SP3)".
func openEulerRelease(name string) string {
	_, inside, ok := strings.Cut(name, "(")
	inside, _, ok2 := strings.Cut(inside, ")")
	if !ok || !ok2 {
		return ""
	}
	return "-" + inside
}

// Fold is the ecosystem of a record with all that it says of a distribution but
// the release: Red Hat and SUSE have one for each repository and product
// ("Red Hat:enterprise_linux:9::baseos", "SUSE:Linux Enterprise Module for
// Basesystem 15 SP5", "SUSE:Linux Enterprise Server 15 SP5-LTSS"), and nothing
// in an image says which of them a package is from. The packages of all of
// them are of one release ("Red Hat:9", "SUSE:15.5"). A minor release of Red Hat
// that gets fixes for longer is one of its own ("Red Hat:9.2"). The ecosystems
// of other products stay as they are.
func Fold(ecosystem string) string {
	if m := redHat().FindStringSubmatch(ecosystem); m != nil {
		return "Red Hat:" + m[1]
	}
	if m := redHatMinor().FindStringSubmatch(ecosystem); m != nil {
		return "Red Hat:" + m[1]
	}
	if m := suse().FindStringSubmatch(ecosystem); m != nil && !strings.Contains(ecosystem, " Micro ") {
		name := "SUSE:" + m[1]
		if m[2] != "" {
			name += "." + m[2]
		}
		return name
	}
	return ecosystem
}

var (
	redHat      = late.Pattern(`^Red Hat:enterprise_linux:(\d+)(?:\.\d+)?(?:::\w+)?$`)
	redHatMinor = late.Pattern(`^Red Hat:(?:rhel_(?:eus|aus|tus|e4s|eus_long_life)|enterprise_linux_eus):(\d+\.\d+)(?:::\w+)?$`)
	suse        = late.Pattern(`^SUSE:Linux Enterprise .* (\d+)(?:(?: SP|\.)(\d+))?(?:-[-A-Z]+)?$`)
)
