package terraform_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// value is that of an attribute with an expression, and what was wrong with it.
func value(t *testing.T, expr string) (graph.Value, []graph.Problem) {
	t.Helper()
	all := loadText(t, "resource \"x\" \"y\" {\n  a = "+expr+"\n}\n")
	var v graph.Value
	var problems []graph.Problem
	for _, b := range all {
		problems = append(problems, b.Problems...)
		for _, r := range b.Resources {
			v = r.At("a")
		}
	}
	return v, problems
}

// TestFunctions holds that every function of Terraform 1.11 is known, as
// "terraform metadata functions" lists them, and that none but those of time,
// chance and the machine has an unknown result.
func TestFunctions(t *testing.T) {
	data, err := os.ReadFile("testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	unknown := map[string]string{
		"abspath": `"."`, "bcrypt": `"x"`, "plantimestamp": "", "timestamp": "", "uuid": "",
	}
	for name := range strings.FieldsSeq(string(data)) {
		_, problems := value(t, name+"()")
		for _, p := range problems {
			if strings.Contains(p.Message, "there is no function") {
				t.Errorf("%s: %s", name, p.Message)
			}
		}
	}
	for name, args := range unknown {
		if v, problems := value(t, name+"("+args+")"); v.Kind() != graph.Unknown || len(problems) > 0 {
			t.Errorf("%s is %s, with %v", name, v.Kind(), problems)
		}
	}
	if v, _ := value(t, `pathexpand("~/a")`); v.Kind() != graph.Unknown {
		t.Error("a home directory is known")
	}
	if _, problems := value(t, "nothing()"); len(problems) != 1 {
		t.Error("a function that does not exist is none")
	}
}

func TestDecrypt(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	text, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte("plain")) //nolint:staticcheck // this is what rsadecrypt reads
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	v, problems := value(t, fmt.Sprintf("rsadecrypt(%q, %q)", base64.StdEncoding.EncodeToString(text), private))
	if v.Str() != "plain" {
		t.Errorf("%q, %v", v.Str(), problems)
	}
}
