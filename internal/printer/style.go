package printer

import "github.com/seaworthy-iac/seaworthy/analyzers"

// A style is a set of ANSI attributes, "" for none.
type style string

const (
	bold    style = "1"
	dim     style = "2"
	boldRed style = "1;31"
	yellow  style = "33"
	cyan    style = "36"
	green   style = "32"
	magenta style = "1;35"
)

func ofSeverity(s analyzers.Severity) style {
	switch s {
	case analyzers.Critical:
		return magenta
	case analyzers.High:
		return boldRed
	case analyzers.Medium:
		return yellow
	case analyzers.Low:
		return cyan
	case analyzers.Info:
	}
	return dim
}

// paint is text in a style, where colours are allowed.
func (o Options) paint(s style, text string) string {
	if !o.Color || s == "" || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}
