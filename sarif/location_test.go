package sarif

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/seaworthy-iac/seaworthy/internal/source"
)

func TestURI(t *testing.T) {
	for _, test := range []struct{ base, path, want string }{
		{"", "a/b.yaml", "a/b.yaml"},
		{"", "a b/ü.yaml", "a%20b/%C3%BC.yaml"},
		{"", "100%/#1?.tf", "100%25/%231%3F.tf"},
		{"", "https:/x.yaml", "https%3A/x.yaml"},
		{"", `a\b[1].yaml`, "a%5Cb%5B1%5D.yaml"},
		{"infra/live", "main.tf", "infra/live/main.tf"},
		{"./infra/", "main.tf", "infra/main.tf"},
		{"", "../main.tf", ""},
		{"", "a/../../main.tf", ""},
		{"", "/etc/passwd", ""},
		{"", "", ""},
		{"", ".", ""},
	} {
		w := writer{opt: Options{Base: test.base}}
		got, ok := w.uri(&source.Origin{Span: source.NewFile(test.path, nil).Whole()})
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%q + %q is %q, %v; want %q", test.base, test.path, got, ok, test.want)
		}
	}
	w := writer{}
	for _, o := range []*source.Origin{nil, {}} {
		if got, ok := w.uri(o); ok {
			t.Errorf("%v has the uri %q", o, got)
		}
	}
}

func TestRegion(t *testing.T) {
	lines := sarif.NewSimpleRegion
	columns := func(line, start, end, stop int) *sarif.Region {
		return sarif.NewRegion().WithStartLine(line).WithStartColumn(start).WithEndLine(end).WithEndColumn(stop)
	}
	text := "\ufeffa: x\n" + // a byte order mark takes no column
		"b: é🚀x\r\n" + // é is one UTF-16 unit, the rocket two
		"\tc: {\n  d: 1\n}\n\n" +
		"e: \xffx"
	f := source.NewFile("f.yaml", []byte(text))
	for _, test := range []struct {
		text  string
		exact source.Exactness
		want  *sarif.Region
	}{
		{"a", source.AtToken, columns(1, 1, 1, 2)},
		{"x\n", source.AtToken, columns(1, 4, 2, 1)},
		{"é", source.AtToken, columns(2, 4, 2, 5)},
		{"🚀", source.AtToken, columns(2, 5, 2, 7)},
		{"🚀x", source.AtToken, columns(2, 5, 2, 8)},
		{"c", source.AtToken, columns(3, 2, 3, 3)},
		{"{\n  d: 1\n}", source.AtToken, columns(3, 5, 5, 2)},
		{"\xffx", source.AtToken, columns(7, 4, 7, 6)},
		{"", source.AtToken, lines(1, 1)},
		{"{\n  d: 1\n}", source.AtLine, lines(3, 3)},
		{"d: 1\n}\n\n", source.InBlock, lines(4, 5)},
		{"d: 1", source.InBlock, lines(4, 4)},
		{"d: 1", source.InFile, lines(1, 7)},
	} {
		if diff := cmp.Diff(test.want, region(at(f, test.text, test.exact))); diff != "" {
			t.Errorf("%q, %v: %s", test.text, test.exact, diff)
		}
	}
	empty := source.NewFile("empty.yaml", nil)
	for _, exact := range []source.Exactness{source.InFile, source.InBlock, source.AtLine, source.AtToken} {
		if diff := cmp.Diff(lines(1, 1), region(at(empty, "", exact))); diff != "" {
			t.Errorf("empty file, %v: %s", exact, diff)
		}
	}
}
