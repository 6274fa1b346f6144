package engine

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"time"
)

// The clock of all renderings.
var now = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// A certificate has the shape of sprig's, which has no name outside.
type certificate struct{ Cert, Key string }

// standIn replaces what is random, reads the clock or the machine's time zone,
// or takes long to compute, so that the same chart renders to the same text.
func standIn(f template.FuncMap) {
	random := func(alphabet string) func(int) (string, error) {
		return func(n int) (string, error) {
			if err := fits(n, 1); err != nil {
				return "", err
			}
			n = max(n, 0)
			return strings.Repeat(alphabet, n/len(alphabet)+1)[:n], nil
		}
	}
	f["randAlphaNum"] = random("Stand1nFor4Random2Value")
	f["randAlpha"] = random("StandInForARandomValue")
	f["randAscii"] = random("Stand-in_for#a.Random+Value1")
	f["randNumeric"] = random("4815162342")
	f["randBytes"] = func(n int) (string, error) {
		if err := fits(n, 1); err != nil {
			return "", err
		}
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", max(n, 0)))), nil
	}
	f["randInt"] = func(least, most int) (int, error) {
		if most <= least {
			return 0, fmt.Errorf("no number between %d and %d", least, most)
		}
		return least, nil
	}
	f["shuffle"] = func(s string) string { return s }
	f["uuidv4"] = func() string { return "5ea30047-0000-4000-8000-57a4d1400000" }
	f["bcrypt"] = func(string) string { return bcryptHash }
	f["htpasswd"] = func(user, _ string) string {
		if strings.Contains(user, ":") {
			return fmt.Sprintf("invalid username: %s", user)
		}
		return user + ":" + bcryptHash
	}
	f["derivePassword"] = func(uint32, string, string, string, string) string {
		return "Stand1n-ForADerived-Passw0rd" // takes 0.1 s
	}
	f["encryptAES"] = func(_, text string) (string, error) {
		return base64.StdEncoding.EncodeToString(make([]byte, 16+(len(text)/16+1)*16)), nil
	}
	standInCertificates(f)
	standInClock(f)
}

const bcryptHash = "$2a$10$StandInForASaltStandInu0000000000000000000000000000000"

func standInCertificates(f template.FuncMap) {
	block := func(kind, body string) string {
		body = base64.StdEncoding.EncodeToString([]byte(strings.Repeat(body, 16)))
		return "-----BEGIN " + kind + "-----\n" + body[:64] + "\n" + body[64:128] + "\n-----END " + kind + "-----\n"
	}
	key := func() string { return block("RSA PRIVATE KEY", "stand-in for a key ") }
	made := func() certificate {
		return certificate{Cert: block("CERTIFICATE", "stand-in for a certificate "), Key: key()}
	}
	f["genPrivateKey"] = func(kind string) string {
		switch kind {
		case "", "rsa":
			return key()
		case "ecdsa":
			return block("EC PRIVATE KEY", "stand-in for a key ")
		case "dsa":
			return block("DSA PRIVATE KEY", "stand-in for a key ")
		case "ed25519":
			return block("PRIVATE KEY", "stand-in for a key ")
		}
		return "Unknown type " + kind
	}
	f["genCA"] = func(string, int) (certificate, error) { return made(), nil }
	f["genCAWithKey"] = func(_ string, _ int, key string) (certificate, error) {
		return certificate{made().Cert, key}, nil
	}
	f["genSelfSignedCert"] = func(string, []any, []any, int) (certificate, error) { return made(), nil }
	f["genSelfSignedCertWithKey"] = func(_ string, _, _ []any, _ int, key string) (certificate, error) {
		return certificate{made().Cert, key}, nil
	}
	f["genSignedCert"] = func(string, []any, []any, int, certificate) (certificate, error) { return made(), nil }
	f["genSignedCertWithKey"] = func(_ string, _, _ []any, _ int, _ certificate, key string) (certificate, error) {
		return certificate{made().Cert, key}, nil
	}
	custom := reflect.ValueOf(f["buildCustomCert"])
	f["buildCustomCert"] = func(cert, key string) (certificate, error) {
		out := custom.Call([]reflect.Value{reflect.ValueOf(cert), reflect.ValueOf(key)})
		if err, ok := reflect.TypeAssert[error](out[1]); ok {
			return certificate{}, err
		}
		return certificate{out[0].FieldByName("Cert").String(), out[0].FieldByName("Key").String()}, nil
	}
}

func standInClock(f template.FuncMap) {
	f["now"] = func() time.Time { return now }
	inZone := f["dateInZone"].(func(string, any, string) string)
	date := func(layout string, date any, zone string) string {
		switch date.(type) {
		case time.Time, *time.Time, int, int32, int64:
		default:
			date = now
		}
		return inZone(layout, date, zone)
	}
	f["dateInZone"], f["date_in_zone"] = date, date
	f["date"] = func(layout string, d any) string { return date(layout, d, "UTC") }
	f["htmlDate"] = func(d any) string { return date("2006-01-02", d, "UTC") }
	f["htmlDateInZone"] = func(d any, zone string) string { return date("2006-01-02", d, zone) }
	since := func(d any) time.Duration {
		switch d := d.(type) {
		case time.Time:
			return now.Sub(d)
		case int64:
			return now.Sub(time.Unix(d, 0))
		case int:
			return now.Sub(time.Unix(int64(d), 0))
		}
		return 0
	}
	f["ago"] = func(d any) string { return since(d).Round(time.Second).String() }
	round := f["durationRound"].(func(any) string)
	f["durationRound"] = func(d any) string {
		if t, ok := d.(time.Time); ok {
			d = int64(since(t))
		}
		return round(d)
	}
	f["mustToDate"] = time.Parse
	f["toDate"] = func(layout, s string) time.Time {
		t, _ := time.Parse(layout, s)
		return t
	}
}
