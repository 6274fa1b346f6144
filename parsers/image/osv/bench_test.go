package osv

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
)

// made writes an all.zip of so many records of Debian about 40 000 packages.
func made(b *testing.B, records int) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "all.zip")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	z := zip.NewWriter(f)
	for i := range records {
		w, err := z.Create(fmt.Sprintf("DEBIAN-CVE-2024-%d.json", i))
		if err != nil {
			b.Fatal(err)
		}
		affected := ""
		for _, release := range []string{"11", "12", "13"} {
			affected += fmt.Sprintf(`,{"package": {"ecosystem": "Debian:%s", "name": "package%d"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.%d-1"}]}],`+
				` "versions": ["1.0-1", "1.0-2", "1.0-2+deb%su1"], "ecosystem_specific": {"urgency": "not yet assigned"}}`, release, i*7919%40000, i%50, release)
		}
		fmt.Fprintf(w, `{"id": "DEBIAN-CVE-2024-%d", "modified": "2024-01-02T03:04:05Z", "upstream": ["CVE-2024-%d"], "details": "%0400d",`+
			` "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}], "affected": [%s]}`, i, i, i, affected[1:])
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}

// BenchmarkDatabase makes databases, opens them and asks about 400 packages.
func BenchmarkDatabase(b *testing.B) {
	for _, records := range []int{50_000, 200_000} {
		name, dir := made(b, records), b.TempDir()
		b.Run(fmt.Sprintf("import-%d", records), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ImportFiles(context.Background(), dir, []string{name}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			if info, err := os.Stat(filepath.Join(dir, "Debian.osv")); err == nil {
				b.ReportMetric(float64(info.Size())/1e6, "MB")
			}
		})
		b.Run(fmt.Sprintf("open-%d", records), func(b *testing.B) {
			for b.Loop() {
				db, err := Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
		var all []packages.Package
		for i := range 400 {
			all = append(all, deb("Debian:12", fmt.Sprintf("package%d", i*97), "1.25-1", "", ""))
		}
		b.Run(fmt.Sprintf("match-400-of-%d", records), func(b *testing.B) {
			db := opened(b, dir)
			for b.Loop() {
				matches, unchecked, err := db.Match(all)
				if err != nil || len(matches) == 0 || len(unchecked) > 0 {
					b.Fatal(len(matches), unchecked, err)
				}
			}
		})
	}
}
