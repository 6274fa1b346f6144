package cluster

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/json"
)

// lastApplied is the annotation in which kubectl apply keeps all of what was
// applied, the values of a Secret with it.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// secret keeps of a Secret that is read whole its type, and what its
// certificate says in a field "certificate" that no Secret has otherwise: see
// [certificate]. Its values are dropped.
func (l *lister) secret(o map[string]any) bool {
	meta := mapAt(o, "metadata")
	conceal(meta)
	kept := map[string]any{"metadata": o["metadata"], "type": text(o, "type")}
	if encoded := text(mapAt(o, "data"), "tls.crt"); kept["type"] == "kubernetes.io/tls" && encoded != "" {
		c, err := certificate(encoded, l.now)
		if err != nil {
			l.gaps = append(l.gaps, Gap{
				Reason: Broken, Type: l.kind.Type(), Of: fmt.Sprintf("the certificate of the secret %q", text(meta, "name")),
				Namespace: text(meta, "namespace"), Text: err.Error(),
			})
		} else {
			kept["certificate"] = c
		}
	}
	return l.add(kept)
}

// certificate is what is told of a certificate: its subject, issuer and names,
// from when and until when it is valid, and how many days are left of that,
// below zero when it is over.
func certificate(encoded string, now time.Time) (map[string]any, error) {
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("it is no base64")
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("it is no certificate in PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	dns := make([]any, 0, len(c.DNSNames))
	for _, n := range c.DNSNames {
		dns = append(dns, n)
	}
	return map[string]any{
		"subject":   c.Subject.String(),
		"issuer":    c.Issuer.String(),
		"dnsNames":  dns,
		"notBefore": c.NotBefore.UTC().Format(time.RFC3339),
		"notAfter":  c.NotAfter.UTC().Format(time.RFC3339),
		"daysLeft":  int64(math.Floor(c.NotAfter.Sub(now).Hours() / 24)),
	}, nil
}

// conceal takes the values out of a Secret's metadata: tools that apply objects
// keep what they applied in an annotation, as JSON or packed.
func conceal(metadata map[string]any) {
	annotations := mapAt(metadata, "annotations")
	for name, value := range annotations {
		said, _ := value.(string)
		switch {
		case name == lastApplied || strings.HasPrefix(strings.TrimSpace(said), "{"):
			if said = withoutValues(said); said != "" {
				annotations[name] = said
				continue
			}
		case !strings.HasPrefix(said, gzipped) && !strings.HasPrefix(said, zipped):
			continue
		}
		delete(annotations, name)
	}
}

// How packed data starts in base64.
const (
	gzipped = "H4sI"
	zipped  = "UEsD"
)

// withoutValues is a Secret in JSON without its values; "" where it is no JSON.
func withoutValues(applied string) string {
	var o map[string]any
	if json.Unmarshal([]byte(applied), &o) != nil {
		return ""
	}
	for _, key := range [...]string{"data", "stringData"} {
		delete(o, key)
	}
	shown, err := json.Marshal(o)
	if err != nil {
		return ""
	}
	return string(shown)
}
