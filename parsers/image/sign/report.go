package sign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ReportFormat is the version of [Report] that is written and read.
const ReportFormat = 1

// A Report is what another program found about the signatures of images, such
// as seaworthy-keyless, which links what this package leaves out. It has no
// signature of its own: whoever gives it vouches for it.
type Report struct {
	Format int       `json:"format"`
	Images []Finding `json:"images"`
}

// A Finding is what is reported of one digest.
type Finding struct {
	// Digest is the one of the manifest or index that was looked at.
	Digest    string `json:"digest"`
	Reference string `json:"reference,omitempty"` // as it was asked for
	// State is one of Verified, Invalid, None and NotChecked.
	State State `json:"state"`
	// Identity and Issuer are what the certificate says: who signed, and who
	// vouches for that. They are there of what is verified.
	Identity string `json:"identity,omitempty"`
	Issuer   string `json:"issuer,omitempty"`
	Detail   string `json:"detail,omitempty"` // why the state is what it is
	Day      string `json:"day"`              // it was looked at, 2026-11-28
}

// maxReport is how large a report may be, in bytes.
const maxReport = 64 << 20

// ReadReport reads a report from a file.
func ReadReport(path string) (Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return Report{}, fmt.Errorf("read a report of signatures: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxReport+1))
	if err == nil && len(text) > maxReport {
		err = fmt.Errorf("it has more than %d bytes", maxReport)
	}
	var r Report
	if err == nil {
		r, err = ParseReport(text)
	}
	if err != nil {
		return Report{}, fmt.Errorf("read the report of signatures %s: %w", path, err)
	}
	return r, nil
}

// ParseReport reads a report. One that is not whole is an error, so that none is
// taken for less than it says.
func ParseReport(text []byte) (Report, error) {
	var r Report
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &format); err == nil && format.Format != ReportFormat {
		return r, fmt.Errorf("its format is %d, not %d", format.Format, ReportFormat)
	}
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("there is more after it")
	}
	for i, f := range r.Images {
		if err := f.check(); err != nil {
			return r, fmt.Errorf("images[%d]: %w", i, err)
		}
	}
	return r, nil
}

func (f Finding) check() error {
	if _, err := v1.NewHash(f.Digest); err != nil {
		return fmt.Errorf("digest: %w", err)
	}
	if _, err := time.Parse(time.DateOnly, f.Day); err != nil {
		return fmt.Errorf("day: %q is no day such as 2026-11-28", short(f.Day))
	}
	switch {
	case !slices.Contains([]State{Verified, Invalid, None, NotChecked}, f.State):
		return fmt.Errorf("state: %q is none of verified, invalid, none and not checked", short(string(f.State)))
	case f.State == Verified && (f.Identity == "" || f.Issuer == ""):
		return errors.New("it is verified, and does not say by whom: identity and issuer are missing")
	}
	return nil
}

// Reported is what findings say of an image by its digests, the most of it:
// NotChecked where they say nothing.
func Reported(findings []Finding, digests []v1.Hash) Result {
	best := Result{State: NotChecked, Detail: "no report names its digest"}
	for _, f := range findings {
		about := slices.ContainsFunc(digests, func(d v1.Hash) bool { return d.String() == f.Digest })
		if about && f.State != NotChecked {
			best = Stronger(best, f.result())
		}
	}
	return best
}

func (f Finding) result() Result {
	if f.State != Verified {
		return Result{State: f.State, Detail: f.Detail}
	}
	by := fmt.Sprintf("%s (%s)", f.Identity, f.Issuer)
	return Result{State: Verified, By: by, Detail: "signed by " + by + ", as a report of " + f.Day + " says"}
}

// Stronger is that of two results which says more, the first of equals.
func Stronger(a, b Result) Result {
	if rank[b.State] > rank[a.State] {
		return b
	}
	return a
}
