package sign

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// finding is one of a report, as JSON, with some keys more.
func finding(digest, state, more string) string {
	return `{"digest":"` + digest + `","state":"` + state + `","day":"2026-11-28"` + more + `}`
}

const signedBy = `,"identity":"build@shop.example.com","issuer":"https://login.example.com"`

func sha(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

func TestParseReport(t *testing.T) {
	report := func(images ...string) string {
		return `{"format":1,"images":[` + strings.Join(images, ",") + `]}`
	}
	for text, want := range map[string]string{
		report(): "",
		report(finding(sha("1"), "verified", signedBy), finding(sha("2"), "none", ""), finding(sha("2"), "not checked", `,"reference":"x","detail":"y"`)): "",
		``:                                    "EOF",
		`[]`:                                  "cannot unmarshal array",
		`{}`:                                  "its format is 0, not 1",
		`{"format":2,"later":true}`:           "its format is 2, not 1",
		report() + `{}`:                       "there is more after it",
		`{"format":1,"image":[]}`:             `unknown field "image"`,
		report(finding("latest", "none", "")): "images[0]: digest: ",
		report(finding(sha("1"), "none", ""), finding(sha("1"), "good", "")):         `images[1]: state: "good"`,
		report(finding(sha("1"), "keyless", "")):                                     "images[0]: state",
		report(finding(sha("1"), "verified", "")):                                    "does not say by whom",
		report(finding(sha("1"), "verified", `,"identity":"x"`)):                     "does not say by whom",
		report(strings.Replace(finding(sha("1"), "none", ""), "2026-11-28", "x", 1)): `day: "x" is no day`,
	} {
		_, err := ParseReport([]byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestReported(t *testing.T) {
	r, err := ParseReport([]byte(`{"format":1,"images":[` + strings.Join([]string{
		finding(sha("1"), "none", ""), finding(sha("2"), "verified", signedBy), finding(sha("3"), "invalid", `,"detail":"expired"`),
		finding(sha("4"), "not checked", ""),
	}, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		digits, by string
		state      State
	}{
		{"1", "", None},
		{"2", "build@shop.example.com (https://login.example.com)", Verified},
		{"12", "build@shop.example.com (https://login.example.com)", Verified},
		{"31", "", Invalid},
		{"4", "", NotChecked},
		{"5", "", NotChecked},
		{"", "", NotChecked},
	} {
		var digests []v1.Hash
		for digit := range strings.SplitSeq(c.digits, "") {
			digests = append(digests, v1.Hash{Algorithm: "sha256", Hex: strings.Repeat(digit, 64)})
		}
		if got := Reported(r.Images, digests); got.State != c.state || got.By != c.by {
			t.Errorf("of %q is reported %+v, want %s by %q", c.digits, got, c.state, c.by)
		}
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"format":1,"images":[` + finding(sha("1"), "verified", signedBy) + `]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseReport(text)
		if err != nil {
			return
		}
		for _, found := range r.Images {
			digest, err := v1.NewHash(found.Digest)
			if err != nil {
				t.Fatal(err)
			}
			if got := Reported(r.Images, []v1.Hash{digest}); got.State == Verified && got.By == "" {
				t.Errorf("it is verified by nobody: %+v", r)
			}
		}
	})
}
