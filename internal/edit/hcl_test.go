package edit_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/edit"
)

// block is a resource of Terraform with that body.
func block(body string) string { return "resource \"x_y\" \"z\" {" + body + "}\n" }

func TestSetHCL(t *testing.T) {
	yes := edit.Bool(true)
	changes(t, "main.tf", []change{
		{name: "a boolean", text: block("\n  a = false # why\n"), path: "a", op: set(yes), want: block("\n  a = true # why\n")},
		{name: "aligned", text: block("\n  a   = false\n  bbb = 1\n"), path: "a", op: set(yes), want: block("\n  a   = true\n  bbb = 1\n")},
		{name: "a text", text: block("\n  a = \"x\"\n"), path: "a", op: set(edit.Text("y")), want: block("\n  a = \"y\"\n")},
		{name: "a text with a template in it", text: block("\n  a = \"x\"\n"), path: "a", op: set(edit.Text("${y}")), want: block("\n  a = \"$${y}\"\n")},
		{name: "a text for a number", text: block("\n  a = 1\n"), path: "a", op: set(edit.Text("y")), want: block("\n  a = \"y\"\n")},
		{name: "an item", text: block("\n  a = [1, 2]\n"), path: "a.0", op: set(edit.Number(7)), want: block("\n  a = [7, 2]\n")},
		{name: "a key of an object", text: block("\n  a = { m = 1 }\n"), path: "a.m", op: set(edit.Number(7)), want: block("\n  a = { m = 7 }\n")},
		{name: "null", text: block("\n  a = null\n"), path: "a", op: set(yes), want: block("\n  a = true\n")},
		{name: "a heredoc", text: block("\n  a = <<EOT\nx\nEOT\n"), path: "a", op: set(yes), refused: "it is written in several lines"},
		{name: "a variable", text: block("\n  a = var.x\n"), path: "a", op: set(yes), refused: "its value is not known"},
		{name: "a local", text: "locals {\n  x = false\n}\n" + block("\n  a = local.x\n"), path: "a", op: set(yes), refused: "it comes from elsewhere (local)"},
		{name: "in a block", text: block("\n  b {\n    a = 1\n  }\n"), path: "b.0.a", op: set(edit.Number(7)), want: block("\n  b {\n    a = 7\n  }\n")},
		{name: "CRLF", text: block("\r\n  a = false\r\n"), path: "a", op: set(yes), want: block("\r\n  a = true\r\n")},
	})
}

func TestAddHCL(t *testing.T) {
	yes := edit.Bool(true)
	changes(t, "main.tf", []change{
		{name: "an argument", text: block("\n  aaa = 1\n"), op: add("b", yes), want: block("\n  aaa = 1\n  b   = true\n")},
		{name: "a longer one", text: block("\n  a = 1\n"), op: add("bbb", yes), want: block("\n  a = 1\n\n  bbb = true\n")},
		{name: "an empty block", text: block(""), op: add("b", yes), want: block("\n  b = true\n")},
		{name: "a block on one line", text: block(" a = 1 "), op: add("b", yes), want: block("\n  a = 1\n  b = true\n")},
		{name: "a block", text: block("\n  b {}\n"), op: add("c", edit.Map("d", yes)), want: block("\n  b {}\n  c {\n    d = true\n  }\n")},
		{name: "in a block", text: block("\n  b {\n    a = 1\n  }\n"), path: "b.0", op: add("c", yes), want: block("\n  b {\n    a = 1\n    c = true\n  }\n")},
		{name: "an object", text: block("\n  a = { m = 1 }\n"), path: "a", op: add("n", yes), want: block("\n  a = { m = 1, n = true }\n")},
		{name: "an object in lines", text: block("\n  a = {\n    m = 1\n  }\n"), path: "a", op: add("n", yes), want: block("\n  a = {\n    m = 1\n    n = true\n  }\n")},
		{name: "an empty object", text: block("\n  a = {}\n"), path: "a", op: add("n-o p", yes), want: block("\n  a = { \"n-o p\" = true }\n")},
		{name: "an object with a comment", text: block("\n  a = {\n    m = 1 # one\n  }\n"), path: "a", op: add("n", yes), refused: "there is a comment in the map"},
		{name: "CRLF", text: block("\r\n  aaa = 1\r\n"), op: add("b", yes), want: block("\r\n  aaa = 1\r\n  b   = true\r\n")},
		{name: "labels without blanks", text: "resource\"x_y\"z{\n}\n", op: add("b", yes), want: "resource\"x_y\"z{\n  b = true\n}\n"},
		{name: "the labels of a block", text: "resource \"x\" \"y\" {\n  a \"l\" {\n    c = 1\n  }\n}\n", path: "a.0", op: add("b", yes), refused: "the label of a block is its key"},
		{name: "a label after a comment", text: "resource /* x */ \"x_y\" \"z\" {\n}\n", op: add("b", yes), refused: "the block is written in an unusual way"},
		{name: "is there", text: block("\n  a = 1\n"), op: add("a", yes), refused: "a is there already"},
	})
}

func TestAppendHCL(t *testing.T) {
	all := edit.Text("ALL")
	changes(t, "main.tf", []change{
		{name: "a list", text: block("\n  l = [\"A\"] # one\n"), path: "l", op: appended(all), want: block("\n  l = [\"A\", \"ALL\"] # one\n")},
		{name: "in lines", text: block("\n  l = [\n    \"A\",\n  ]\n"), path: "l", op: appended(all), want: block("\n  l = [\n    \"A\",\n    \"ALL\",\n  ]\n")},
		{name: "empty", text: block("\n  l = []\n"), path: "l", op: appended(all), want: block("\n  l = [\"ALL\"]\n")},
		{name: "missing", text: block("\n  a = 1\n"), path: "l", op: appended(all), want: block("\n  a = 1\n  l = [\"ALL\"]\n")},
	})
}

func TestRemoveHCL(t *testing.T) {
	changes(t, "main.tf", []change{
		{name: "an argument", text: block("\n  a = 1 # one\n  b = 2\n"), path: "a", op: edit.Remove, want: block("\n  b = 2\n")},
		{name: "the only one", text: block("\n  a = 1\n"), path: "a", op: edit.Remove, want: block("\n")},
		{name: "on the line of the block", text: block(" a = 1 "), path: "a", op: edit.Remove, refused: "something else follows on its line"},
		{name: "an item", text: block("\n  l = [1, 2]\n"), path: "l.0", op: edit.Remove, want: block("\n  l = [2]\n")},
		{name: "a key of an object", text: block("\n  a = {\n    m = 1\n    n = 2\n  }\n"), path: "a.m", op: edit.Remove, want: block("\n  a = {\n    n = 2\n  }\n")},
		{name: "a block", text: block("\n  b {\n    a = 1\n  }\n"), path: "b.0", op: edit.Remove, refused: "it is a block of its own"},
		{name: "CRLF", text: block("\r\n  a = 1\r\n  b = 2\r\n"), path: "b", op: edit.Remove, want: block("\r\n  a = 1\r\n")},
	})
}

func TestReplaceAndRenameHCL(t *testing.T) {
	changes(t, "main.tf", []change{
		{name: "a part", text: block("\n  a = \"repo:1\"\n"), path: "a", op: replaced(5, 6, "2"), want: block("\n  a = \"repo:2\"\n")},
		{name: "a part of a heredoc", text: block("\n  a = <<EOT\nrepo:1\nEOT\n"), path: "a", op: replaced(5, 6, "2"), want: block("\n  a = <<EOT\nrepo:2\nEOT\n")},
		{name: "a name", text: block("\n  a = 1\n"), path: "a", op: renamed("b"), want: block("\n  b = 1\n")},
		{name: "a block with labels", text: block("\n  a \"l\" {}\n"), path: "a", op: renamed("b"), refused: "it is a block of its own"},
		{name: "the name of blocks", text: block("\n  a {}\n  a {}\n"), path: "a", op: renamed("b"), refused: "it is a block of its own"},
	})
}

func TestJSON(t *testing.T) {
	yes := edit.Bool(true)
	changes(t, "a.json", []change{
		{name: "set", text: `{"a": 1}`, path: "a", op: set(edit.Text(`"`)), want: `{"a": "\""}`},
		{name: "add", text: `{"a": 1}`, op: add("b", edit.Map("c", yes)), want: `{"a": 1, "b": {"c": true}}`},
		{name: "add in lines", text: "{\n  \"a\": 1\n}\n", op: add("b", yes), want: "{\n  \"a\": 1,\n  \"b\": true\n}\n"},
		{name: "append", text: `{"a": []}`, path: "a", op: appended(edit.Text("x")), want: `{"a": ["x"]}`},
		{name: "remove the first", text: `{"a": 1, "b": 2}`, path: "a", op: edit.Remove, want: `{"b": 2}`},
		{name: "remove in lines", text: "{\n  \"a\": 1,\n  \"b\": 2\n}\n", path: "b", op: edit.Remove, want: "{\n  \"a\": 1\n}\n"},
		{name: "rename", text: `{"a": 1}`, path: "a", op: renamed("b"), want: `{"b": 1}`},
		{name: "replace", text: `{"a": "x:1"}`, path: "a", op: replaced(2, 3, "2"), want: `{"a": "x:2"}`},
		{name: "null", text: `{"a": null}`, path: "a", op: add("b", yes), want: `{"a": {"b": true}}`},
	})
}
