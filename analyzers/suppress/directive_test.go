package suppress

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func TestParse(t *testing.T) {
	type want struct {
		Names         []string
		Until, Reason string
		File          bool
	}
	for text, w := range map[string]want{
		"seaworthy:ignore k8s-host-pid":                              {Names: []string{"k8s-host-pid"}},
		"seaworthy:ignore k8s-host-pid,k8s-host-ipc":                 {Names: []string{"k8s-host-pid", "k8s-host-ipc"}},
		"seaworthy:ignore k8s-host-pid, k8s-host-ipc":                {Names: []string{"k8s-host-pid", "k8s-host-ipc"}},
		"seaworthy:ignore k8s-host-pid ,k8s-host-ipc":                {Names: []string{"k8s-host-pid", "k8s-host-ipc"}},
		"seaworthy:ignore k8s-* -- node agent":                       {Names: []string{"k8s-*"}, Reason: "node agent"},
		"seaworthy:ignore CKV_K8S_1 until=2027-01-31 -- see #12":     {Names: []string{"CKV_K8S_1"}, Until: "2027-01-31", Reason: "see #12"},
		"seaworthy:ignore trivy:KSV-0017 --\ta -- b":                 {Names: []string{"trivy:KSV-0017"}, Reason: "a -- b"},
		"seaworthy:ignore-file k8s-image-latest":                     {Names: []string{"k8s-image-latest"}, File: true},
		"seaworthy:ignore k8s-host-pid # yamllint disable-line":      {Names: []string{"k8s-host-pid"}},
		"seaworthy:ignore k8s-host-pid\nsecond line of a /* comment": {Names: []string{"k8s-host-pid"}},
		"seaworthy:ignore all -- generated":                          {Names: []string{"all"}, Reason: "generated"},
	} {
		d, file, ok := parseComment(text)
		if !ok || d.fault != "" {
			t.Errorf("%q: is a suppression: %v, fault %q", text, ok, d.fault)
		}
		if diff := cmp.Diff(w, want{d.Names, d.Until, d.Reason, file}); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for _, text := range []string{"", "seaworthy", "Seaworthy reads this file", "as seaworthy says", "not seaworthy: leaks", "seaworthiness: none"} {
		if _, _, ok := parseComment(text); ok {
			t.Errorf("%q is prose", text)
		}
	}
}

// TestMalformed has what people get wrong, and part of what they are told.
func TestMalformed(t *testing.T) {
	for text, want := range map[string]string{
		"seaworthy:ignore":                                       "names no rule",
		"seaworthy:ignore ":                                      "names no rule",
		"seaworthy:ignore\t":                                     "names no rule",
		"seaworthy:ignore ,":                                     "names no rule",
		"seaworthy:ignore ,,":                                    "names no rule",
		"seaworthy:ignore -- we know":                            "names no rule",
		"seaworthy:ignore until=2027-01-31":                      "names no rule",
		"seaworthy:ignore until=2027-01-31 -- why":               "names no rule",
		"seaworthy:ignore-file":                                  "names no rule",
		"seaworthy:ignore-file -- vendored":                      "names no rule",
		"seaworthy:ignore a-b --":                                "no reason",
		"seaworthy:ignore a-b -- ":                               "no reason",
		"seaworthy:ignore a-b --\t":                              "no reason",
		"seaworthy:ignore-file a-b --":                           "no reason",
		"seaworthy:ignore a-b because we must":                   `"because" stands where nothing was expected`,
		"seaworthy:ignore a-b (legacy)":                          `"(legacy)" stands where nothing was expected`,
		"seaworthy:ignore a-b c-d":                               `"c-d" stands where nothing was expected`,
		"seaworthy:ignore a-b - why":                             `"-" stands where nothing was expected`,
		"seaworthy:ignore a-b — why":                             `"—" stands where nothing was expected`,
		"seaworthy:ignore a-b --why":                             `"--why" stands where nothing was expected`,
		"seaworthy:ignore a-b // why":                            `"//" stands where nothing was expected`,
		"seaworthy:ignore a-b;c-d":                               `"a-b;c-d" is no name`,
		"seaworthy:ignore a-b|c-d":                               `"a-b|c-d" is no name`,
		"seaworthy:ignore \"a-b\"":                               "is no name",
		"seaworthy:ignore 'a-b'":                                 "is no name",
		"seaworthy:ignore (a-b)":                                 "is no name",
		"seaworthy:ignore <a-b>":                                 "is no name",
		"seaworthy:ignore a-b,(c)":                               `"(c)" is no name`,
		"seaworthy:ignore a-b,a-b":                               "named twice",
		"seaworthy:ignore a-b, c-d, a-b":                         "named twice",
		"seaworthy:ignore a-b until=tomorrow":                    `"tomorrow" is no day`,
		"seaworthy:ignore a-b until=":                            `"" is no day`,
		"seaworthy:ignore a-b until=2027":                        `"2027" is no day`,
		"seaworthy:ignore a-b until=2027-1-31":                   "is no day",
		"seaworthy:ignore a-b until=31.01.2027":                  "is no day",
		"seaworthy:ignore a-b until=2027-02-30":                  "is no day",
		"seaworthy:ignore a-b until=2027-13-01":                  "is no day",
		"seaworthy:ignore a-b until=2027-01-31T00:00:00Z":        "is no day",
		"seaworthy:ignore a-b until=2027-01-31,":                 "is no day",
		"seaworthy:ignore a-b until=2027-01-31 until=2028-01-01": "given twice",
		"seaworthy:ignore a-b until 2027-01-31":                  `"until" stands where nothing was expected`,
		"seaworthy:ignore a-b exp=2027-01-31":                    `"exp" is no option`,
		"seaworthy:ignore a-b reason=known":                      `"reason" is no option`,
		"seaworthy:ignore a-b until=2027-01-31 known":            `"known" stands where nothing was expected`,
		"seaworthy:ignore=a-b":                                   "a blank between",
		"seaworthy:ignore:a-b":                                   "a blank between",
		"seaworthy:ignored a-b":                                  "a blank between",
		"seaworthy:ignore-line a-b":                              "a blank between",
		"seaworthy:ignore-next-line a-b":                         "a blank between",
		"seaworthy:ignore-fil a-b":                               "a blank between",
		"seaworthy: ignore a-b":                                  "has to begin with",
		"seaworthy:disable a-b":                                  "has to begin with",
		"seaworthy:skip=a-b":                                     "has to begin with",
		"seaworthy ignore a-b":                                   "has to begin with",
		"seaworthy-ignore a-b":                                   "has to begin with",
		"Seaworthy:ignore a-b":                                   "has to begin with",
		"SEAWORTHY:IGNORE a-b":                                   "has to begin with",
		"seaworthy=ignore a-b":                                   "has to begin with",
		"see above seaworthy:ignore a-b":                         "first word",
		"nolint,seaworthy:ignore a-b":                            "first word",
	} {
		d, _, ok := parseComment(text)
		if !ok || !strings.Contains(d.fault, want) {
			t.Errorf("%q: fault %q, want %q", text, d.fault, want)
		}
	}
}

func TestForeignComments(t *testing.T) {
	for text, want := range map[string]Directive{
		"checkov:skip=CKV_AWS_20:public on purpose":              {Tool: "checkov", Names: []string{"checkov:CKV_AWS_20"}, Reason: "public on purpose"},
		"checkov:skip=CKV_AWS_20,CKV_AWS_57":                     {Tool: "checkov", Names: []string{"checkov:CKV_AWS_20", "checkov:CKV_AWS_57"}},
		"trivy:ignore:AVD-AWS-0086":                              {Tool: "trivy", Names: []string{"trivy:AWS-0086"}},
		"trivy:ignore:KSV014 exp:2027-01-31 known":               {Tool: "trivy", Names: []string{"trivy:KSV-0014"}, Until: "2027-01-30", Reason: "known"},
		"trivy:ignore:*":                                         {Tool: "trivy", Names: []string{"all"}},
		"tfsec:ignore:aws-s3-enable-bucket-encryption":           {Tool: "tfsec", Names: []string{"trivy:AWS-0088"}},
		"kics-scan ignore-line":                                  {Tool: "kics", Names: []string{"all"}},
		"kics-scan ignore-block":                                 {Tool: "kics", Names: []string{"all"}},
		"kics-scan ignore":                                       {Tool: "kics", Names: []string{"all"}},
		"kics-scan disable=a33e9173-b674-4dfb-9d82-cf3754816e4b": {Tool: "kics", Names: []string{"kics:a33e9173-b674-4dfb-9d82-cf3754816e4b"}},
		"ts:skip=AC_AWS_0207 known":                              {Tool: "terrascan", Names: []string{"terrascan:AC_AWS_0207"}, Reason: "known"},
	} {
		f := source.NewFile("a.tf", []byte("# "+text))
		got := foreignComments(source.Comment{Span: f.Whole(), Text: text})
		if len(got) != 1 {
			t.Errorf("%q: %d suppressions", text, len(got))
			continue
		}
		have := Directive{Tool: got[0].Tool, Names: got[0].Names, Until: got[0].Until, Reason: got[0].Reason}
		if diff := cmp.Diff(want, have, cmp.AllowUnexported(Directive{})); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func FuzzComment(f *testing.F) {
	f.Add("seaworthy:ignore a-b,c until=2027-01-31 -- reason")
	f.Add("checkov:skip=CKV_AWS_20:reason")
	f.Fuzz(func(t *testing.T, text string) {
		d, _, ok := parseComment(text)
		if ok && d.fault == "" && len(d.Names) == 0 {
			t.Errorf("%q suppresses nothing and nobody is told", text)
		}
		foreignComments(source.Comment{Span: source.NewFile("", []byte(text)).Whole(), Text: text})
	})
}
