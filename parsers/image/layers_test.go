package image

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// told is what is known of the files and packages of an image, on one line.
func told(d *Document) string {
	var words []string
	if d.OS.ID != "" {
		words = append(words, d.OS.ID+" "+d.OS.Version)
	}
	for _, list := range [][]File{d.Files.Setuid, d.Files.Shells, d.Files.PackageManagers, d.Files.PrivateKeys} {
		for _, f := range list {
			words = append(words, f.Path)
		}
	}
	for _, p := range d.Packages {
		words = append(words, p.Name+"@"+p.Path)
	}
	return strings.Join(append(append(words, d.Gaps...), d.Unchecked...), " ")
}

// TestKindsOfLayers reads the same files out of all kinds of layers that
// builders make.
func TestKindsOfLayers(t *testing.T) {
	plain := tarOf(t, put{name: "bin/sh", mode: 0o755, text: "x"}, put{name: "app/node_modules/a/package.json", text: `{"name":"a","version":"1"}`})
	const want = "bin/sh a@app/node_modules/a/package.json"
	zip, zst := zipped(t, plain), zstdOf(t, plain)
	contents := tarOf(t, put{name: "stargz.index.json", text: `{"version":1}`})
	whole := append(bytes.Clone(plain[:len(plain)-1024]), contents...) // without the end of the first one
	frame := skipped("a table of contents")
	hub := newHub(t)
	hub.push(t, "kinds:pushed", imageOf(t, v1.Config{}, packed{static.NewLayer(zip, types.OCILayer), plain})) // foreign layers are not pushed by themselves
	for name, c := range map[string]struct {
		stored, plain []byte
		mediaType     types.MediaType
	}{
		"oci":             {zip, plain, types.OCILayer},
		"oci-zstd":        {zst, plain, types.OCILayerZStd},
		"oci-plain":       {plain, plain, types.OCIUncompressedLayer},
		"docker":          {zip, plain, types.DockerLayer},
		"another-is-said": {zst, plain, types.OCILayer},
		"restricted":      {zip, plain, types.OCIRestrictedLayer},
		"foreign":         {zip, plain, types.DockerForeignLayer},
		// Parts are gzip members of their own, the last a table of contents.
		"estargz": {append(zipped(t, plain[:len(plain)-1024]), zipped(t, contents)...), whole, types.OCILayer},
		// A table of contents is in frames that unpackers skip.
		"zstd-chunked":  {append(bytes.Clone(zst), frame...), plain, types.OCILayerZStd},
		"zstd-in-front": {append(bytes.Clone(frame), zst...), plain, types.OCILayerZStd},
	} {
		ref := hub.push(t, "kinds:"+name, imageOf(t, v1.Config{}, packed{static.NewLayer(c.stored, c.mediaType), c.plain}))
		d, err := readerOf(t, Options{}).Open(t.Context(), ref)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := told(d); got != want || d.Layers[0].MediaType != string(c.mediaType) {
			t.Errorf("%s: %q of %s, want %q", name, got, d.Layers[0].MediaType, want)
		}
	}
}

// packed is a layer as it is stored and as it is unpacked.
type packed struct {
	v1.Layer
	plain []byte
}

func (p packed) DiffID() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(p.plain))
	return h, err
}

// skipped is a zstd frame that unpackers skip.
func skipped(text string) []byte {
	frame := binary.LittleEndian.AppendUint32(nil, 0x184d2a50)
	return append(binary.LittleEndian.AppendUint32(frame, uint32(len(text))), text...)
}

// TestStacksOfLayers holds what is left of layers on top of each other.
func TestStacksOfLayers(t *testing.T) {
	link := func(name, to string) put { return put{name: name, kind: tar.TypeSymlink, link: to} }
	hard := func(name, to string) put { return put{name: name, kind: tar.TypeLink, link: to, mode: 0o755} }
	su := func(name string) put { return put{name: name, mode: 0o4755, text: "x"} }
	npm := func(name string) put { return put{name: name + "/package.json", text: `{"name":"a","version":"1"}`} }
	merged := []put{link("bin", "usr/bin"), link("sbin", "/usr/sbin"), link("usr/sbin", "bin"), link("lib", "usr/lib"), su("usr/bin/su"), {name: "usr/bin/sh", mode: 0o755, text: "x"}}
	for name, c := range map[string]struct {
		layers [][]put
		want   string
	}{
		"none":                 {nil, ""},
		"one without files":    {[][]put{{}, {su("su")}, {}}, "su"},
		"the same again":       {[][]put{{su("a/su")}, {{name: "a/.wh.su"}}, {su("a/su")}}, "a/su"},
		"the same taken twice": {[][]put{{su("a/su")}, {{name: "a/.wh.su"}}, {{name: "a/.wh.su"}}}, ""},

		"os-release is a link":          {[][]put{{link("etc/os-release", "../usr/lib/os-release"), {name: "usr/lib/os-release", text: debian}}}, "debian 12"},
		"os-release comes as a link":    {[][]put{{{name: "etc/os-release", text: "ID=a\n"}, {name: "usr/lib/os-release", text: debian}}, {link("etc/os-release", "../usr/lib/os-release")}}, "debian 12"},
		"os-release behind lib":         {[][]put{{link("lib", "usr/lib")}, {{name: "lib/os-release", text: debian}}}, "debian 12"},
		"directories that are links":    {[][]put{merged}, "usr/bin/su usr/bin/sh"},
		"a file over one behind a link": {[][]put{merged, {{name: "sbin/su", mode: 0o755, text: "x"}}}, "usr/bin/sh"},
		"one taken behind a link":       {[][]put{merged, {{name: "bin/.wh.sh"}}}, "usr/bin/su"},
		"one added behind a link":       {[][]put{merged, {su("bin/mount")}}, "usr/bin/mount usr/bin/su usr/bin/sh"},
		"a link to one behind a link":   {[][]put{merged, {link("usr/bin/bash", "/bin/sh"), link("usr/bin/zsh", "/bin/gone")}}, "usr/bin/su usr/bin/bash usr/bin/sh"},
		"all of one behind a link":      {[][]put{merged, {{name: "bin/.wh..wh..opq"}}}, ""},
		"the link is taken":             {[][]put{merged, {{name: ".wh.bin"}}, {su("bin/su")}}, "bin/su usr/bin/su usr/bin/sh"},
		"the link is taken, and again":  {[][]put{merged, {link("bin", "usr/bin"), {name: ".wh.bin"}}, {su("bin/mount")}}, "usr/bin/mount usr/bin/su usr/bin/sh"},
		"all is taken":                  {[][]put{merged, {{name: ".wh..wh..opq"}}, {su("bin/su")}}, "bin/su"},
		"a directory in place of it":    {[][]put{merged, {{name: "bin/", kind: tar.TypeDir, mode: 0o755}, su("bin/su")}}, "bin/su usr/bin/su usr/bin/sh"},
		"a link to itself":              {[][]put{{link("bin", "bin"), su("bin/su")}}, "bin/su"},
		"a link out of the image":       {[][]put{{link("bin", "../../../usr/bin"), su("bin/su")}}, "usr/bin/su"},

		"a hard link to a shell":            {[][]put{{{name: "bin/[", mode: 0o755, text: "x"}, hard("bin/sh", "bin/[")}}, "bin/sh"},
		"a hard link to a package":          {[][]put{{npm("cache/node_modules/a"), hard("app/node_modules/a/package.json", "cache/node_modules/a/package.json")}}, "a@cache/node_modules/a/package.json"},
		"its first name is taken":           {[][]put{{npm("cache/node_modules/a"), hard("app/node_modules/a/package.json", "./cache/node_modules/a/package.json")}, {{name: ".wh.cache"}}}, "a@app/node_modules/a/package.json"},
		"its second name is taken":          {[][]put{{npm("cache/node_modules/a"), hard("app/node_modules/a/package.json", "cache/node_modules/a/package.json")}, {{name: ".wh.app"}}}, "a@cache/node_modules/a/package.json"},
		"a hard link to what is not read":   {[][]put{{{name: "store/1", text: `{"name":"a","version":"1"}`}, hard("app/node_modules/a/package.json", "store/1")}}, `"app/node_modules/a/package.json" is another name of "store/1", which was not read`},
		"a hard link in place of a package": {[][]put{{npm("node_modules/a")}, {{name: "x", text: "x"}, {name: "node_modules/a/package.json", kind: tar.TypeLink, link: "x"}}}, `"node_modules/a/package.json" is another name of "x", which was not read`},
		"a hard link to a key":              {[][]put{{{name: "a/server.key", text: key}, {name: "b/server.key", kind: tar.TypeLink, link: "a/server.key"}}}, "a/server.key"},
	} {
		var layers []v1.Layer
		for _, puts := range c.layers {
			layers = append(layers, layerOf(t, zipped(t, tarOf(t, puts...))))
		}
		dir := t.TempDir()
		layoutDir(t, dir, imageOf(t, v1.Config{}, layers...), "a:1")
		docs, err := readerOf(t, Options{}).OpenPath(t.Context(), dir)
		if err != nil || len(docs) != 1 {
			t.Errorf("%s: %v, %v", name, docs, err)
			continue
		}
		if got := told(docs[0]); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
