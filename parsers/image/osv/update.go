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
		"AlmaLinux", "Alpine", "Azure Linux", "Chainguard", "Debian", "Go", "Mageia", "Maven", "NuGet", "Packagist", "PyPI", "Red Hat",
		"Rocky Linux", "RubyGems", "SUSE", "Ubuntu", "Wolfi", "npm", "openEuler", "openSUSE",
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
	u.sweep()
	transport := http.DefaultTransport.(*http.Transport).Clone() // with the proxies of the environment
	transport.ResponseHeaderTimeout = maxWait
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: redirect}
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

// maxRedirects is how often a server may send on.
const maxRedirects = 10

// redirect follows a server, but not to where others can listen and answer.
func redirect(to *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case to.URL.Scheme != "https" && via[0].URL.Scheme == "https":
		return fmt.Errorf("it redirects to %s, which is not encrypted", to.URL.Redacted())
	}
	return nil
}

// fetched is the pattern of files that are being fetched.
const fetched = ".fetch-*"

// sweep removes what a run left behind that was killed. Another one may be at
// work, for as long as that may take.
func (u Updater) sweep() {
	for _, pattern := range []string{fetched, written} {
		names, _ := filepath.Glob(filepath.Join(escapeGlob(u.Dir), pattern)) // the pattern is right
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil && time.Since(info.ModTime()) > 2*maxTime {
				os.Remove(name) //nolint:errcheck // only tidying
			}
		}
	}
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
	known := false
	here, err := openIndex(name)
	if err == nil {
		defer here.file.Close() //nolint:errcheck // only read
		known = here.info.Source == address && ask(request, here.info)
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrFormat) {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	switch {
	case answer.StatusCode == http.StatusNotModified && known:
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
	im := newImporter(ctx, ecosystem)
	if err := im.zip(address, file, size); err != nil {
		im.fail(err)
	}
	done, err := im.finish(u.Dir, Options{
		Source: address, Day: u.dayOf(answer.Header.Get("Last-Modified")), ETag: answer.Header.Get("ETag"), Modified: answer.Header.Get("Last-Modified"),
	})
	if err != nil {
		return err
	}
	u.Tell(done.Infos[0], true)
	return nil
}

// ask wants an answer only if it is another one than what is here, if it is
// known what that is.
func ask(request *http.Request, here Info) bool {
	if here.ETag != "" {
		request.Header.Set("If-None-Match", here.ETag)
	}
	if here.Modified != "" {
		request.Header.Set("If-Modified-Since", here.Modified)
	}
	return here.ETag != "" || here.Modified != ""
}

// dayOf is the day of what a server has. OSV's own is of today. A mirror that
// nobody looks after gives the same for months: it is as old as it says.
func (u Updater) dayOf(modified string) string {
	at, err := http.ParseTime(modified)
	if u.From == Published || err != nil {
		return u.Day
	}
	return min(u.Day, at.UTC().Format(time.DateOnly))
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
	f, err = os.CreateTemp(u.Dir, fetched)
	if err != nil {
		return nil, 0, err
	}
	os.Remove(f.Name()) //nolint:errcheck // where a file in use can be, so that however this ends nothing stays
	watch := time.AfterFunc(maxWait, giveUp)
	defer watch.Stop()
	size, err = io.Copy(f, io.LimitReader(alive{body, watch}, maxDownload+1))
	if err == nil && size > maxDownload {
		err = fmt.Errorf("larger than %d MiB", maxDownload>>20)
	}
	if err != nil {
		err = errors.Join(err, f.Close())
		os.Remove(f.Name()) //nolint:errcheck // it may be gone already
		return nil, 0, err
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
	t.Day = u.dayOf(t.Modified)
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
