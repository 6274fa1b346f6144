package printer

import (
	"fmt"
	"html"
	"strings"
)

// A page is HTML that is being written. Text goes in through text and the
// attributes of open only, which escape it: what is quoted from files of
// strangers stays text.
type page struct {
	strings.Builder
	stack []string
}

// open begins an element with pairs of an attribute's name and value. An
// attribute of the value "" is left out.
func (p *page) open(name string, attributes ...string) {
	p.tag(name, attributes...)
	p.stack = append(p.stack, name)
}

// tag writes the beginning of an element that has no end.
func (p *page) tag(name string, attributes ...string) {
	p.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			p.WriteString(" " + attributes[i] + `="` + html.EscapeString(clean(attributes[i+1])) + `"`)
		}
	}
	p.WriteString(">")
}

// close ends as many elements as are given, the last one opened first.
func (p *page) close(n int) {
	for range n {
		last := len(p.stack) - 1
		p.WriteString("</" + p.stack[last] + ">")
		p.stack = p.stack[:last]
	}
}

// text writes text.
func (p *page) text(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	p.WriteString(html.EscapeString(clean(text)))
}

// element writes an element with text in it.
func (p *page) element(name, text string, attributes ...string) {
	p.open(name, attributes...)
	p.text("%s", text)
	p.close(1)
}

// path writes an element with a path in it, whose lines break behind slashes.
func (p *page) path(name, text string) {
	p.open(name)
	p.WriteString(strings.ReplaceAll(html.EscapeString(clean(text)), "/", "/<wbr>"))
	p.close(1)
}

// prose writes Markdown of rules: paragraphs, code in backticks and in fences.
func (p *page) prose(markdown string) {
	for i, part := range strings.Split(strings.Trim(markdown, "\n"), "```") {
		if i%2 == 1 { // a fence, its language in the first line
			_, code, _ := strings.Cut(part, "\n")
			p.open("pre")
			for line := range strings.Lines(code) {
				p.text("%s", strings.TrimSuffix(line, "\n"))
				p.WriteString("\n")
			}
			p.close(1)
			continue
		}
		for paragraph := range strings.SplitSeq(part, "\n\n") {
			if paragraph = strings.TrimSpace(paragraph); paragraph == "" {
				continue
			}
			p.open("p")
			for j, words := range strings.Split(paragraph, "`") {
				if j%2 == 1 {
					p.element("code", words)
				} else {
					p.text("%s", strings.ReplaceAll(words, "\n", " "))
				}
			}
			p.close(1)
		}
	}
}
