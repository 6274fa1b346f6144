package image

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestDayNumber holds the count of days against the standard library's.
func TestDayNumber(t *testing.T) {
	first, _ := dayNumber("1996-01-01")
	for i, day := 0, time.Date(1996, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2105; i, day = i+1, day.AddDate(0, 0, 1) {
		if n, ok := dayNumber(day.Format(time.DateOnly)); !ok || n-first != int64(i) {
			t.Fatalf("%s is day %d, want %d", day.Format(time.DateOnly), n-first, i)
		}
	}
	for _, text := range []string{"", "2026", "2026-1-01", "2026/01/01", "2026-0a-01", "20260-1-01"} {
		if _, ok := dayNumber(text); ok {
			t.Errorf("%q is no day", text)
		}
	}
}

func TestListed(t *testing.T) {
	for n, want := range []string{"", `"1"`, `"1", "2"`, `"1", "2", "3"`, `"1", "2", "3" and 1 more`} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint(i+1))
		}
		if got := listed(names); got != want {
			t.Errorf("%d names are %s", n, got)
		}
	}
}

func TestTold(t *testing.T) {
	for step, want := range map[string][]string{
		"":                                            nil,
		"ARG DB_PASSWORD=hunter2":                     {"DB_PASSWORD"},
		`ENV API_TOKEN="abc def" A=b`:                 nil, // a secret has no blanks
		"RUN tool --token=s3cr3t":                     {"token"},
		"RUN tool --token s3cr3t":                     {"token"},
		"RUN tool -token s3cr3t":                      {"token"},
		"RUN tool --token --verbose":                  nil,
		"RUN tool --token=$TOKEN":                     nil,
		"RUN tool --token=`cat t`":                    nil,
		"RUN --mount=type=secret,id=x ls":             nil,
		`RUN X="--password=s3cr3t" tool`:              nil, // it is not known who reads it
		"RUN curl -u ci:s3cr3t https://x":             {"curl --user"},
		"RUN curl -u ci:$PW https://x":                nil,
		"RUN curl -H 'X-Vault-Token: hvs.abcdefgh' x": {"X-Vault-Token"},
		"RUN echo app:s3cr3t | chpasswd":              {"password of app"},
		"RUN echo app:$PW | chpasswd":                 nil,
		"RUN adduser --disabled-password app":         nil,
		"RUN SECRET_KEY=build manage.py collect":      nil,
		"RUN ./configure --with-password-argon2 a1=b": nil,
		"RUN adduser --no-password app1":              nil,
		"RUN key=AKIAQYLPMN5HFIQR7XYA ./build":        {"AWS access key"},
	} {
		if got := told(step); !slices.Equal(got, want) {
			t.Errorf("%q tells %q, want %q", step, got, want)
		}
	}
}
