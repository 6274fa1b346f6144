package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clusterWide is the directory of what is in no namespace, a name that no
// namespace can have.
const clusterWide = "_cluster"

// Export writes the objects of the snapshot as manifests, a file each,
// NAMESPACE/Kind-name.yaml, into a directory that must be empty or not exist.
// They are what a person would have written: pods folded into their owners,
// without what the server fills in and keeps, without status, and Secrets
// without values. What webhooks add to pods is in them, for it runs. What
// Kubernetes makes by itself is left out; left is how much that is.
func (s *Snapshot) Export(dir string) (left int, err error) {
	if err := Exportable(dir); err != nil {
		return 0, err
	}
	d, by := newDefaults(s.Objects), newStanding(s.Objects)
	taken := map[string]bool{}
	for _, o := range fold(s.Objects) {
		made, _ := inject(o.raw, o.current)
		made = bare(d.object(tidy(made), true))
		if by.is(o.raw, made) {
			left++
			continue
		}
		data, err := manifest(made)
		if err != nil {
			return left, err
		}
		name := unique(filepath.Join(fileName(cmp.Or(o.namespace(), clusterWide)), fileName(text(o.raw, "kind")+"-"+o.name())), taken)
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			return left, err
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return left, err
		}
	}
	return left, nil
}

// Exportable tells why nothing can be exported to a directory: there is
// something in it.
func Exportable(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty", dir)
	}
	return nil
}

// bare is an object without what only a server can say of it.
func bare(o map[string]any) map[string]any {
	out := maps.Clone(o)
	for _, key := range trailing {
		delete(out, key)
	}
	if meta := mapAt(out, "metadata"); meta != nil {
		meta = maps.Clone(meta)
		for _, key := range [...]string{"ownerReferences", "finalizers", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"} {
			delete(meta, key)
		}
		out["metadata"] = meta
	}
	return out
}

// fileName is text as a part of a path, on every system: a server lets names
// have what file systems do not.
func fileName(text string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-._", r):
			return r
		}
		return '_'
	}, text)
	safe = safe[:min(len(safe), 200)]
	if strings.Trim(safe, ".") == "" {
		return "_" // the directory itself, or what it is in
	}
	return safe
}

// unique is a path that no other object has, on systems too that do not tell
// large letters from small ones.
func unique(name string, taken map[string]bool) string {
	path := name + ".yaml"
	for n := 2; taken[strings.ToLower(path)]; n++ {
		path = name + "-" + strconv.Itoa(n) + ".yaml"
	}
	taken[strings.ToLower(path)] = true
	return path
}
