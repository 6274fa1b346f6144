package survey

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/config"
)

// Write writes the configuration that a survey suggests. Lines that start with
// "#" and a blank are comments; those with "#" alone are settings that are off.
func (s *Survey) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + config.SchemaURL + "\n")
	b.WriteString("# What Seaworthy is to report of the files below this directory. Paths are relative to it.\n")
	b.WriteString("# A line that starts with \"#\" and a blank explains, one with \"#\" alone is off.\n")
	if s.Outer != "" {
		b.WriteString("\n# This file counts alone for what is below it, so it starts from the one that counted before.\n")
		b.WriteString("extends: " + config.Quote(s.Outer) + "\n")
	}
	b.WriteString(head)
	s.writeVersion(&b)
	s.writeExcludes(&b)
	writeSets(&b, "helm", s.Charts, []string{
		"Each chart is rendered with its own values, and once more with each of these sets of values files.",
		"A place that is at fault in several of them is one finding that names them.",
	}, "charts/*", "env/prod.yaml")
	writeSets(&b, "terraform", s.Modules, []string{
		"Each root module is evaluated with each of these sets of variable files, instead of once without.",
		"A set with no files, such as default: [], keeps that as well.",
	}, "infra", "infra/prod.tfvars")
	_, err := io.WriteString(w, b.String())
	return err
}

const head = `
# Rules to run: IDs, globs, families (k8s, rbac, aws), profiles (recommended, strict), other tools'
# checks, or all. "seaworthy rules" lists them.
#select: [recommended]

# What to leave out, everywhere or in some places, for good or until a day.
#ignore:
#  - rules: [k8s-host-network]
#    paths: ["charts/node-exporter/**"]
#    reason: reads the counters of the node
#    until: 2099-12-31

# The lowest severity that fails a run: info, low, medium, high or critical.
#fail-on: low

# Report suppressions that say no reason.
#require-reason: true
`

func (s *Survey) writeVersion(b *strings.Builder) {
	b.WriteString("\n# The Kubernetes release to render and judge for.\n")
	for _, v := range s.Versions {
		least := ""
		if v.Lowest {
			least = "at least "
		}
		fmt.Fprintf(b, "# %s: %s%s\n", config.OneLine(v.From), least, v.Release)
	}
	if agreed := s.Version(); agreed != "" {
		fmt.Fprintf(b, "kube-version: %q\n", agreed)
		return
	}
	release := "1.33"
	if len(s.Versions) > 0 {
		release = s.Versions[0].Release
	}
	fmt.Fprintf(b, "#kube-version: %q\n", release)
}

func (s *Survey) writeExcludes(b *strings.Builder) {
	b.WriteString("\n# Files and directories to leave out, in the syntax of .gitignore.\n")
	off := "#"
	if slices.ContainsFunc(s.Excludes, func(e Exclude) bool { return e.Sure }) {
		off = ""
	}
	b.WriteString(off + "exclude:\n")
	for _, e := range s.Excludes {
		mark := ""
		if !e.Sure {
			mark = "#"
		}
		fmt.Fprintf(b, "%s  - %s # %s\n", mark, config.Quote(e.Pattern), e.Why)
	}
	if len(s.Excludes) == 0 {
		b.WriteString("#  - testdata/\n")
	}
}

// writeSets writes the sets of all charts or modules under a key.
func writeSets(b *strings.Builder, key string, all []Environments, prose []string, dir, file string) {
	b.WriteString("\n")
	for _, line := range prose {
		b.WriteString("# " + line + "\n")
	}
	if len(all) == 0 {
		fmt.Fprintf(b, "#%s:\n#  sets:\n#    %s:\n#      prod: [%s]\n", key, config.Quote(dir), file)
		return
	}
	off := "#"
	if slices.ContainsFunc(all, Environments.Sure) {
		off = ""
	}
	fmt.Fprintf(b, "%s%s:\n%s  sets:\n", off, key, off)
	for _, e := range all {
		off := "#"
		if e.Sure() {
			off = ""
		}
		fmt.Fprintf(b, "%s    %s:\n", off, config.Quote(e.Dir))
		for _, set := range e.Sets {
			mark, why := "", ""
			if set.Doubt != "" {
				mark, why = "#", " # "+config.OneLine(set.Doubt)
			}
			fmt.Fprintf(b, "%s      %s: %s%s\n", mark, config.Quote(set.Name), config.QuoteAll(set.Files), why)
		}
	}
}
