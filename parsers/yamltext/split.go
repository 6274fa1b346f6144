package yamltext

import "bytes"

// A chunk is the text of one document, [start,end) of the stream, with the
// directives and the "---" in front of it.
type chunk struct{ start, end int }

var bom = []byte("\xef\xbb\xbf")

// split cuts a stream into its documents.
func split(data []byte) []chunk {
	var chunks []chunk
	start, pos := 0, 0
	for bytes.HasPrefix(data[pos:], bom) {
		pos += len(bom)
		start = pos
	}
	content := false // seen anything but blanks, comments and directives since start
	empty := false   // seen nothing else but "---" since start
	for pos < len(data) {
		next := lineEnd(data, pos)
		switch line := data[pos:next]; {
		case marker(line, "---"):
			if content && !empty {
				chunks = append(chunks, chunk{start, pos})
			}
			if content {
				start = pos
			}
			content = true
			empty = len(bytes.TrimSpace(line)) == 3
		case marker(line, "..."):
			if content && !empty {
				chunks = append(chunks, chunk{start, pos})
			}
			start, content = next, false
		case !content && !prologue(line), empty && (line[0] == '%' || !prologue(line)):
			content, empty = true, false
		}
		pos = next
	}
	if content && !empty {
		chunks = append(chunks, chunk{start, len(data)})
	}
	return chunks
}

// lineEnd is the start of the next line.
func lineEnd(data []byte, pos int) int {
	i := bytes.IndexByte(data[pos:], '\n')
	if i < 0 {
		i = len(data) - pos - 1
	}
	if cr := bytes.IndexByte(data[pos:pos+i+1], '\r'); cr >= 0 && cr < i && data[pos+cr+1] != '\n' {
		i = cr
	}
	return pos + i + 1
}

// marker tells whether a line is a document marker: the three characters and
// then a blank or nothing.
func marker(line []byte, mark string) bool {
	if len(line) < 3 || string(line[:3]) != mark {
		return false
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0
}

// prologue tells whether a line may stand before the "---" of its document.
func prologue(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#' || line[0] == '%'
}
