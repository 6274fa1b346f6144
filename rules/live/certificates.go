package live

import (
	"strconv"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// certificates holds the rules about certificates that run out.
var certificates = []*analyzers.Rule{{
	ID:        "live-certificate-expires",
	Title:     "Certificate in a TLS secret runs out",
	Why:       "From that moment on clients refuse the connection, all of them at once.",
	Remedy:    "Renew the certificate. Where cert-manager or another controller should have done so, find out why it did not.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Profile:   analyzers.Strict, // it reads Secrets
	Params:    &Left{Days: 14},
	Secrets:   true,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		c := o.At("certificate")
		left, known := c.At("daysLeft").Int(0)
		if c.Kind() != graph.Map || !known {
			p.Look(-1)
			return
		}
		end := c.At("notAfter")
		switch {
		case left < 0:
			p.Report(end, "the certificate of %s from %q ran out at %s", hosts(c), c.At("issuer").Str(), end.Str())
		case left < min(analyzers.ParamsOf[Left](p).Days, whole(c)/4):
			p.Report(end, "the certificate of %s from %q runs out at %s, in %d days", hosts(c), c.At("issuer").Str(), end.Str(), left)
		}
	}, "core/Secret"),
}, {
	ID:        "live-certificate-not-ready",
	Title:     "Certificate of cert-manager is not issued",
	Why:       "What should serve with it does not start, or serves with the old one until that runs out.",
	Remedy:    "Look at the CertificateRequest, the Order and the Challenge below it: mostly a DNS record or an Ingress that the issuer cannot reach.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if c := o.Condition("Ready"); c.At("status").Str() == "False" && settled(p.Graph, o, c) {
			until := ""
			if end := o.At("status.notAfter").Str(); end != "" {
				until = ", the present one is valid until " + end
			}
			p.Report(o.At("spec.secretName"), "the certificate is not ready: %s%s", told(c), until)
		}
	}, "cert-manager.io/Certificate"),
}}

// whole is for how many days a certificate is made. One that is made for a day
// has always little left; it is late when a quarter is, for controllers renew
// when it is a third.
func whole(c graph.Value) int64 {
	const unknown = 1 << 20
	days, known := live.Days(c.At("notBefore").Str(), c.At("notAfter").Str())
	if !known {
		return unknown
	}
	return int64(days)
}

// Left is how many days a certificate has to be valid yet.
type Left struct {
	Days int64 `doc:"The fewest days that a certificate may have left."`
}

// hosts names what a certificate is for.
func hosts(c graph.Value) string {
	var all []string
	for name := range c.At("dnsNames").Each() {
		all = append(all, strconv.Quote(name.Str()))
	}
	if len(all) == 0 {
		return strconv.Quote(c.At("subject").Str())
	}
	return names(all)
}
