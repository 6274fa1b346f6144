package image

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/parsers/image/packages"
	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// A Document is what is known of one image on one platform. It is written as
// YAML, which is what rules look at and what fixtures hold.
type Document struct {
	// Reference is the image as it was asked for.
	Reference  string `yaml:"reference"`
	Registry   string `yaml:"registry,omitempty"`
	Repository string `yaml:"repository,omitempty"`
	Tag        string `yaml:"tag,omitempty"`
	// Digest is the one of the image's manifest for the platform; "" for a
	// docker-archive, which has none.
	Digest string `yaml:"digest,omitempty"`
	// Index is the digest of the index that the manifest was chosen from, which
	// is the one to pin; "" where there is no index.
	Index string `yaml:"index,omitempty"`
	// Source is the way it was read: one of Registry, Layout, DockerArchive and
	// OCIArchive.
	Source Source `yaml:"source"`
	// Platform is os/architecture[/variant]; Platforms are all there are.
	Platform  string   `yaml:"platform,omitempty"`
	Platforms []string `yaml:"platforms,omitempty"`
	MediaType string   `yaml:"mediaType,omitempty"`
	// Size is the sum of the layers as they are stored, in bytes.
	Size int64 `yaml:"size"`
	// Created is the time of the build (RFC 3339), "" where the image does not
	// say or says a time that builds are stamped with to be reproducible.
	Created string `yaml:"created,omitempty"`
	// Read is the day the image was read, 2026-11-28; AgeDays are the days
	// since it was created, nil where that is not known.
	Read    string `yaml:"read,omitempty"`
	AgeDays *int   `yaml:"ageDays,omitempty"`

	Config  Config      `yaml:"config"`
	History []Build     `yaml:"history,omitempty"`
	Layers  []Layer     `yaml:"layers,omitempty"`
	OS      packages.OS `yaml:"os,omitempty"`
	Files   Files       `yaml:"files,omitempty"`

	Packages        []packages.Package `yaml:"packages,omitempty"`
	Vulnerabilities []Vulnerability    `yaml:"vulnerabilities,omitempty"`
	Database        Database           `yaml:"database"`
	Signature       Signature          `yaml:"signature"`
	// Gaps are what could not be read of the image and why.
	Gaps []string `yaml:"gaps,omitempty"`
	// Unchecked are the packages, known or not, of which vulnerabilities are not
	// known, and why.
	Unchecked []string `yaml:"unchecked,omitempty"`
}

// A Source is a way that images come.
type Source string

// The sources.
const (
	Registry      Source = "registry"
	Layout        Source = "layout"
	DockerArchive Source = "docker-archive"
	OCIArchive    Source = "oci-archive"
)

// A Config is how the image is run when nothing else is said.
type Config struct {
	// User is the user as the image names it, "" for root.
	User string `yaml:"user,omitempty"`
	// UserID is the number of the user. It is known of a number, and of a name
	// that the image's /etc/passwd has.
	UserID       int64             `yaml:"userId"`
	UserKnown    bool              `yaml:"userKnown"`
	Env          map[string]string `yaml:"env,omitempty"`
	Entrypoint   []string          `yaml:"entrypoint,omitempty"`
	Cmd          []string          `yaml:"cmd,omitempty"`
	ExposedPorts []string          `yaml:"exposedPorts,omitempty"` // "8080/tcp", sorted
	Labels       map[string]string `yaml:"labels,omitempty"`
	WorkingDir   string            `yaml:"workingDir,omitempty"`
	Volumes      []string          `yaml:"volumes,omitempty"` // sorted
	StopSignal   string            `yaml:"stopSignal,omitempty"`
	// Healthcheck is the test as Docker has it: NONE, CMD or CMD-SHELL first.
	Healthcheck []string `yaml:"healthcheck,omitempty"`
}

// A Build is one step of the history of an image, the oldest first.
type Build struct {
	CreatedBy string `yaml:"createdBy,omitempty"`
	Created   string `yaml:"created,omitempty"`
	Empty     bool   `yaml:"empty,omitempty"` // it made no layer
}

// A Layer is one layer as it is stored, the base first.
type Layer struct {
	Digest    string `yaml:"digest"`
	Size      int64  `yaml:"size"`
	MediaType string `yaml:"mediaType,omitempty"`
}

// Files are files that say how much an attacker finds at hand, by path.
type Files struct {
	Setuid          []File `yaml:"setuid,omitempty"` // setuid or setgid, executable
	Shells          []File `yaml:"shells,omitempty"`
	PackageManagers []File `yaml:"packageManagers,omitempty"`
	PrivateKeys     []File `yaml:"privateKeys,omitempty"`
}

// A File is one file of the image as its last layer leaves it.
type File struct {
	Path  string `yaml:"path"` // without a slash in front
	Mode  string `yaml:"mode"` // octal, with the setuid, setgid and sticky bits: "4755"
	UID   int    `yaml:"uid,omitempty"`
	GID   int    `yaml:"gid,omitempty"`
	Layer int    `yaml:"layer"` // index into Layers
}

// A Database says what packages were held against; see [osv.State].
type Database osv.State

// A Signature is "verified", "invalid", "keyless", "none" or "not checked": see
// package sign.
type Signature struct {
	State  string `yaml:"state"`
	By     string `yaml:"by,omitempty"`     // the key or identity that signed
	Detail string `yaml:"detail,omitempty"` // why the state is what it is
}

// newDocument is a document of which nothing is known but how it was asked for.
func newDocument(reference string) *Document {
	return &Document{Reference: reference, Database: Database{State: "none"}, Signature: Signature{State: string(sign.NotChecked)}}
}

// Gap records what could not be read, once.
func (d *Document) Gap(format string, args ...any) {
	if gap := fmt.Sprintf(format, args...); !slices.Contains(d.Gaps, gap) {
		d.Gaps = append(d.Gaps, gap)
	}
}

// Text is the document as YAML. The same document has the same bytes.
func (d *Document) Text() ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	var n yaml.Node
	err := n.Encode(d)
	if err == nil {
		readable(&n)
		err = e.Encode(&n)
	}
	if err != nil {
		return nil, fmt.Errorf("write what is known of image %s: %w", d.Reference, err)
	}
	return out.Bytes(), e.Close()
}

// readable makes text of what is none: names and labels of an image may hold
// any bytes, and the library writes those that are not UTF-8 as binary data.
func readable(n *yaml.Node) {
	if n.Tag == "!!binary" {
		if data, err := base64.StdEncoding.DecodeString(n.Value); err == nil {
			n.SetString(strings.ToValidUTF8(string(data), "\ufffd"))
		}
	}
	for _, c := range n.Content {
		readable(c)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	seen := map[string]bool{} // two keys may have become one
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !seen[key.Value] {
			seen[key.Value] = true
			kept = append(kept, key, n.Content[i+1])
		}
	}
	n.Content = kept
}

// ReadDocument reads what Text wrote. A key that no document has is an error.
func ReadDocument(data []byte) (*Document, error) {
	d := newDocument("")
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(d); err != nil {
		return nil, fmt.Errorf("read what is known of an image: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("read what is known of an image: more than one document")
	}
	return d, nil
}
