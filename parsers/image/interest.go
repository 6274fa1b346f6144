package image

import (
	"archive/tar"
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// interest is what a file is looked at for.
type interest struct {
	setuid, shell, manager, key bool

	behind bool // a command that is one of the above by a link may be this file
}

// interesting tells by the name and the mode of an entry what it is of
// interest for. Whether it is a private key its text has to tell.
func interesting(name string, h *tar.Header, link bool) interest {
	var i interest
	dir, base := path.Dir(name), path.Base(name)
	if slices.Contains(binaries[:], dir) && (link || h.Mode&0o111 != 0) {
		i.shell = slices.Contains(shells[:], base)
		i.manager = slices.Contains(managers[:], base)
	}
	i.behind = dir == "etc/alternatives" || behind().MatchString(base)
	if link {
		return i
	}
	i.setuid = h.Mode&0o6000 != 0 && h.Mode&0o111 != 0
	i.key = h.Size >= 64 && h.Size <= maxKey && mayBeKey(name)
	return i
}

// binaries are the directories that commands are found in; the last is where
// distroless images have the shell of their debug variants.
var binaries = [...]string{
	"bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "opt/conda/bin", "root/.cargo/bin", "busybox",
}

var shells = [...]string{
	"sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "pwsh", "rbash", "tcsh", "toybox", "zsh",
}

var managers = [...]string{
	"apk", "apt", "apt-get", "brew", "cargo", "conda", "dnf", "dnf-3", "dnf5", "dpkg", "emerge", "gem", "mamba", "microdnf", "npm", "opkg",
	"pacman", "pip", "pip3", "pnpm", "rpm", "tdnf", "uv", "xbps-install", "yarn", "yum", "zypper",
}

// behind are the names of what distributions and the images of languages make
// links to: npm to npm-cli.js, gem to gem3.1, pwsh to one in /opt.
var behind = late.Pattern(`^(?:npm-cli\.js|pnpm\.c?js|yarn(?:\.js)?|pip-?[23][.0-9]*|gem-?[23][.0-9]*|rustup|pwsh|ksh(?:93|20\d\d)|bsd-csh|ksh-static|zsh[-0-9.]+|zsh-static|bash-static|dash-static)$`)

// maxKey is how large a file with a private key may be, in bytes.
const maxKey = 32 << 10

// mayBeKey tells whether a file lies where keys in use lie. Libraries come with
// keys for their tests and examples, and Debian with one that goes with a
// certificate nobody trusts ("snakeoil"), which open nothing.
func mayBeKey(name string) bool {
	if samples().MatchString(name) || strings.Contains(name, "snakeoil") {
		return false
	}
	base := path.Base(name)
	switch path.Ext(base) {
	case ".pem", ".key", ".ppk", ".priv":
		return true
	case ".pub":
		return false
	}
	return strings.HasPrefix(base, "id_") || strings.HasPrefix(base, "ssh_host_") || base == "identity" || strings.HasSuffix(base, "_rsa") ||
		strings.HasSuffix(path.Dir(name), ".ssh") || path.Dir(name) == "etc/ssl/private" || path.Dir(name) == "etc/pki/tls/private"
}

var samples = late.Pattern(`(?i)(^|/)(t|tests?|testdata|testing|fixtures?|examples?|samples?|demos?|docs?|node_modules|site-packages|dist-packages|gems|vendor|pkg/mod|python[0-9.]*)/`)

// isPrivateKey tells whether a text has a private key in it that needs no
// passphrase, as far as can be seen from outside.
func isPrivateKey(text []byte) bool {
	m := pemHeader().FindIndex(text)
	return m != nil && !bytes.Contains(text[m[1]:min(m[1]+100, len(text))], []byte("ENCRYPTED")) || bytes.HasPrefix(text, []byte("PuTTY-User-Key-File-"))
}

var pemHeader = late.Pattern(`(?m)^-----BEGIN (?:RSA |DSA |EC |OPENSSH )?PRIVATE KEY-----\s`)

// target is where a symbolic link leads, as a path in the image.
func target(name, link string) string {
	if !path.IsAbs(link) {
		link = path.Join(path.Dir(name), link)
	}
	return clean(link)
}

// sorted are the files of interest in the order of their paths. A link counts
// when what it leads to is there.
func (v *view) sorted() (f Files) {
	names := make([]string, 0, len(v.files))
	for name := range v.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := v.files[name]
		if !v.present(name) {
			continue
		}
		for _, list := range []struct {
			in bool
			to *[]File
		}{{s.setuid, &f.Setuid}, {s.shell, &f.Shells}, {s.manager, &f.PackageManagers}, {s.key, &f.PrivateKeys}} {
			if list.in {
				*list.to = append(*list.to, s.File)
			}
		}
	}
	return f
}

// present follows links from command to command. A link to what is no file of
// interest counts as one that leads nowhere, as npm does where only its library
// was removed.
func (v *view) present(name string) bool {
	for range 5 {
		s, ok := v.files[v.real(name)]
		if !ok || s.target == "" {
			return ok
		}
		name = s.target
	}
	return false
}
