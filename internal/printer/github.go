package printer

import (
	"fmt"
	"io"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// GitHub writes a report as workflow commands, which GitHub Actions shows at
// the lines of a pull request. It takes ten errors and ten warnings of a step,
// so the worst come first.
func GitHub(w io.Writer, r *analyzers.Report, opt Options) error {
	var b strings.Builder
	for _, p := range r.Problems {
		workflowCommand(&b, problemLevel(p), p.At, "Not analysed", placeless(p))
	}
	for _, f := range worstFirst(r.Findings) {
		workflowCommand(&b, commandLevel(f.Rule.Severity), f.Place(), f.Rule.Title+" ["+f.Rule.ID+"]", f.Text())
	}
	if opt.ShowUnsure {
		for _, f := range r.Unsure {
			workflowCommand(&b, "notice", f.Place(), f.Rule.Title+" ["+f.Rule.ID+"]", "could not tell: "+f.Text())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func commandLevel(s analyzers.Severity) string {
	if level := s.Level(); level != "note" {
		return level
	}
	return "notice"
}

// workflowCommand writes ::error file=…,line=…,title=…::message. Columns are taken
// within one line only.
func workflowCommand(b *strings.Builder, level string, at *source.Origin, title, message string) {
	var properties []string
	set := func(key string, value any) {
		properties = append(properties, key+"="+inProperty.Replace(clean(fmt.Sprint(value))))
	}
	if at != nil && at.Span.File != nil && !at.Span.File.Remote {
		set("file", at.Span.File.Path) // from the top of the repository, whoever asks from where
		if at.Exact != source.InFile {
			first, last := at.Lines()
			set("line", first)
			set("endLine", last)
			if at.Exact == source.AtToken && first == last {
				set("col", at.Span.From().Column)
				set("endColumn", at.Span.To().Column)
			}
		}
	}
	set("title", title)
	fmt.Fprintf(b, "::%s %s::%s\n", level, strings.Join(properties, ","), inData.Replace(clean(message)))
}

// What the runner reads as the end of a value is written as it wants it.
var (
	inData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
