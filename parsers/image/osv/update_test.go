package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// archive is an all.zip with one record about the Go module "a" and one about
// an npm package.
func archive(t *testing.T, id string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	record := moduleRecord(id, "", `"versions": ["1.0.0"]`)
	for name, text := range map[string]string{id: record, "N" + id: strings.ReplaceAll(record, `"Go"`, `"npm"`)} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".json", Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUpdate(t *testing.T) {
	tag, id, asked := `"1"`, "GO-1", []string(nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.EscapedPath()+" "+r.Header.Get("If-None-Match")+" "+r.UserAgent())
		switch {
		case r.URL.Path != "/Go/all.zip":
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") == tag:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", tag)
			w.Write(archive(t, id)) //nolint:errcheck // a test
		}
	}))
	defer server.Close()
	var told []string
	u := Updater{Dir: t.TempDir(), From: server.URL, Version: "1.2", Tell: func(info Info, changed bool) {
		told = append(told, fmt.Sprint(info.Ecosystem, " ", info.Day, " ", info.Records, " ", changed))
	}}
	update := func(day string) {
		t.Helper()
		u.Day = day
		if err := u.Update(context.Background(), []string{"Go"}); err != nil {
			t.Fatal(err)
		}
	}
	has := func(want string) {
		t.Helper()
		got, _ := flaws(t, opened(t, u.Dir), packages.Package{Ecosystem: "Go", Name: "a", Version: "v1.0.0"})
		if !slices.Equal(got, []string{want + "  unknown"}) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	update("2026-01-01")
	has("GO-1")
	update("2026-01-02")
	has("GO-1")
	if day := opened(t, u.Dir).State("2026-01-05").Day; day != "2026-01-02" {
		t.Errorf("confirmed as of %s", day)
	}
	tag, id = `"2"`, "GO-2"
	update("2026-01-03")
	has("GO-2")
	err := u.Update(context.Background(), []string{"Red Hat", "Go"})
	if err == nil || err.Error() != "update Red Hat: "+server.URL+"/Red%20Hat/all.zip: there is no ecosystem of this name" {
		t.Error(err)
	}
	if want := []string{"Go 2026-01-01 1 true", "Go 2026-01-02 1 false", "Go 2026-01-03 1 true", "Go 2026-01-03 1 false"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	want := []string{
		"/Go/all.zip  seaworthy/1.2", `/Go/all.zip "1" seaworthy/1.2`, `/Go/all.zip "1" seaworthy/1.2`,
		"/Red%20Hat/all.zip  seaworthy/1.2", `/Go/all.zip "2" seaworthy/1.2`,
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	if infos := opened(t, u.Dir).Infos(); len(infos) != 1 {
		t.Errorf("files of other ecosystems: %+v", infos)
	}
}

// TestUpdateFaults keeps what is here when a server answers nonsense.
func TestUpdateFaults(t *testing.T) {
	var answer http.HandlerFunc
	var stop context.CancelFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	u := Updater{Dir: t.TempDir(), From: server.URL, Day: "2026-01-01", Tell: func(Info, bool) {}}
	answer = func(w http.ResponseWriter, _ *http.Request) { w.Write(archive(t, "GO-1")) } //nolint:errcheck // a test
	if err := u.Update(context.Background(), []string{"Go"}); err != nil {
		t.Fatal(err)
	}
	good := archive(t, "GO-2")
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	if f, err := z.Create("GO-3.json"); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write(make([]byte, maxRecord+1)); err != nil {
		t.Fatal(err)
	} else if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	body := func(text []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write(text) } //nolint:errcheck // a test
	}
	for want, a := range map[string]http.HandlerFunc{
		"/all.zip: zip: not a valid zip file":       body(good[:len(good)-30]),
		`/all.zip: "GO-3.json": larger than 32 MiB`: body(bomb.Bytes()),
		"checksum error":                            body(bytes.Replace(good, []byte("1.0.0"), []byte("2.0.0"), 1)),
		"more than 10 redirects":                    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"the server answers 429 Too Many Requests, try again after 120": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"Go/all.zip: zip: not a valid zip file": body([]byte("<html>log in</html>")),
		"the server answers 304":                func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		"unexpected EOF": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("PK")) //nolint:errcheck // a test
		},
		"context canceled": func(w http.ResponseWriter, r *http.Request) {
			w.Write(good[:100])                   //nolint:errcheck // a test
			http.NewResponseController(w).Flush() //nolint:errcheck // a test
			stop()
			<-r.Context().Done()
		},
	} {
		answer = a
		var ctx context.Context
		ctx, stop = context.WithCancel(context.Background())
		if err := u.Update(ctx, []string{"Go"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		stop()
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if err := u.Update(ended, []string{"Go", "npm"}); err == nil {
		t.Error("done although it was given up")
	}
	if infos := opened(t, u.Dir).Infos(); len(infos) != 1 || infos[0].Records != 1 {
		t.Errorf("the database is now %+v", infos)
	}
	if names, _ := filepath.Glob(filepath.Join(u.Dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestMirror has a mirror that redirects and knows times and no ETag. What it
// has is as old as it says, and never younger than today.
func TestMirror(t *testing.T) {
	modified, asked := "Thu, 01 Jan 2026 10:00:00 GMT", []string(nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/osv/Go/all.zip" {
			http.Redirect(w, r, "/files/go.zip", http.StatusTemporaryRedirect)
			return
		}
		asked = append(asked, r.URL.Path+" "+r.Header.Get("If-Modified-Since"))
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write(archive(t, "GO-1")) //nolint:errcheck // a test
	}))
	defer server.Close()
	var told []string
	u := Updater{Dir: t.TempDir(), From: server.URL + "/osv", Tell: func(info Info, changed bool) {
		told = append(told, fmt.Sprint(info.Day, " ", changed))
	}}
	for _, day := range []string{"2026-01-03", "2026-01-04", "2025-12-31"} {
		u.Day = day
		if err := u.Update(context.Background(), []string{"Go"}); err != nil {
			t.Fatal(err)
		}
	}
	modified, u.Day = "Fri, 02 Jan 2026 10:00:00 GMT", "2026-01-05"
	if err := u.Update(context.Background(), []string{"Go"}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"2026-01-01 true", "2026-01-01 false", "2025-12-31 false", "2026-01-02 true"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	since := "/files/go.zip Thu, 01 Jan 2026 10:00:00 GMT"
	if want := []string{"/files/go.zip ", since, since, since}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	if got := (Updater{From: Published, Day: "2026-01-05"}).dayOf(modified); got != "2026-01-05" {
		t.Errorf("what OSV has is of %s", got)
	}
}

// TestRedirect never leaves TLS for what is plain.
func TestRedirect(t *testing.T) {
	request := func(address string) *http.Request {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := redirect(request("http://b.example/"), []*http.Request{request("https://a.example/"), request("https://b.example/")}); err == nil {
		t.Error("it follows from TLS to what is plain")
	}
	if err := redirect(request("https://b.example/"), []*http.Request{request("https://a.example/")}); err != nil {
		t.Error(err)
	}
}

// TestSweep removes what was left behind, and leaves what may be in use.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".fetch-1": 3 * maxTime, ".osv-1": 3 * maxTime, ".fetch-2": 0, ".osv-2": maxTime, "Go.osv": 9 * maxTime} {
		write(t, filepath.Join(dir, name), "x")
		then := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	Updater{Dir: dir}.sweep()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{".fetch-2", ".osv-2", "Go.osv"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// TestSave leaves the file of a database that cannot be written anew as it is.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Go.osv"), "as it was")
	full := errors.New("no space left on device")
	err := save(dir, "Go", func(w io.Writer) error {
		_, err := w.Write([]byte("half of it"))
		return errors.Join(err, full)
	})
	if !errors.Is(err, full) {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "Go.osv")); err != nil || string(text) != "as it was" {
		t.Errorf("it is now %q %v", text, err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestProxy fetches through a proxy of the environment, which is read once in a
// process: so in one of its own.
func TestProxy(t *testing.T) {
	if dir := os.Getenv("UPDATE_BY_PROXY"); dir != "" {
		u := Updater{Dir: dir, From: "http://osv.invalid", Day: "2026-01-01", Tell: func(Info, bool) {}}
		if err := u.Update(context.Background(), []string{"Go"}); err != nil {
			t.Fatal(err)
		}
		return
	}
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.Write(archive(t, "GO-1")) //nolint:errcheck // a test
	}))
	defer proxy.Close()
	dir := t.TempDir()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(own, "-test.run", "^TestProxy$")
	child.Env = append(os.Environ(), "UPDATE_BY_PROXY="+dir, "HTTP_PROXY="+proxy.URL, "NO_PROXY=")
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if asked != "http://osv.invalid/Go/all.zip" || len(opened(t, dir).Infos()) != 1 {
		t.Errorf("the proxy was asked for %q", asked)
	}
}
