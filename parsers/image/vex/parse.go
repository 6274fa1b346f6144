package vex

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/package-url/packageurl-go"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// ReadFile reads the OpenVEX document in a file.
func ReadFile(name string) ([]Statement, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, source.MaxFileSize+1))
	if err == nil && len(data) > source.MaxFileSize {
		err = source.ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return Parse(name, data)
}

// Parse reads an OpenVEX document. The error begins with the place of what is
// wrong: file:line:column.
func Parse(name string, data []byte) ([]Statement, error) {
	p := parser{source.NewFile(name, data)}
	var doc struct {
		Context    string `json:"@context"`
		Timestamp  string
		Statements json.RawMessage
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, p.fault(0, err)
	}
	if !strings.HasPrefix(doc.Context, "https://openvex.dev/ns") {
		return nil, p.fault(0, fmt.Errorf("not an OpenVEX document: its @context is %q", doc.Context))
	}
	issued, err := moment(doc.Timestamp)
	if err != nil {
		return nil, p.fault(0, fmt.Errorf("timestamp: %w", err))
	}
	at := bytes.Index(data, doc.Statements)
	if len(doc.Statements) == 0 || doc.Statements[0] != '[' {
		return nil, p.fault(0, errors.New("no list of statements"))
	}
	list := json.NewDecoder(bytes.NewReader(doc.Statements))
	if _, err := list.Token(); err != nil {
		return nil, p.fault(at, err)
	}
	var all []Statement
	for list.More() {
		var raw json.RawMessage
		if err := list.Decode(&raw); err != nil {
			return nil, p.fault(at, err)
		}
		begin := at + int(list.InputOffset()) - len(raw)
		s, err := statement(raw, issued)
		if err != nil {
			return nil, p.fault(begin, err)
		}
		all = append(all, s)
	}
	return all, nil
}

type parser struct{ file *source.File }

// fault is an error with its place: where in the file it is said to be, else
// where what it is about begins. Errors in a statement are told where that
// begins, as its parts count for themselves.
func (p parser) fault(begin int, err error) error {
	offset := begin
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && begin == 0 {
		offset = max(0, int(syntax.Offset)-1)
	} else if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && begin == 0 {
		offset = max(0, int(typed.Offset)-1)
	}
	offset = min(offset, len(p.file.Data))
	at := source.Span{File: p.file, Start: offset, End: offset}.From()
	return fmt.Errorf("%s:%d:%d: %w", p.file.Path, at.Line, at.Column, err)
}

// A rawID is a product, or a part of one, of either version of the format.
type rawID struct {
	ID          string `json:"@id"`
	Identifiers map[string]string
	Hashes      map[string]string
	Parts       []rawID `json:"subcomponents"`
}

// UnmarshalJSON takes a text, as in version 0.0.1, or an object.
func (r *rawID) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &r.ID)
	}
	type plain rawID
	return json.Unmarshal(data, (*plain)(r))
}

// rawName is a flaw, of either version of the format.
type rawName struct {
	ID      string `json:"@id"`
	Name    string
	Aliases []string
}

// UnmarshalJSON takes a text, as in version 0.0.1, or an object.
func (r *rawName) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &r.Name)
	}
	type plain rawName
	return json.Unmarshal(data, (*plain)(r))
}

func statement(data []byte, issued time.Time) (s Statement, err error) {
	var raw struct {
		Vulnerability   rawName
		Timestamp       string
		LastUpdated     string `json:"last_updated"`
		Products        []rawID
		Parts           []rawID `json:"subcomponents"` // of version 0.0.1
		Status          string
		Justification   string
		ImpactStatement string `json:"impact_statement"`
		ActionStatement string `json:"action_statement"`
		StatusNotes     string `json:"status_notes"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return s, err
	}
	s = Statement{Status: raw.Status, Time: issued}
	s.Why = cmp.Or(raw.Justification, raw.ImpactStatement, raw.ActionStatement, raw.StatusNotes)
	s.Names = append([]string{raw.Vulnerability.Name, path.Base(raw.Vulnerability.ID)}, raw.Vulnerability.Aliases...)
	s.Names = slices.DeleteFunc(s.Names, func(n string) bool { return n == "" || n == "." })
	switch {
	case len(s.Names) == 0:
		return s, errors.New("a statement about no vulnerability")
	case !slices.Contains([]string{NotAffected, Affected, Fixed, Waiting}, s.Status):
		return s, fmt.Errorf("status %q: use %s, %s, %s or %s", s.Status, NotAffected, Affected, Fixed, Waiting)
	case s.Status == NotAffected && s.Why == "":
		return s, fmt.Errorf("%s with neither a justification nor an impact_statement", NotAffected)
	case len(raw.Products) == 0:
		return s, errors.New("a statement about no product")
	}
	for _, when := range []string{raw.Timestamp, raw.LastUpdated} {
		at, err := moment(when)
		if err != nil {
			return s, fmt.Errorf("timestamp: %w", err)
		}
		if at.After(s.Time) || when == raw.Timestamp && when != "" {
			s.Time = at
		}
	}
	for _, r := range raw.Products {
		p, err := product(r, raw.Parts)
		if err != nil {
			return s, err
		}
		s.Products = append(s.Products, p)
	}
	return s, nil
}

func product(r rawID, parts []rawID) (p Product, err error) {
	if p.IDs, err = r.ids(); err != nil {
		return p, err
	}
	for _, part := range append(r.Parts, parts...) {
		ids, err := part.ids()
		if err != nil {
			return p, err
		}
		p.Parts = append(p.Parts, ids...)
	}
	return p, nil
}

// ids are all names that a product or a part has.
func (r rawID) ids() ([]ID, error) {
	var all []ID
	for _, text := range []string{r.ID, r.Identifiers["purl"]} {
		if text == "" {
			continue
		}
		id := ID{Text: text}
		if strings.HasPrefix(text, "pkg:") {
			u, err := packageurl.FromString(text)
			if err != nil {
				return nil, fmt.Errorf("%q is no package URL: %w", text, err)
			}
			id.URL = &u
		}
		all = append(all, id)
	}
	for _, algorithm := range []string{"sha-256", "sha256"} {
		if hex := r.Hashes[algorithm]; hex != "" {
			all = append(all, ID{Text: "sha256:" + hex})
		}
	}
	if len(all) == 0 {
		return nil, errors.New("a product or a part without a name")
	}
	return all, nil
}

// moment reads a time; none is the zero time.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}
