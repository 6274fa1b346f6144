package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/image"
	"github.com/seaworthy-iac/seaworthy/parsers/image/osv"
	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
	"github.com/seaworthy-iac/seaworthy/parsers/image/vex"
)

// imageFlags say whether and where images are read.
type imageFlags struct {
	follow   bool
	dir      string
	platform string
	insecure []string
	database databaseFlag
	vex      []string
	keys     []string
	verified []string

	asked  []string // images that are looked at alone; nil for those that are run
	reader *image.Reader

	progress func(done, of int) // is told how many images are read; may be nil
}

// register adds the flags of commands that look at files, and may look at the
// images that are run by what is in them.
func (f *imageFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.follow, "images", false, "read the container images that are run, from their registries")
	f.registerSource(flags)
}

// registerSource adds the flags about where images come from.
func (f *imageFlags) registerSource(flags *pflag.FlagSet) {
	flags.StringVar(&f.dir, "image-dir", "", "read images from the layouts and archives in this `directory`, and touch no network")
	flags.StringVar(&f.platform, "platform", "", "read images for this `platform`, as os/architecture[/variant] (default linux/amd64)")
	flags.StringSliceVar(&f.insecure, "insecure-registry", nil, "`registries` that may be asked without TLS, as host[:port]")
	f.database.register(flags)
	flags.StringArrayVar(&f.keys, "image-key", nil, "public key `file` of cosign that images are to be signed with; may be repeated")
	flags.StringArrayVar(&f.verified, "image-verified", nil, "`file` of seaworthy-keyless that says which images are signed, and is believed; may be repeated")
	flags.StringArrayVar(&f.vex, "vex", nil, "OpenVEX `file` that says which vulnerabilities images do not have; may be repeated")
}

// wanted tells whether images are read at all.
func (f *imageFlags) wanted() bool { return f.follow || f.dir != "" || f.asked != nil }

// open prepares for reading images, when that is asked for.
func (f *imageFlags) open(ctx context.Context, day string) error {
	if !f.wanted() {
		if f.platform != "" || len(f.insecure) > 0 || f.database.dir != "" || len(f.vex) > 0 || len(f.keys) > 0 || len(f.verified) > 0 {
			return errors.New("--platform, --insecure-registry, --image-key, --image-verified, --vulnerability-db and --vex are about images: add --images")
		}
		return nil
	}
	o := image.Options{Dir: f.dir, Insecure: f.insecure}
	var err error
	if o.Today, err = time.Parse(time.DateOnly, day); err != nil {
		return err
	}
	if f.platform != "" {
		if o.Platform, err = image.ParsePlatform(f.platform); err != nil {
			return fmt.Errorf("--platform: %w", err)
		}
	}
	if err := f.signers(&o); err != nil {
		return err
	}
	if err := f.judge(&o, day); err != nil {
		return err
	}
	if f.reader, err = image.NewReader(ctx, o); err != nil {
		return fmt.Errorf("--image-dir: %w", err)
	}
	return nil
}

// signers say whose signatures are believed.
func (f *imageFlags) signers(o *image.Options) error {
	for _, name := range f.keys {
		keys, err := sign.ReadKeys(name)
		if err != nil {
			return fmt.Errorf("--image-key: %w", err)
		}
		o.Keys = append(o.Keys, keys...)
	}
	for _, name := range f.verified {
		report, err := sign.ReadReport(name)
		if err != nil {
			return fmt.Errorf("--image-verified: %w", err)
		}
		o.Reported = append(o.Reported, report.Images...)
	}
	return nil
}

// judge says what images are held against.
func (f *imageFlags) judge(o *image.Options, day string) error {
	judgement := image.Judgement{Today: day}
	for _, name := range f.vex {
		statements, err := vex.ReadFile(name)
		if err != nil {
			return fmt.Errorf("--vex: %w", err)
		}
		judgement.VEX = append(judgement.VEX, statements...)
	}
	var err error
	if judgement.DB, err = f.database.open(); err != nil { // it stays open as long as the program runs
		return err
	}
	if state := judgement.DB.State(day); state.State != osv.OK {
		o.Warnings = append(o.Warnings, "vulnerabilities of images: "+state.String())
	}
	o.Judge = func(_ context.Context, d *image.Document) { judgement.Judge(d) }
	return nil
}

// followers are what reads images; none unless asked for.
func (f *imageFlags) followers() []parsers.Follower {
	switch {
	case f.reader == nil:
		return nil
	case f.asked != nil:
		return []parsers.Follower{image.Asked{Reader: f.reader, Names: f.asked, Progress: f.progress}}
	}
	return []parsers.Follower{image.Follower{Images: f.reader, Progress: f.progress}}
}
