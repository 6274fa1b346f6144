package live

import (
	"strings"
	"testing"
)

func TestRests(t *testing.T) {
	for schedule, want := range map[string]int{
		"*/5 * * * *": 2, "@daily": 2, "0 3 * * 1-5": 8, "TZ=Asia/Tokyo 0 3 * * 0": 8, "@weekly": 8, "0 3 31 * *": 63, "0 3 1 * 1": 63, "@monthly": 32,
		"0 0 1 1 *": 0, "@yearly": 0, "0 3 * 6 *": 0, "@every 5m": 0, "": 0, "* * *": 0,
	} {
		if got, _ := rests(schedule); got != want {
			t.Errorf("%q rests %d days, want %d", schedule, got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	long := strings.Repeat("word ", 50)
	for message, want := range map[string]string{
		"":                                   "",
		"One.":                               "One",
		"One. Two.":                          "One",
		"3 Insufficient cpu. preemption: no": "3 Insufficient cpu",
		"a\nb\t c":                           "a b c",
		long:                                 strings.Repeat("word ", 31) + "word…",
		strings.Repeat("ä", 200):             strings.Repeat("ä", 80) + "…",
		"x" + strings.Repeat("ä", 200):       "x" + strings.Repeat("ä", 79) + "…",
	} {
		if got := sentence(message); got != want {
			t.Errorf("sentence(%q) = %q, want %q", message, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for n, want := range []string{"", "a", "a, b", "a, b, c", "a, b, c, d", "a, b, c and 2 others"} {
		if got := names(strings.Split("abcde", "")[:n]); got != want {
			t.Errorf("%d names are %q, want %q", n, got, want)
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		n, of int
		want  string
	}{{1, 1, "its pod"}, {2, 2, "both pods"}, {3, 3, "all 3 pods"}, {1, 3, "1 of 3 pods"}} {
		if got := share(c.n, c.of); got != c.want {
			t.Errorf("share(%d, %d) = %q, want %q", c.n, c.of, got, c.want)
		}
	}
}
