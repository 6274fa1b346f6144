package workload

import "testing"

func TestParseQuantity(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "0.5": "1/2", "500m": "1/2", "+2": "2", "-1": "-1", ".5": "1/2", "2.": "2",
		"1Ki": "1024", "1k": "1000", "1.5Gi": "1610612736", "1e3": "1000", "1E3": "1000", "12e-1": "6/5", "1E": "1000000000000000000",
		"100n": "1/10000000", "3u": "3/1000000", "0": "0",
	} {
		n, ok := ParseQuantity(text)
		if !ok || n.RatString() != want {
			t.Errorf("%q is %v (%v), want %s", text, n, ok, want)
		}
	}
	for _, text := range []string{"", "Mi", "1MB", "1mb", "512 Mi", "1ki", "1K", "one", "1e", "1e999", "1..2", "0x10", "1_000"} {
		if n, ok := ParseQuantity(text); ok {
			t.Errorf("%q is %v, want nothing", text, n)
		}
	}
}

func FuzzParseQuantity(f *testing.F) {
	f.Add("1.5Gi")
	f.Add("-12e-9")
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := ParseQuantity(text); ok != (n != nil) {
			t.Errorf("%q: %v and %v", text, n, ok)
		}
	})
}
