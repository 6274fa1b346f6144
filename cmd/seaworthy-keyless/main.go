// Seaworthy-keyless verifies keyless signatures of container images: those whose
// key lived for minutes only, with a certificate that says who signed and a
// transparency log or a timestamp that says when.
//
// It is a program and a module of its own because what it links, Sigstore's own
// library, would make every start of seaworthy slower. It finds signatures as
// seaworthy does, and writes a [sign.Report], which seaworthy reads with
// --image-verified. Who is trusted is in a file (--trusted-root): nothing is
// fetched but what lies in the registry.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/seaworthy-iac/seaworthy/parsers/image/sign"
)

// Exit codes, as seaworthy has them.
const (
	allVerified = 0
	notVerified = 1 // an image is not signed as it should be
	wrongUsage  = 2
	notRead     = 3 // the signatures of an image could not be read
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `seaworthy-keyless verifies keyless signatures of container images.

  seaworthy-keyless --trusted-root FILE --identity ID --issuer URL [REF|LAYOUT...]

  seaworthy scan deploy --images --format json --output images.json
  seaworthy-keyless --trusted-root trusted_root.json --identity-regexp 'https://github\.com/shop/.*' \
      --issuer https://token.actions.githubusercontent.com --from images.json > signed.json
  seaworthy scan deploy --images --image-verified signed.json

Exit codes: 0 all are verified; 1 some are not; 2 wrong usage; 3 signatures could not be read.

`

// run is the program: it writes the report to out and tells the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := pflag.NewFlagSet("seaworthy-keyless", pflag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage, flags.FlagUsages()) }
	var t trust
	var a asked
	flags.StringVar(&t.root, "trusted-root", "", "`file` with the authorities and logs that are trusted, as `cosign trusted-root create` writes it")
	flags.StringVar(&t.identity, "identity", "", "who has to have signed: the `subject` of the certificate, a mail address or URI")
	flags.StringVar(&t.pattern, "identity-regexp", "", "regular `expression` that the whole identity has to match")
	flags.StringVar(&t.issuer, "issuer", "", "`URL` of who has to vouch for the identity")
	flags.StringVar(&a.from, "from", "", "JSON output of seaworthy of which the images are looked at, as a `file`")
	flags.StringSliceVar(&a.insecure, "insecure-registry", nil, "`registries` that may be asked without TLS, as host[:port]")
	wrong := func(err error) int {
		fmt.Fprintln(errs, "seaworthy-keyless:", err)
		return wrongUsage
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return allVerified
	case err != nil:
		return wrong(err)
	}
	verifier, err := t.verifier()
	if err != nil {
		return wrong(err)
	}
	a.names = flags.Args()
	subjects, err := a.subjects(ctx)
	if err != nil {
		return wrong(err)
	}
	report := look(ctx, verifier, subjects, time.Now().UTC().Format(time.DateOnly))
	for _, f := range report.Images {
		if f.State != sign.Verified {
			fmt.Fprintf(errs, "seaworthy-keyless: %s@%s: %s: %s\n", f.Reference, f.Digest, f.State, f.Detail)
		}
	}
	code := exitCode(report)
	for _, s := range subjects {
		if s.err != nil {
			fmt.Fprintf(errs, "seaworthy-keyless: %s: %s\n", s.reference, s.err)
			code = notRead
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(report); err != nil {
		fmt.Fprintln(errs, "seaworthy-keyless: write the report:", err)
		return notRead
	}
	return code
}

// look verifies the signatures of all subjects that are there. Of one that is
// verified the digest that is signed is reported, of others every digest.
func look(ctx context.Context, v *verifier, subjects []subject, day string) sign.Report {
	report := sign.Report{Format: sign.ReportFormat, Images: []sign.Finding{}}
	for _, s := range subjects {
		if s.err != nil {
			continue
		}
		var found []sign.Finding
		for _, digest := range s.digests {
			f := v.verify(ctx, s.from, digest)
			f.Digest, f.Reference, f.Day = digest.String(), s.reference, day
			if f.State == sign.Verified {
				found = []sign.Finding{f}
				break
			}
			found = append(found, f)
		}
		report.Images = append(report.Images, found...)
	}
	return report
}

func exitCode(r sign.Report) int {
	has := func(states ...sign.State) bool {
		return slices.ContainsFunc(r.Images, func(f sign.Finding) bool { return slices.Contains(states, f.State) })
	}
	switch {
	case has(sign.NotChecked):
		return notRead
	case has(sign.Invalid, sign.None):
		return notVerified
	}
	return allVerified
}
