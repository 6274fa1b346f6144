package main

import (
	"io"
	"os/exec"
	"strings"
	"testing"
)

// What is paged goes through the command; without one, or where it cannot be
// started, it is written as it is.
func TestPage(t *testing.T) {
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "abc\n")
		return err
	}
	for _, c := range []struct {
		command []string
		want    string
	}{
		{nil, "abc\n"},
		{[]string{"/none/such/pager"}, "abc\n"},
		{[]string{"tr", "a-c", "A-C"}, "ABC\n"},
		{[]string{"true"}, ""}, // leaves at once
	} {
		if len(c.command) > 0 && c.command[0][0] != '/' {
			if _, err := exec.LookPath(c.command[0]); err != nil {
				t.Skip(err)
			}
		}
		var out strings.Builder
		if err := page(c.command, &out, write); err != nil {
			t.Errorf("%v: %v", c.command, err)
		}
		if out.String() != c.want {
			t.Errorf("%v shows %q, want %q", c.command, out.String(), c.want)
		}
	}
	// Who leaves the pager in the middle of much output is no failure.
	much := func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("line\n", 1<<20))
		return err
	}
	if err := page([]string{"true"}, io.Discard, much); err != nil {
		t.Error(err)
	}
}

func TestPager(t *testing.T) {
	for _, c := range []struct {
		value string
		set   bool
		want  string
	}{
		{"", false, "less"}, {"", true, ""}, {"cat", true, ""}, {"more -s", true, "more -s"},
	} {
		got := pager(func(string) (string, bool) { return c.value, c.set })
		if strings.Join(got, " ") != c.want {
			t.Errorf("PAGER %q, set %v: %q, want %q", c.value, c.set, got, c.want)
		}
	}
}

// A stream that is no terminal is never paged.
func TestNotPaged(t *testing.T) {
	t.Setenv("PAGER", "false")
	var out strings.Builder
	if err := paged(&out, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil || out.String() != "x" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
