package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

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
		f, err := z.Create(name + ".json")
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	u := Updater{Dir: t.TempDir(), From: server.URL, Day: "2026-01-01", Tell: func(Info, bool) {}}
	answer = func(w http.ResponseWriter, _ *http.Request) { w.Write(archive(t, "GO-1")) } //nolint:errcheck // a test
	if err := u.Update(context.Background(), []string{"Go"}); err != nil {
		t.Fatal(err)
	}
	for want, a := range map[string]http.HandlerFunc{
		"the server answers 429 Too Many Requests, try again after 120": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"not a valid zip file":   func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>log in</html>")) }, //nolint:errcheck // a test
		"the server answers 304": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		"unexpected EOF": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("PK")) //nolint:errcheck // a test
		},
	} {
		answer = a
		if err := u.Update(context.Background(), []string{"Go"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if err := u.Update(ended, []string{"Go", "npm"}); err == nil {
		t.Error("done although it was given up")
	}
	if infos := opened(t, u.Dir).Infos(); len(infos) != 1 || infos[0].Records != 1 {
		t.Errorf("the database is now %+v", infos)
	}
}
