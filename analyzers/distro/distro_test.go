package distro

import (
	"testing"
	"time"
)

// TestTable holds that every day of the table is one.
func TestTable(t *testing.T) {
	for id, releases := range endOfLife {
		for version, day := range releases {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				t.Errorf("%s %s: %v", id, version, err)
			}
		}
	}
	for _, p := range pretty {
		if endOfLife[p.id] == nil {
			t.Errorf("%s is not in the table", p.id)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"Ubuntu 20.04.6 LTS":                                  "2025-05-29",
		"Debian GNU/Linux 10 (buster)":                        "2024-06-30",
		"Debian GNU/Linux forky/sid":                          "",
		"Amazon Linux 2":                                      "2026-06-30",
		"Amazon Linux 2023.9.20251105":                        "2029-06-30",
		"CentOS Linux 7 (Core)":                               "2024-06-30",
		"CentOS Stream 8":                                     "2024-05-31",
		"Ubuntu 14.04.6 LTS":                                  "2019-04-25", // without Ubuntu Pro
		"Red Hat Enterprise Linux 7.9 (Maipo)":                "2024-06-30", // without the add-on
		"Debian GNU/Linux 11 (bullseye)":                      "2026-08-31", // with the LTS that everybody has
		"SUSE Linux Enterprise Server 15 SP3":                 "2022-12-31",
		"Alpine Linux v3.18":                                  "2025-05-09",
		"Red Hat Enterprise Linux CoreOS 416.94.202405291527": "",
		"Bottlerocket OS 1.20.0 (aws-k8s-1.29)":               "",
		"":                                                    "",
	} {
		id, version := Parse(text)
		if got := EndOfLife(id, version, text); got != want {
			t.Errorf("%q, %s %s: supported until %q, want %q", text, id, version, got, want)
		}
	}
}
