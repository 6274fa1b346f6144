package image

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// A Reason is why an image could not be read.
type Reason string

// The reasons.
const (
	BadReference Reason = "bad reference"
	NotFound     Reason = "not found"
	Denied       Reason = "denied"       // no credentials, wrong ones, or not allowed
	RateLimited  Reason = "rate limited" // still, after waiting as long as is done
	Unavailable  Reason = "unavailable"  // the registry or the network
	TimedOut     Reason = "timed out"
	Broken       Reason = "broken" // what a registry sent is not all, or not what its digest says
	Malformed    Reason = "malformed"
	TooLarge     Reason = "too large"
	NoPlatform   Reason = "no such platform"
	NotAnImage   Reason = "not an image"
	Unsupported  Reason = "unsupported"
)

// A Failure says why an image could not be read, in words for people. It holds
// no credentials, and nothing of what a server says but its short message.
type Failure struct {
	Reason Reason
	Text   string
	Err    error // the cause, nil for none; not part of the text
}

func (f *Failure) Error() string { return f.Text }

func (f *Failure) Unwrap() error { return f.Err }

// ofRegistry tells whether it is the registry that cannot be read rather than
// the image.
func (f *Failure) ofRegistry() bool {
	return f.Reason == Denied || f.Reason == Unavailable || f.Reason == TimedOut || f.Reason == RateLimited
}

func fail(reason Reason, format string, args ...any) *Failure {
	return &Failure{Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// failure is err as a Failure. Errors of libraries are told in words of our
// own: theirs hold addresses with tokens in them, and pages of HTML.
func failure(err error) *Failure {
	var ours *Failure
	var said *transport.Error
	var resolve *net.DNSError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var asked *url.Error
	f := &Failure{Reason: Unavailable, Err: err}
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		f.Reason, f.Text = TimedOut, "it took too long"
	case errors.Is(err, context.Canceled):
		f.Reason, f.Text = TimedOut, "it was interrupted"
	case errors.As(err, &certificate): // and not what was answered without TLS
		f.Text = "the certificate of the registry: " + short(certificate.Err.Error())
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](certificate.Err); unknown {
			f.Text += " (SSL_CERT_FILE names a file of authorities to trust)"
		}
	case errors.As(err, &said):
		f.Reason, f.Text = answered(said)
	case errors.As(err, &resolve):
		f.Text = fmt.Sprintf("the host %s has no address", short(resolve.Name))
	case errors.Is(err, http.ErrSchemeMismatch):
		f.Text = "the registry answers without TLS: it is asked that way when --insecure-registry names it"
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.Reason, f.Text = Malformed, "it ends too early"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		f.Text = "the registry closed the connection"
	case strings.HasPrefix(err.Error(), "error verifying "), strings.HasPrefix(err.Error(), "manifest digest: "):
		// Of the library's, which has no type for it.
		f.Reason, f.Text = Broken, "what was read is not what its digest says"
	case errors.As(err, &network) && network.Timeout():
		f.Reason, f.Text = TimedOut, "the registry does not answer"
	case errors.As(err, &asked): // the first of them, where several ways were tried
		f.Text = short(withoutSecrets(asked.Err.Error()))
	default:
		f.Text = short(withoutSecrets(err.Error()))
	}
	return f
}

// answered reads what a registry answered.
func answered(e *transport.Error) (reason Reason, text string) {
	switch code := e.StatusCode; {
	case code == http.StatusUnauthorized:
		reason, text = Denied, "the registry wants credentials, or does not take those it was given"
	case code == http.StatusForbidden:
		reason, text = Denied, "the registry does not allow it"
	case code == http.StatusNotFound && e.Request != nil && e.Request.URL.Path == "/v2/":
		reason, text = Unavailable, "there is no registry"
	case code == http.StatusNotFound:
		reason, text = NotFound, "the registry does not have it"
	case code == http.StatusTooManyRequests:
		reason, text = RateLimited, "the registry limits how much may be read"
	case code >= 500:
		reason, text = Unavailable, fmt.Sprintf("the registry has a fault (%d %s)", code, http.StatusText(code))
	default:
		reason, text = Unavailable, fmt.Sprintf("the registry answers %d %s", code, http.StatusText(code))
	}
	if len(e.Errors) > 0 && e.Errors[0].Message != "" {
		text += fmt.Sprintf(": %q", short(e.Errors[0].Message))
	}
	return reason, text
}

// withoutSecrets takes from a message what may hold a credential: what a
// credential helper printed, and the query and the user of addresses.
func withoutSecrets(text string) string {
	text, _, _ = strings.Cut(text, ", out: ")
	var safe strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		safe.WriteString(before)
		if !found {
			return safe.String()
		}
		end := strings.IndexAny(rest, " \t\n\"'")
		if end < 0 {
			end = len(rest)
		}
		address, _, _ := strings.Cut(rest[:end], "?")
		host, path, _ := strings.Cut(address, "/")
		safe.WriteString("://" + host[strings.LastIndexByte(host, '@')+1:])
		if path != "" {
			safe.WriteString("/" + path)
		}
		text = rest[end:]
	}
}

// together is one failure of several, with the reason of the first.
func together(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	var texts []string
	for _, err := range errs {
		texts = append(texts, failure(err).Text)
	}
	return &Failure{Reason: failure(errs[0]).Reason, Text: strings.Join(texts, "; "), Err: errors.Join(errs...)}
}

// short is a stranger's text for a message: one line that is not too long.
func short(text string) string {
	const most = 200
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
