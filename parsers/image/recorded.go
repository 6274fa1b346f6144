package image

import (
	"context"
	"fmt"
	"io/fs"
)

// Recorded has images as documents, by reference: what was known of them when
// they were read. Tests of rules look at those.
type Recorded map[string]*Document

// ReadRecorded reads every file of a file system as a document.
func ReadRecorded(fsys fs.FS) (Recorded, error) {
	all := Recorded{}
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		d, err := ReadDocument(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		key, err := Key(d.Reference)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all[key] = d
		return nil
	})
	return all, err
}

// Open is the document of a reference.
func (r Recorded) Open(_ context.Context, ref string) (*Document, error) {
	key, err := Key(ref)
	if err != nil {
		return nil, err
	}
	d, ok := r[key]
	if !ok {
		return nil, fail(NotFound, "it was not recorded")
	}
	return d, nil
}
