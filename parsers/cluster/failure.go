package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A failure is why a request brought nothing.
type failure struct {
	reason Reason
	code   int    // the status of the answer; 0 when there was none
	text   string // one sentence, without a full stop

	after    time.Duration // when to ask again, as the server says; 0 when it does not
	lasting  bool          // the same question has the same answer
	tooLarge bool          // the answer has more bytes than are taken
	noLogin  bool          // there are no credentials to ask with
	cause    error         // nil for an answer
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// broken is an answer that makes no sense.
func broken(format string, args ...any) *failure {
	return &failure{reason: Broken, text: fmt.Sprintf(format, args...), lasting: true}
}

// ofAnswer is the failure that an answer with a status of an error is.
func ofAnswer(resp *http.Response, body []byte) *failure {
	f := &failure{code: resp.StatusCode, reason: Unavailable, text: resp.Status, after: retryAfter(resp.Header)}
	var status metav1.Status
	if json.Unmarshal(body, &status) == nil && status.Kind == "Status" && status.Message != "" {
		f.text = clean(status.Message)
	}
	switch c := resp.StatusCode; {
	case c == http.StatusUnauthorized:
		f.reason = Forbidden
	case c == http.StatusForbidden:
		f.reason, f.lasting = Forbidden, true
		if _, why, ok := strings.Cut(f.text, " is forbidden: "); ok {
			f.text = why
		}
	case c == http.StatusNotFound:
		f.reason, f.lasting = NotFound, true
	case c >= 300 && c < 400:
		f.lasting = true
		f.text = fmt.Sprintf("the server sends elsewhere (%s), and redirects are not followed", resp.Status)
	case c == http.StatusNotImplemented, c < 500 && c != http.StatusTooManyRequests:
		f.lasting = true
	}
	return f
}

// clean is a server's message made fit for one line, and short.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	s = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	const most = 400
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 1<<20 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// ofError is the failure that an error of the connection is.
func ofError(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	// A url.Error tells the method and the whole address again.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	f = &failure{reason: Unavailable, text: clean(err.Error()), cause: err}
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		f.reason, f.text = Timeout, "no answer in time"
	case errors.Is(err, context.Canceled):
		f.lasting = true
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.reason, f.text = Broken, "the answer ends in the middle"
	case strings.HasPrefix(err.Error(), "getting credentials: "): // client-go's, of a credential plugin
		f.lasting, f.noLogin = true, true
	case untrusted(err):
		f.lasting = true
	}
	return f
}

func untrusted(err error) bool {
	var (
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &hostname) || errors.As(err, &record) || errors.As(err, &alert)
}

// stops tells whether there is no use in asking for anything else.
func (f *failure) stops() bool {
	return f.code == http.StatusUnauthorized || errors.Is(f.cause, context.Canceled)
}
