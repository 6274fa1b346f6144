package image

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// scanned lets layers pass by, and returns what is seen and what went wrong.
func scanned(t testing.TB, limits Limits, stored ...[]byte) (*view, error) {
	t.Helper()
	var layers []layer
	for _, s := range stored {
		layers = append(layers, memory(t, s, nil))
	}
	return new(chains).view(t.Context(), layers, limits.filled())
}

// memory is a layer in memory. What is read of it is counted, when asked for.
func memory(t testing.TB, stored []byte, counted *int64) layer {
	l := layerOf(t, stored)
	digest, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	diffID, err := l.DiffID()
	if err != nil {
		t.Fatal(err)
	}
	return layer{Descriptor: v1.Descriptor{Digest: digest, Size: int64(len(stored))}, diffID: diffID, retry: once, open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(&counter{bytes.NewReader(stored), counted}), nil
	}}
}

type counter struct {
	io.Reader
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.n != nil {
		*c.n += int64(n)
	}
	return n, err
}

// zeros is a gzip file of a number of MiB of zeros behind the header of a tar
// file that has one file of that size.
func zeros(t testing.TB, mib int, pack func(testing.TB, []byte) []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "zeros", Size: int64(mib) << 20, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, mib<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return pack(t, b.Bytes())
}

// TestBomb holds that of a layer that expands beyond all bounds no more is
// unpacked than the bounds allow.
func TestBomb(t *testing.T) {
	for name, pack := range map[string]func(testing.TB, []byte) []byte{"gzip": zipped, "zstd": zstdOf} {
		bomb := zeros(t, 64, pack)
		for _, c := range []struct {
			limits Limits
			words  string
		}{
			{Limits{Ratio: 100, RatioFrom: 1 << 20}, "layer 0: it unpacks to more than 100 times its size"},
			{Limits{Bytes: 2 << 20}, "layer 0: it unpacks to more than 2 MiB"},
		} {
			var read int64
			_, err := new(chains).view(t.Context(), []layer{memory(t, bomb, &read)}, c.limits.filled())
			if err == nil || !strings.HasPrefix(err.Error(), c.words) {
				t.Errorf("%s: %v, want %s…", name, err, c.words)
			}
			if most := int64(len(bomb)/2) + 256<<10; read > most {
				t.Errorf("%s: %d of %d bytes were read", name, read, len(bomb))
			}
		}
		if _, err := scanned(t, Limits{}, bomb); err != nil {
			t.Errorf("%s: a large file of zeros is no bomb: %v", name, err)
		}
	}
	// All layers together are bounded too.
	two := []layer{memory(t, zeros(t, 3, zipped), nil), memory(t, zeros(t, 2, zipped), nil)}
	_, err := new(chains).view(t.Context(), two, Limits{Bytes: 5 << 20}.filled())
	if err == nil || !strings.HasPrefix(err.Error(), "layer 1: it unpacks to more than 5 MiB") {
		t.Errorf("of two layers: %v", err)
	}
}

// TestManyEntries holds that entries are counted, and that those of no
// interest take no memory.
func TestManyEntries(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	const n = 100_000
	for i := range n {
		h := &tar.Header{Name: fmt.Sprintf("usr/lib/%d/%d", i%100, i), Mode: 0o644, Format: tar.FormatUSTAR}
		switch i % 4 {
		case 1:
			h.Name = fmt.Sprintf("usr/lib/%d/.wh.%d", i%100, i)
		case 2:
			h.Typeflag, h.Linkname = tar.TypeSymlink, "x"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer := zipped(t, b.Bytes())
	v, err := scanned(t, Limits{}, layer, layer)
	if err != nil || len(v.files) != 0 {
		t.Errorf("%d files kept, %v", len(v.files), err)
	}
	_, err = scanned(t, Limits{Entries: n - 1}, layer)
	if err == nil || !strings.HasPrefix(err.Error(), "layer 0: it has more than 99999 files") {
		t.Errorf("of too many: %v", err)
	}
}

func TestNamesThatLeadElsewhere(t *testing.T) {
	v, err := scanned(t, Limits{Name: 100}, tarOf(t,
		put{name: "../../etc/cron.d/x", mode: 0o4755, text: "x"}, put{name: "a/../../b", text: "x"}, put{name: "..", kind: tar.TypeDir},
		put{name: "/bin/sh", mode: 0o755, text: "x"}, put{name: "a/../usr/bin/su", mode: 0o4755, text: "x"},
		put{name: "usr/bin/bash", kind: tar.TypeSymlink, link: "../../../../../../bin/sh"},
		put{name: "usr/bin/zsh", kind: tar.TypeSymlink, link: "/proc/self/root/bin/zsh"},
		put{name: strings.Repeat("n", 101), mode: 0o4755, text: "x"}, put{name: "./", kind: tar.TypeDir},
		put{name: ".wh...", text: ""}, put{name: ".wh.", text: ""},
	))
	if err != nil {
		t.Fatal(err)
	}
	f := v.sorted()
	var got []string
	for _, list := range [][]File{f.Setuid, f.Shells} {
		for _, file := range list {
			got = append(got, file.Path)
		}
	}
	if want := []string{"usr/bin/su", "bin/sh", "usr/bin/bash"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	want := []string{
		`layer 0: 3 files were left out whose names lead out of the image, such as "../../etc/cron.d/x"`,
		"layer 0: 1 files were left out whose names are too long",
	}
	if !slices.Equal(v.gaps, want) {
		t.Errorf("gaps %q, want %q", v.gaps, want)
	}
}

// TestWhiteouts holds the view after several layers, whatever their order in
// the layer.
func TestWhiteouts(t *testing.T) {
	sh := func(name string) put { return put{name: name, mode: 0o755, text: "x"} }
	su := func(name string) put { return put{name: name, mode: 0o4755, text: "x"} }
	base := []put{sh("bin/sh"), sh("bin/bash"), su("a/b/su"), su("a/c"), {name: "etc/passwd", text: "app:x:7:7::/:\n"}}
	for name, c := range map[string]struct {
		top  []put
		want string
		user bool
	}{
		"nothing":                         {nil, "a/b/su a/c bin/bash bin/sh", true},
		"a file":                          {[]put{{name: "bin/.wh.sh"}}, "a/b/su a/c bin/bash", true},
		"a directory":                     {[]put{{name: ".wh.a"}}, "bin/bash bin/sh", true},
		"opaque":                          {[]put{{name: "a/b/.wh..wh..opq"}}, "a/c bin/bash bin/sh", true},
		"opaque, its own stays":           {[]put{su("a/new"), {name: "a/.wh..wh..opq"}, su("a/newer")}, "a/new a/newer bin/bash bin/sh", true},
		"all":                             {[]put{{name: ".wh..wh..opq"}, sh("bin/zsh")}, "bin/zsh", false},
		"all, its own stays":              {[]put{{name: "etc/passwd", text: "app:x:8:8::/:\n"}, {name: ".wh..wh..opq"}}, "", true},
		"a whiteout and a file again":     {[]put{{name: "bin/.wh.sh"}, sh("bin/sh")}, "a/b/su a/c bin/bash bin/sh", true},
		"a file and its whiteout":         {[]put{sh("bin/sh"), {name: "bin/.wh.sh"}}, "a/b/su a/c bin/bash bin/sh", true},
		"without the bit":                 {[]put{{name: "a/c", mode: 0o755, text: "x"}}, "a/b/su bin/bash bin/sh", true},
		"a directory in place of a file":  {[]put{{name: "a/c", kind: tar.TypeDir, mode: 0o755}}, "a/b/su bin/bash bin/sh", true},
		"a file in place of a directory":  {[]put{{name: "a", text: "x"}}, "bin/bash bin/sh", true},
		"a link in place of a directory":  {[]put{{name: "a", kind: tar.TypeSymlink, link: "bin"}}, "bin/bash bin/sh", true},
		"a link to a shell that is there": {[]put{{name: "bin/sh", kind: tar.TypeSymlink, link: "bash"}}, "a/b/su a/c bin/bash bin/sh", true},
		"a link to a shell that is gone":  {[]put{{name: "bin/sh", kind: tar.TypeSymlink, link: "/bin/bash"}, {name: "bin/.wh.bash"}}, "a/b/su a/c", true},
		"a link to itself":                {[]put{{name: "bin/sh", kind: tar.TypeSymlink, link: "sh"}}, "a/b/su a/c bin/bash", true},
		"a device":                        {[]put{{name: "a/c", kind: tar.TypeChar, mode: 0o4755}}, "a/b/su bin/bash bin/sh", true},
		"a hard link":                     {[]put{{name: "a/d", kind: tar.TypeLink, link: "a/c", mode: 0o4755}}, "a/b/su a/c a/d bin/bash bin/sh", true},
		"housekeeping of AUFS":            {[]put{{name: ".wh..wh.plnk"}, {name: "bin/.wh..wh.aufs"}}, "a/b/su a/c bin/bash bin/sh", true},
		"users":                           {[]put{{name: "etc/.wh.passwd"}}, "a/b/su a/c bin/bash bin/sh", false},
	} {
		v, err := scanned(t, Limits{}, tarOf(t, base...), zstdOf(t, tarOf(t, c.top...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		f := v.sorted()
		for _, list := range [][]File{f.Setuid, f.Shells} {
			for _, file := range list {
				got = append(got, file.Path)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, " "), c.want)
		}
		if _, known := v.passwd.userID("app"); known != c.user {
			t.Errorf("%s: the user app is known: %v", name, known)
		}
	}
}

func TestPrivateKeys(t *testing.T) {
	encrypted := strings.Replace(key, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\n", 1)
	v, err := scanned(t, Limits{}, tarOf(t,
		put{name: "root/.ssh/id_ed25519", text: strings.ReplaceAll(key, "PRIVATE", "OPENSSH PRIVATE")}, put{name: "etc/ssl/private/site", text: key},
		put{name: "app/tls.pem", text: "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n" + key},
		put{name: "app/public.pem", text: strings.ReplaceAll(key, "PRIVATE", "PUBLIC")}, put{name: "app/locked.key", text: encrypted},
		put{name: "app/pkcs8.key", text: strings.ReplaceAll(key, "PRIVATE", "ENCRYPTED PRIVATE")}, put{name: "root/.ssh/id_rsa.pub", text: key},
		put{name: "app/test/server.key", text: key}, put{name: "usr/lib/python3/dist-packages/x/server.pem", text: key}, put{name: "app/notes.txt", text: key},
		put{name: "etc/ssl/private/ssl-cert-snakeoil.key", text: key}, put{name: "usr/lib/perl5/x/t/server.key", text: key},
		put{name: "app/large.key", text: strings.Repeat(" ", maxKey) + key}, put{name: "app/words.pem", text: "see -----BEGIN PRIVATE KEY-----" + strings.Repeat("x", 99)},
	))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range v.sorted().PrivateKeys {
		got = append(got, f.Path)
	}
	if want := []string{"app/tls.pem", "etc/ssl/private/site", "root/.ssh/id_ed25519"}; !slices.Equal(got, want) {
		t.Errorf("keys in %q, want %q", got, want)
	}
}

// TestArchivesThatAreNone holds what is made of files that are no archives, or
// broken ones.
func TestArchivesThatAreNone(t *testing.T) {
	good := tarOf(t, put{name: "manifest.json", text: `[{"Config":"c.json","Layers":["l.tar"]}]`}, put{name: "c.json", text: `{"rootfs":{"diff_ids":[]}}`},
		put{name: "l.tar", text: string(tarOf(t, put{name: "bin/sh", mode: 0o755, text: "x"}))})
	for name, c := range map[string]struct {
		data  []byte
		words string
	}{
		"empty.tar":   {nil, "neither a manifest.json nor an index.json"},
		"xz.tar.xz":   {[]byte("\xfd7zXZ\x00 and so on"), "it is compressed with bzip2 or xz, which is not unpacked"},
		"bz.tar.bz2":  {[]byte("BZh91AY&SY and so on"), "it is compressed with bzip2 or xz, which is not unpacked"},
		"cut.tar.zst": {zstdOf(t, good)[:50], "it ends too early"},
		"text.tar":    {bytes.Repeat([]byte("text "), 1000), "no archive that can be read"},
		"cut.tar":     {good[:2100], "it ends too early"},
		"cut.tar.gz":  {zipped(t, good)[:200], "it ends too early"},
		"other.tar":   {tarOf(t, put{name: "readme", text: "x"}), "neither a manifest.json nor an index.json"},
		"ended.tar":   {tarOf(t, put{name: "c.json", text: strings.Repeat("x", 512)}, put{name: "manifest.json", text: "[]"})[:1024], "it ends too early"},
		"padded.tar":  {tarOf(t, put{name: "readme", text: "x"})[:700], "it ends too early"},
		"text.tar.gz": {zipped(t, bytes.Repeat([]byte("text "), 1000)), "it is no tar file"},
		"chart.tgz":   {zipped(t, tarOf(t, put{name: "web/Chart.yaml", text: "name: web"}, put{name: "web/values.yaml", text: "a: 1"})), "it is a Helm chart and no image"},
		"deep.tgz":    {zipped(t, tarOf(t, put{name: "a/web/Chart.yaml", text: "name: web"})), "neither a manifest.json nor an index.json"},
		"json.tar":    {tarOf(t, put{name: "manifest.json", text: "x"}), "manifest.json is no list of images"},
		"none.tar":    {tarOf(t, put{name: "manifest.json", text: "[]"}), "it holds no image"},
		"config.tar":  {tarOf(t, put{name: "manifest.json", text: `[{"Config":"../../../etc/passwd","Layers":[]}]`}), "etc/passwd is not in the archive"},
		"layers.tar":  {good, "its manifest has 1 layers and its configuration 0"},
		"index.tar":   {tarOf(t, put{name: "index.json", text: `{"manifests":[{"digest":"sha256:12"}]}`}), "index.json is no index"},
		"blob.tar":    {tarOf(t, put{name: "index.json", text: `{"manifests":[{"digest":"sha256:` + strings.Repeat("a", 64) + `"}]}`}), "is not in the archive"},
		"digest.tar":  {tarOf(t, put{name: "index.json", text: `{"manifests":[{"digest":"sha256:` + strings.Repeat("a", 64) + `"}]}`}, put{name: "blobs/sha256/" + strings.Repeat("a", 64), text: "{}"}), "what was read has the digest"},
		"links.tar":   {tarOf(t, put{name: "manifest.json", kind: tar.TypeSymlink, link: "manifest.json"}), "a link to a link"},
		"out.tar":     {tarOf(t, put{name: "manifest.json", kind: tar.TypeSymlink, link: "../../etc/passwd"}), "etc/passwd is not in the archive"},
		"large.tar":   {tarOf(t, put{name: "manifest.json", text: "[" + strings.Repeat(" ", 9<<20) + "]"}), "has more than 8388608 bytes"},
	} {
		path := filepath.Join(t.TempDir(), name)
		writeFile(t, path, c.data)
		d, err := readerOf(t, Options{}).OpenPath(t.Context(), path)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, %v; want …%s…", name, d, err, c.words)
		}
	}
	several := filepath.Join(t.TempDir(), "several.tar")
	writeFile(t, several, tarOf(t, put{name: "manifest.json", text: `[{"Config":"gone","RepoTags":["a:1"]},{"Config":"c.json","RepoTags":["b:1"]},{"Config":"l.tar","RepoTags":["c:1"]}]`},
		put{name: "c.json", text: `{"rootfs":{"diff_ids":[]}}`}, put{name: "l.tar", text: "x"}))
	docs, err := readerOf(t, Options{}).OpenPath(t.Context(), several)
	if len(docs) != 1 || docs[0].Reference != "b:1" || err == nil || !strings.HasPrefix(err.Error(), "a:1: its configuration: gone is not in the archive; c:1: its configuration cannot be read: ") {
		t.Errorf("of an archive with good and bad: %v, %v", docs, err)
	}
	dir := t.TempDir()
	if _, err := readerOf(t, Options{}).OpenPath(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "no OCI layout") {
		t.Errorf("of a directory: %v", err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "index.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := readerOf(t, Options{}).OpenPath(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "index.json cannot be opened") {
		t.Errorf("of a layout with a link that leads out of it: %v", err)
	}
	if _, err := readerOf(t, Options{}).OpenPath(t.Context(), filepath.Join(dir, "gone")); err == nil || failure(err).Reason != NotFound {
		t.Errorf("of nothing: %v", err)
	}
}

func FuzzLayer(f *testing.F) {
	f.Add(tarOf(f, put{name: "bin/sh", mode: 0o755, text: "x"}, put{name: "etc/passwd", text: "a:x:1:"}, put{name: ".wh.x"}))
	f.Add(zipped(f, tarOf(f, put{name: "a/.wh..wh..opq"}, put{name: "root/.ssh/id_rsa", text: key})))
	f.Add(zstdOf(f, tarOf(f, put{name: "usr/bin/sh", kind: tar.TypeSymlink, link: "dash"})))
	f.Add(tarOf(f, put{name: "bin", kind: tar.TypeSymlink, link: "../usr/bin"}, put{name: "bin/su", mode: 0o4755, text: "x"}, put{name: "lib/os-release", text: debian},
		put{name: "usr/lib/os-release", kind: tar.TypeLink, link: "lib/os-release"}, put{name: ".wh.bin"}))
	f.Add([]byte("\x1f\x8b"))
	limits := Limits{Bytes: 1 << 20, Entries: 1000}.filled()
	f.Fuzz(func(t *testing.T, data []byte) {
		l := layer{retry: once, open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
		v, err := new(chains).view(t.Context(), []layer{l}, limits)
		if err != nil {
			return
		}
		d := newDocument("x")
		d.fill(v)
		for _, list := range [][]File{d.Files.Setuid, d.Files.Shells, d.Files.PackageManagers, d.Files.PrivateKeys} {
			for _, file := range list {
				if name, ok := inside(file.Path); !ok || name != file.Path {
					t.Fatalf("a file is named %q", file.Path)
				}
			}
		}
		text, err := d.Text()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadDocument(text); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(tarOf(f, put{name: "manifest.json", text: `[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l.tar"]}]`}, put{name: "c.json", text: `{"rootfs":{"diff_ids":["sha256:00"]}}`}, put{name: "l.tar", text: "x"}))
	f.Add(zipped(f, tarOf(f, put{name: "index.json", text: `{"manifests":[]}`})))
	f.Add(zstdOf(f, tarOf(f, put{name: "index.json", text: `{"manifests":[]}`})))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "a.tar")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := &Reader{options: Options{Today: today, Limits: Limits{Bytes: 1 << 20}.filled()}}
		docs, err := r.OpenPath(t.Context(), path)
		if err == nil && len(docs) == 0 {
			t.Error("neither an image nor an error")
		}
	})
}
