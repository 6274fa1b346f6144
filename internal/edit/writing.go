package edit

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A writing is how a file is written, so that what is added looks like the
// rest of it.
type writing struct {
	syntax   syntax
	quoted   bool   // keys and texts are in double quotes, as in JSON
	newline  string // the line break
	step     string // one level of indentation
	indented bool   // lists are indented below their key
}

// maxLook is how much of a file is looked at to see how it is written, in
// bytes.
const maxLook = 16 << 10

func writingOf(f *source.File, s syntax) writing {
	w := writing{syntax: s, newline: newline(f), step: "  "}
	w.indented, w.step = habits(string(f.Data[:min(len(f.Data), maxLook)]), w.step)
	if s != yamlText {
		w.step = "  "
	}
	return w
}

// habits finds the first list below a key and the first map below one, which
// show how the file is indented.
func habits(text, step string) (indented bool, _ string) {
	list, level := false, false
	above, key := 0, false
	for l := range strings.SplitSeq(text, "\n") {
		l = strings.TrimRight(l, " \t\r")
		content := strings.TrimLeft(l, " ")
		if content == "" || content[0] == '#' || strings.HasPrefix(content, "{{") {
			continue
		}
		indent := len(l) - len(content)
		dash := strings.HasPrefix(content, "- ")
		switch {
		case key && dash && !list:
			list, indented = true, indent > above
		case key && !dash && !level && indent > above && indent-above <= 8:
			level, step = true, strings.Repeat(" ", indent-above)
		}
		if list && level {
			break
		}
		for strings.HasPrefix(content, "- ") {
			content = content[2:]
			indent += 2
		}
		above, key = indent, strings.HasSuffix(content, ":")
	}
	return indented, step
}
