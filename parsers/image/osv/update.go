package osv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Published is where OSV publishes its records: ECOSYSTEM/all.zip.
const Published = "https://osv-vulnerabilities.storage.googleapis.com"

// Ecosystems are those that packages of images are of, as far as they are read.
func Ecosystems() []string {
	return []string{
		"AlmaLinux", "Alpine", "Azure Linux", "Chainguard", "Debian", "Go", "Mageia", "PyPI", "Red Hat", "Rocky Linux", "SUSE", "Ubuntu", "Wolfi",
		"npm", "openEuler", "openSUSE",
	}
}

// What is fetched at most, and how long that may take.
const (
	maxDownload = 2 << 30
	maxWait     = time.Minute // for the next byte
	maxTime     = 30 * time.Minute
)

// An Updater fetches what OSV publishes.
type Updater struct {
	// Dir is the directory of the database.
	Dir string
	// From is where to fetch from, [Published] or a mirror of it.
	From string
	// Day is today, 2026-11-28.
	Day string
	// Version is the program's.
	Version string
	// Tell is told what was done, ecosystem by ecosystem.
	Tell func(info Info, changed bool)
}

// Update fetches the records of ecosystems, one after the other, unless the
// server says that what is here is what it has. What was done stays done when
// a later one fails; all failures are returned.
func (u Updater) Update(ctx context.Context, ecosystems []string) error {
	if err := os.MkdirAll(u.Dir, 0o755); err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() // with the proxies of the environment
	transport.ResponseHeaderTimeout = maxWait
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var errs []error
	for _, e := range ecosystems {
		if err := u.one(ctx, client, e); err != nil {
			errs = append(errs, fmt.Errorf("update %s: %w", e, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

func (u Updater) one(ctx context.Context, client *http.Client, ecosystem string) error {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	address, err := url.JoinPath(u.From, url.PathEscape(ecosystem), "all.zip")
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "seaworthy/"+u.Version)
	name := filepath.Join(u.Dir, fileName(ecosystem))
	here, err := openIndex(name)
	if err == nil {
		defer here.file.Close() //nolint:errcheck // only read
		if here.info.ETag != "" && here.info.Source == address {
			request.Header.Set("If-None-Match", here.info.ETag)
		}
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrFormat) {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	switch {
	case answer.StatusCode == http.StatusNotModified && request.Header.Get("If-None-Match") != "":
		return u.confirm(here)
	case answer.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: there is no ecosystem of this name", address)
	case answer.StatusCode != http.StatusOK:
		again := ""
		if after := answer.Header.Get("Retry-After"); after != "" {
			again = ", try again after " + strings.Map(printable, after)
		}
		return fmt.Errorf("%s: the server answers %d %s%s", address, answer.StatusCode, http.StatusText(answer.StatusCode), again)
	}
	file, size, err := u.fetch(answer.Body, cancel)
	if err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	defer os.Remove(file.Name()) //nolint:errcheck // a temporary file
	defer file.Close()           //nolint:errcheck // only read by now
	im := newImporter(ctx)
	if err := im.zip(address, file, size); err != nil {
		im.fail(err)
	}
	done, err := im.finish(u.Dir, Options{Source: address, Day: u.Day, ETag: answer.Header.Get("ETag"), Only: ecosystem})
	if err != nil {
		return err
	}
	u.Tell(done.Infos[0], true)
	return nil
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// fetch stores a body in a temporary file beside the database; a server that
// stops sending is given up.
func (u Updater) fetch(body io.Reader, giveUp func()) (f *os.File, size int64, err error) {
	f, err = os.CreateTemp(u.Dir, ".fetch-*")
	if err != nil {
		return nil, 0, err
	}
	watch := time.AfterFunc(maxWait, giveUp)
	defer watch.Stop()
	size, err = io.Copy(f, io.LimitReader(alive{body, watch}, maxDownload+1))
	if err == nil && size > maxDownload {
		err = fmt.Errorf("larger than %d MiB", maxDownload>>20)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, size, nil
}

// alive puts off the end of waiting with each read that got something.
type alive struct {
	io.Reader
	watch *time.Timer
}

func (a alive) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if n > 0 {
		a.watch.Reset(maxWait)
	}
	return n, err
}

// confirm writes a file again that is still what the server has, as of today.
func (u Updater) confirm(here *index) error {
	t := here.t
	t.Day = u.Day
	end, err := t.end()
	if err != nil {
		return err
	}
	err = save(u.Dir, t.Ecosystem, func(out io.Writer) error {
		_, err := io.Copy(out, io.NewSectionReader(here.file, 0, t.at()))
		if err == nil {
			_, err = out.Write(end)
		}
		return err
	})
	if err == nil {
		u.Tell(t.Info, false)
	}
	return err
}
