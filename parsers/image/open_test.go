package image

import (
	"archive/tar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

const debian = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"

// shop is an image with three layers, stored in three ways.
func shop(t testing.TB) v1.Image {
	base := tarOf(t,
		put{name: "etc/", mode: 0o755, kind: tar.TypeDir}, put{name: "etc/os-release", text: debian},
		put{name: "etc/passwd", text: "root:x:0:0:root:/root:/bin/sh\napp:x:1001:1001::/:/bin/false\n"},
		put{name: "./usr/bin/su", mode: 0o4755, text: "x"}, put{name: "/usr/bin/dash", mode: 0o755, text: "x"},
		put{name: "usr/bin/sh", kind: tar.TypeSymlink, link: "dash", mode: 0o777}, put{name: "usr/bin/apt", mode: 0o755, text: "x"},
		put{name: "var/lib/dpkg/status", text: "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc\n"},
		put{name: "old/secret/id_rsa", text: key}, put{name: "old/usr.key", text: key},
	)
	middle := tarOf(t,
		put{name: "usr/bin/.wh.apt"}, put{name: "old/keep.key", text: key}, put{name: "old/.wh..wh..opq"},
		put{name: "app/server.key", text: key, mode: 0o600, uid: 1001},
	)
	top := tarOf(t, put{name: "usr/bin/su", mode: 0o755, text: "x"}, put{name: "usr/bin/passwd", mode: 0o2755, text: "x"})
	return imageOf(t, v1.Config{
		User: "app:app", Env: []string{"PATH=/bin", "EMPTY", "A=1=2"}, Entrypoint: []string{"/app/server"}, Cmd: []string{"-v"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "53/udp": {}}, Labels: map[string]string{"a": "b"}, WorkingDir: "/app",
		Volumes: map[string]struct{}{"/data": {}}, StopSignal: "SIGINT", Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "x"}},
	}, layerOf(t, zipped(t, base)), layerOf(t, zstdOf(t, middle)), layerOf(t, top))
}

var key = "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIE\n", 20) + "-----END PRIVATE KEY-----\n"

// described is what is to be known of shop.
func described(t testing.TB, i v1.Image) *Document {
	t.Helper()
	digest, err := i.Digest()
	if err != nil {
		t.Fatal(err)
	}
	m, err := i.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	days := 30
	d := newDocument("")
	d.Repository, d.Tag, d.Digest, d.Source = "shop/api", "1.2", digest.String(), Registry
	d.Platform, d.Platforms, d.MediaType = "linux/amd64", []string{"linux/amd64"}, string(types.OCIManifestSchema1)
	d.Created, d.Read, d.AgeDays = "2026-10-29T00:00:00Z", "2026-11-28", &days
	d.Config = Config{
		User: "app:app", UserID: 1001, UserKnown: true, Env: map[string]string{"PATH": "/bin", "EMPTY": "", "A": "1=2"},
		Entrypoint: []string{"/app/server"}, Cmd: []string{"-v"}, ExposedPorts: []string{"53/udp", "8080/tcp"}, Labels: map[string]string{"a": "b"},
		WorkingDir: "/app", Volumes: []string{"/data"}, StopSignal: "SIGINT", Healthcheck: []string{"CMD", "x"},
	}
	for _, l := range m.Layers {
		d.Layers = append(d.Layers, Layer{Digest: l.Digest.String(), Size: l.Size, MediaType: string(l.MediaType)})
		d.History = append(d.History, Build{CreatedBy: "COPY . ."})
		d.Size += l.Size
	}
	d.OS = packages.OS{ID: "debian", Version: "12", Name: "Debian GNU/Linux 12 (bookworm)"}
	d.Files = Files{
		Setuid:      []File{{Path: "usr/bin/passwd", Mode: "2755", Layer: 2}},
		Shells:      []File{{Path: "usr/bin/dash", Mode: "0755"}, {Path: "usr/bin/sh", Mode: "0777"}},
		PrivateKeys: []File{{Path: "app/server.key", Mode: "0600", UID: 1001, Layer: 1}, {Path: "old/keep.key", Mode: "0644", Layer: 1}},
	}
	d.Packages = []packages.Package{{
		Type: "deb", Ecosystem: "Debian:12", Name: "libc6", Version: "2.36-9", Source: "glibc", Arch: "amd64", Path: "var/lib/dpkg/status",
	}}
	return d
}

func TestOpenFromRegistry(t *testing.T) {
	image, hub := shop(t), newHub(t)
	ref := hub.push(t, "shop/api:1.2", image)
	want := described(t, image)
	want.Reference, want.Registry = ref, hub.host
	r := readerOf(t, Options{})
	got, err := r.Open(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again, err := r.Open(t.Context(), ref); again != got || err != nil {
		t.Errorf("read twice: %v", err)
	}
	pinned := hub.host + "/shop/api:1.2@" + want.Digest
	if got, err = r.Open(t.Context(), pinned); err != nil {
		t.Fatal(err)
	}
	if want.Reference = pinned; !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
}

// TestOpenFromDisk reads the same image from all that it may lie in on disk.
func TestOpenFromDisk(t *testing.T) {
	image, dir := shop(t), t.TempDir()
	const ref = "registry.example.com/shop/api:1.2"
	at := func(name string) string { return filepath.Join(dir, name) }
	layoutDir(t, at("layout"), image, ref)
	writeFile(t, at("oci.tar"), tarTree(t, at("layout"), false))
	writeFile(t, at("oci.tar.gz"), zipped(t, tarTree(t, at("layout"), true)))
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(at("docker.tar"), tag, image); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(at("docker.tar"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, at("docker.tgz"), zipped(t, data))
	writeFile(t, at("docker.tar.zst"), zstdOf(t, data))
	writeFile(t, at("oci.tzst"), zstdOf(t, tarTree(t, at("layout"), true)))
	for file, source := range map[string]Source{
		"layout": Layout, "oci.tar": OCIArchive, "oci.tar.gz": OCIArchive, "oci.tzst": OCIArchive,
		"docker.tar": DockerArchive, "docker.tgz": DockerArchive, "docker.tar.zst": DockerArchive,
	} {
		want := described(t, image)
		want.Reference, want.Registry, want.Source = ref, "registry.example.com", source
		if source == DockerArchive {
			want.Digest, want.MediaType, want.Layers = "", string(types.DockerManifestSchema2), nil
			c, err := image.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			m, err := image.Manifest()
			if err != nil {
				t.Fatal(err)
			}
			for i, id := range c.RootFS.DiffIDs {
				want.Layers = append(want.Layers, Layer{Digest: id.String(), Size: m.Layers[i].Size, MediaType: string(types.DockerUncompressedLayer)})
			}
		}
		got, err := readerOf(t, Options{}).OpenPath(t.Context(), at(file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if diff := cmp.Diff([]*Document{want}, got); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		only := t.TempDir()
		if err := os.Rename(at(file), filepath.Join(only, file)); err != nil {
			t.Fatal(err)
		}
		found, err := readerOf(t, Options{Dir: only}).Open(t.Context(), ref)
		if err != nil {
			t.Errorf("%s as a directory of images: %v", file, err)
			continue
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("%s as a directory of images: %s", file, diff)
		}
	}
}

func layoutDir(t testing.TB, dir string, image v1.Image, ref string) {
	t.Helper()
	l, err := ggcrlayout.Write(dir, empty.Index)
	if err == nil {
		err = l.AppendImage(image, ggcrlayout.WithAnnotations(map[string]string{refName: ref}))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tarTree is a directory as an archive, in the order of the names or the other
// way round.
func tarTree(t testing.TB, dir string, backwards bool) []byte {
	t.Helper()
	var puts []put
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		puts = append(puts, put{name: filepath.ToSlash(rel), text: string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if backwards {
		slices.Reverse(puts)
	}
	return tarOf(t, puts...)
}
