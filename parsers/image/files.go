package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// files are the files of a layout or of an archive, by clean relative paths.
type files interface {
	open(ctx context.Context, name string) (io.ReadCloser, error)
}

// A dir is a directory on disk, by its path. Links that lead out of it are not
// followed.
type dir string

func (d dir) open(_ context.Context, name string) (io.ReadCloser, error) {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return nil, missing(name, err)
	}
	defer root.Close() //nolint:errcheck // it was only read
	if info, err := root.Stat(name); err != nil {
		return nil, missing(name, err)
	} else if !info.Mode().IsRegular() {
		return nil, fail(Malformed, "%s is no regular file", short(name)) // a pipe would never end
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, missing(name, err)
	}
	return f, nil
}

// missing is the failure to open a file.
func missing(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Failure{Reason: NotFound, Text: short(name) + " is not there", Err: err}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &Failure{Reason: Malformed, Text: fmt.Sprintf("%s cannot be opened: %v", short(name), err), Err: err}
}

// readFile reads a file of at most a number of bytes.
func readFile(ctx context.Context, from files, name string, most int64) ([]byte, error) {
	r, err := from.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		err = fail(TooLarge, "%s has more than %d bytes", short(name), most)
	}
	return data, err
}

// blobName is the path of a blob in a layout.
func blobName(h v1.Hash) string { return path.Join("blobs", h.Algorithm, h.Hex) }
