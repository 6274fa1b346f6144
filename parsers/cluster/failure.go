package cluster

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// A failure is why a request brought nothing.
type failure struct {
	reason   Reason
	text     string // one sentence, without a full stop
	lasting  bool   // the same question has the same answer
	tooLarge bool   // the answer is larger than is taken
	cause    error  // nil where the answer makes no sense
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// code is the status of the answer; 0 when there was none.
func (f *failure) code() int32 {
	if answer, ok := errors.AsType[*apierrors.StatusError](f.cause); ok {
		return cmp.Or(answer.ErrStatus.Code, http.StatusInternalServerError)
	}
	return 0
}

// after is when to ask again, as the server says; 0 when it does not.
func (f *failure) after() time.Duration {
	seconds, _ := apierrors.SuggestsClientDelay(f.cause)
	return max(time.Duration(seconds)*time.Second, 0)
}

// stops tells whether there is no use in asking for anything else.
func (f *failure) stops() bool {
	return apierrors.IsUnauthorized(f) || errors.Is(f, context.Canceled)
}

// broken is an answer that makes no sense.
func broken(format string, args ...any) *failure {
	return &failure{reason: Broken, text: fmt.Sprintf(format, args...), lasting: true}
}

func tooLarge(format string, most int) *failure {
	return &failure{reason: Cut, text: fmt.Sprintf("an answer has more than "+format, most), lasting: true, tooLarge: true}
}

// ofError is the failure that client-go's error is. An error about what an
// answer says may quote from it, which may be a secret: it is not told.
func ofError(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if answer, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return ofAnswer(answer)
	}
	if _, ok := errors.AsType[*url.Error](err); ok || outOfTime(err) || errors.Is(err, context.Canceled) {
		return ofConnection(err)
	}
	return broken("the answer is no JSON of that kind")
}

// ofAnswer is the failure that an answer with a status of an error is.
func ofAnswer(answer *apierrors.StatusError) *failure {
	f := &failure{reason: Unavailable, cause: answer}
	f.text = clean(cmp.Or(answer.ErrStatus.Message, string(answer.ErrStatus.Reason), "no reason is told"))
	switch {
	case apierrors.IsUnauthorized(answer):
		f.reason = Forbidden
	case apierrors.IsForbidden(answer):
		f.reason, f.lasting = Forbidden, true
		if _, why, ok := strings.Cut(f.text, " is forbidden: "); ok {
			f.text = why
		}
	case apierrors.IsNotFound(answer):
		f.reason, f.lasting = NotFound, true
	case !apierrors.IsTooManyRequests(answer):
		f.lasting = f.code() < http.StatusInternalServerError || f.code() == http.StatusNotImplemented
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

// ofConnection is the failure that an error of the connection is, or of what
// has to be done before there is one.
func ofConnection(err error) *failure {
	// A url.Error tells the method and the whole address again.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	f := &failure{reason: Unavailable, text: clean(installed(err.Error())), cause: err}
	switch {
	case outOfTime(err):
		f.reason, f.text = Timeout, "no answer in time"
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.reason, f.text = Broken, "the answer ends in the middle"
	default:
		f.lasting = errors.Is(err, context.Canceled) || noLogin(err) || untrusted(err)
	}
	return f
}

func outOfTime(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() ||
		strings.Contains(err.Error(), "would exceed context deadline") // of the rate limiter, which does not begin to wait
}

// noLogin tells whether a credential plugin has failed, by client-go's words.
func noLogin(err error) bool { return strings.HasPrefix(err.Error(), "getting credentials: ") }

// installed is client-go's text of a credential plugin that is not installed
// without what it says of such plugins: what is missing and the kubeconfig's
// hint. Any other text stays.
func installed(text string) string {
	missing, about, ok := strings.Cut(text, "\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.")
	if !ok {
		return text
	}
	missing = strings.Replace(missing, "exec: ", "", 1)
	if _, hint, ok := strings.Cut(about, "#client-go-credential-plugins\n\n"); ok {
		missing += ": " + hint
	}
	return missing
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

// asError says why there is nothing to tell of a cluster, and what helps.
func (c *client) asError(doing string, f *failure) error {
	switch {
	case apierrors.IsUnauthorized(f):
		return fmt.Errorf("%s: %s does not know the user (401 %s): the credentials are wrong or have expired; log in again, as with kubectl, or name another --context", doing, c.address, f.text)
	case apierrors.IsForbidden(f) && strings.Contains(f.text, `"system:anonymous"`):
		return fmt.Errorf("%s: %s was told no user (403 %s): the kubeconfig has no credentials for it", doing, c.address, f.text)
	case apierrors.IsForbidden(f):
		return fmt.Errorf("%s: %s refuses (403 %s): bind the user to the ClusterRole system:discovery or to the one of docs/cluster.md", doing, c.address, f.text)
	case f.code() != 0:
		return fmt.Errorf("%s: %s answers %d: %s", doing, c.address, f.code(), f.text)
	case errors.Is(f, context.Canceled):
		return f.cause
	case f.cause != nil && noLogin(f.cause):
		return fmt.Errorf("%s: %w", doing, f)
	case f.reason == Broken:
		return fmt.Errorf("%s: %s is no API server of Kubernetes: %s", doing, c.address, f.text)
	}
	return fmt.Errorf("%s: %s cannot be reached: %w%s", doing, c.address, f, cure(f))
}

// cure says how a certificate comes to be trusted; "" when that is not it.
func cure(f *failure) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](f); ok {
		return ": the certificate-authority-data of the kubeconfig is missing or old; get the kubeconfig again"
	}
	if _, ok := errors.AsType[x509.HostnameError](f); ok {
		return ": the kubeconfig has to name the server as its certificate does, in server or in tls-server-name"
	}
	return ""
}
