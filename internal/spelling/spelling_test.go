package spelling

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"kitten", "sitting", 3}, {"name", "name", 0}, {"env", "envs", 1}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestMeant(t *testing.T) {
	names := []string{"containers", "initContainers", "volumes", "replicas", "tty"}
	for text, want := range map[string]string{
		"contaners": "containers", "initcontainers": "initContainers", "replica": "replicas",
		"volume": "volumes", "ports": "", "tt": "tty", "x": "", "": "",
	} {
		if got := Meant(text, names); got != want {
			t.Errorf("%q is meant to be %q, want %q", text, got, want)
		}
	}
}
