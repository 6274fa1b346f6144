package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"
)

// packImage TO REF CONFIG DIR... makes an image of a configuration in JSON and
// of a layer for each directory: an archive as of docker save where TO ends in
// .tar, else an OCI layout. Files below a directory named setuid are.
func packImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: pack-image TO REF CONFIG DIR...")
	}
	image := empty.Image
	for _, dir := range args[3:] {
		data := packLayer(ts, ts.MkAbs(dir))
		l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
		ts.Check(err)
		image, err = mutate.AppendLayers(image, l)
		ts.Check(err)
	}
	c, err := image.ConfigFile()
	ts.Check(err)
	c = c.DeepCopy()
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[2])), c))
	image, err = mutate.ConfigFile(image, c)
	ts.Check(err)
	to := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(to), 0o755))
	if strings.HasSuffix(to, ".tar") {
		tag, err := name.NewTag(args[1])
		ts.Check(err)
		ts.Check(tarball.WriteToFile(to, tag, image))
		return
	}
	packLayout(ts, to, args[1], image)
}

func packLayout(ts *testscript.TestScript, to, ref string, image v1.Image) {
	l, err := layout.Write(to, empty.Index)
	ts.Check(err)
	ts.Check(l.AppendImage(image, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": ref})))
}

// packLayer is the files of a directory as a layer.
func packLayer(ts *testscript.TestScript, dir string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	ts.Check(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		mode := int64(0o755)
		if strings.Contains(rel, "setuid") {
			mode |= 0o4000
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(rel), Mode: mode, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}))
	ts.Check(w.Close())
	return b.Bytes()
}
