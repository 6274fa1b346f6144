package image

import (
	"path"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/images"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// start holds the rules about what a container of an image runs.
var start = []*analyzers.Rule{{
	ID:        "image-without-command",
	Title:     "Neither the image nor the container says what to run",
	Why:       "The runtime has nothing to start: the pod stays in CreateContainerError.",
	Remedy:    "Set `command` of the container, or an `ENTRYPOINT` in the image.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		entrypoint, cmd := u.Strings("config.entrypoint"), u.Strings("config.cmd")
		u.ReportIf(p, imageRuns(u).And(graph.Of(len(entrypoint)+len(cmd) == 0)), u.Via,
			"image %q has no command, and container %q gives none", u.Name, u.Container.Name())
	}),
}, {
	ID:        "image-only-a-shell",
	Title:     "Container runs nothing but a shell that ends at once",
	Why:       "The image runs a shell, which has no terminal and nothing to read in a pod: it ends at once, and the pod is started again and again (CrashLoopBackOff).",
	Remedy:    "Set `command` of the container. Images such as `debian` and `alpine` are made to build others from.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: eachContainer(func(p *analyzers.Pass, u images.Use) {
		c := u.Container
		runs := append(u.Strings("config.entrypoint"), u.Strings("config.cmd")...)
		bad := graph.Of(c.Kind == workload.Regular && len(runs) == 1 && isShell(runs[0]))
		u.ReportIf(p, bad.And(imageRuns(u), c.At("stdin").Bool(false).Not(), c.At("tty").Bool(false).Not(), c.Pod.Completes().Not()), u.Via,
			"image %q runs %q alone, and container %q gives it nothing to run", u.Name, strings.Join(runs, " "), c.Name())
	}),
}, {
	ID:        "image-shell-form",
	Title:     "Image starts its program through a shell",
	Why:       "The shell is the first process and does not pass signals on. When the pod is to end, the program is not told: its work is cut off after the grace period, 30 seconds later.",
	Remedy:    "Write `ENTRYPOINT` and `CMD` as lists (`[\"server\", \"--port\", \"80\"]`), or begin the command with `exec`.",
	Severity:  analyzers.Info,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Check: each(func(p *analyzers.Pass, u images.Use) {
		runs, own := u.Strings("config.entrypoint"), graph.True
		if len(runs) == 0 {
			runs = u.Strings("config.cmd")
		}
		if !u.Alone() {
			own = imageRuns(u)
		}
		bad := graph.Of(len(runs) == 3 && isShell(runs[0]) && runs[1] == "-c" && keepsShell(runs[2]))
		u.ReportIf(p, bad.And(own), u.At("config.entrypoint"), "image %q starts %q in a shell", u.Name, shortened(strings.Join(runs[min(2, len(runs)):], " ")))
	}),
}}

// imageRuns tells whether the container runs what the image says: it gives no
// command and no arguments of its own.
func imageRuns(u images.Use) graph.Tri {
	if !u.Contained() {
		return graph.Unsure
	}
	return u.Container.At("command").Present().Not().And(u.Container.At("args").Present().Not())
}

func isShell(program string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh"}, path.Base(program))
}

// keepsShell tells whether a shell stays while it runs a command line. It does
// not for one program alone: that takes the place of the shell.
func keepsShell(line string) bool {
	return strings.ContainsAny(line, ";|&\n") && !strings.Contains(line, "exec ")
}

// shortened is a text of the image's that may be of any length.
func shortened(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
