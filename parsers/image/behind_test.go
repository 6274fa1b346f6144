package image

import (
	"archive/tar"
	"slices"
	"strings"
	"testing"
)

// TestCommandsBehindLinks holds that a command is there when what it is a link
// to is, whatever the name of that, and not when only the link was left.
func TestCommandsBehindLinks(t *testing.T) {
	link := func(name, to string) put { return put{name: name, kind: tar.TypeSymlink, link: to} }
	base := tarOf(t,
		link("usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js"), put{name: "usr/local/lib/node_modules/npm/bin/npm-cli.js", mode: 0o755, text: "x"},
		link("usr/local/bin/yarn", "/opt/yarn-v1.22.22/bin/yarn"), put{name: "opt/yarn-v1.22.22/bin/yarn", mode: 0o755, text: "x"},
		link("usr/bin/gem", "gem3.1"), put{name: "usr/bin/gem3.1", mode: 0o755, text: "x"}, link("usr/bin/pip3", "pip3.11"),
		link("usr/bin/pwsh", "/opt/microsoft/powershell/7/pwsh"), put{name: "opt/microsoft/powershell/7/pwsh", mode: 0o755, text: "x"},
		link("usr/bin/ksh", "/etc/alternatives/ksh"), link("etc/alternatives/ksh", "/bin/ksh93"), put{name: "bin/ksh93", mode: 0o755, text: "x"},
	)
	removed := tarOf(t, put{name: "usr/local/lib/.wh.node_modules"}, put{name: "opt/.wh.microsoft"}, put{name: "etc/alternatives/.wh.ksh"})
	for _, c := range []struct {
		layers [][]byte
		want   string
	}{
		{[][]byte{base}, "usr/bin/ksh usr/bin/pwsh usr/bin/gem usr/local/bin/npm usr/local/bin/yarn"},
		{[][]byte{base, removed}, "usr/bin/gem usr/local/bin/yarn"},
	} {
		v, err := scanned(t, Limits{}, c.layers...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		f := v.sorted()
		for _, file := range slices.Concat(f.Shells, f.PackageManagers, f.Setuid, f.PrivateKeys) {
			got = append(got, file.Path)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("commands %q, want %q", strings.Join(got, " "), c.want)
		}
	}
}
