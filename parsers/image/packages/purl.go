package packages

import (
	"maps"
	"strings"

	"github.com/package-url/packageurl-go"
)

// URL is the package URL of a package in a distribution: what other programs
// know it by. See https://github.com/package-url/purl-spec.
func (p Package) URL(of OS) packageurl.PackageURL {
	return p.url(of, p.Name, p.Version, p.Arch)
}

// OriginURL is that of the source package.
func (p Package) OriginURL(of OS) packageurl.PackageURL {
	name, version := p.Origin()
	return p.url(of, name, version, "")
}

func (p Package) url(of OS, name, version, arch string) packageurl.PackageURL {
	u := packageurl.PackageURL{Type: p.Type, Name: name, Version: version}
	switch p.Type {
	case Debian, Alpine, RPM:
		u.Namespace = of.ID
		qualifiers := map[string]string{"arch": arch, "rpmmod": p.Module}
		if of.ID != "" && of.Version != "" {
			qualifiers["distro"] = of.ID + "-" + of.Version
		}
		if p.Type == RPM {
			u.Namespace = rpmVendor(of.ID)
			qualifiers["epoch"], u.Version = cutEpoch(version)
		}
		maps.DeleteFunc(qualifiers, func(_, value string) bool { return value == "" || value == "0" })
		u.Qualifiers = packageurl.QualifiersFromMap(qualifiers) // sorted
	case Python:
		u.Name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	case Maven:
		u.Namespace, u.Name, _ = strings.Cut(name, ":")
	case Go, NPM, Composer: // paths of modules keep their case, as everybody writes them
		if slash := strings.LastIndexByte(name, '/'); slash >= 0 {
			u.Namespace, u.Name = name[:slash], name[slash+1:]
		}
	}
	return u
}

// rpmVendor is what package URLs call a distribution by its ID, where that is
// another name.
func rpmVendor(id string) string {
	switch {
	case id == "rhel":
		return "redhat"
	case strings.HasPrefix(id, "opensuse"):
		return "opensuse"
	case strings.HasPrefix(id, "sle"), id == "sl-micro":
		return "suse"
	}
	return id
}
