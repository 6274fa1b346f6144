package terraform_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// tree is the files of an archive as a tree.
func tree(a *txtar.Archive) (*source.Tree, []string) {
	fsys := fstest.MapFS{}
	var names []string
	for _, f := range a.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		names = append(names, f.Name)
	}
	return source.NewTree(fsys), names
}

// load loads every root of a tree.
func load(tb testing.TB, tree *source.Tree, names []string, o terraform.Options) []*graph.Builder {
	tb.Helper()
	b := &graph.Builder{}
	all := []*graph.Builder{b}
	for _, r := range terraform.New(o).Roots(parsers.NewProject(tree, names), b) {
		b := &graph.Builder{Root: r.ID()}
		if err := r.Load(tb.Context(), b); err != nil {
			tb.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// dump is all that a root has, with the place of everything.
func dump(all []*graph.Builder) string {
	var w strings.Builder
	for _, b := range all {
		if b.Root != "" {
			fmt.Fprintf(&w, "== %s\n", b.Root)
		}
		for _, r := range b.Resources {
			fmt.Fprintf(&w, "%s (%s) %s\n", r.ID, r.Type, place(r.Place))
			dumpValue(&w, r.Config, "  ")
		}
		for _, e := range b.Edges {
			fmt.Fprintf(&w, "%s %s %s via %s\n", e.From.ID, e.Rel, e.To.ID, e.Via.Path())
		}
		for _, p := range b.Problems {
			level := "warning"
			if p.Level == graph.Error {
				level = "error"
			}
			fmt.Fprintf(&w, "%s: %s: %s\n", place(p.At), level, p.Message)
		}
	}
	return w.String()
}

func dumpValue(w *strings.Builder, v graph.Value, indent string) {
	for key, item := range v.Entries() {
		fmt.Fprintf(w, "%s%s", indent, key)
		if item.Key() != key && item.Key() != "" {
			fmt.Fprintf(w, " (%s)", item.Key())
		}
		text, _ := item.Text("")
		switch item.Kind() {
		case graph.String:
			fmt.Fprintf(w, " = %q", text)
		case graph.Bool, graph.Number:
			fmt.Fprintf(w, " = %s", text)
		case graph.List, graph.Map, graph.Null, graph.Unknown, graph.Absent:
			fmt.Fprintf(w, ": %s", item.Kind())
		}
		fmt.Fprintf(w, " @%s", place(item.Place()))
		if n, _ := item.Len(); n == 0 && len(item.Refs()) > 0 {
			fmt.Fprintf(w, " <- %s", strings.Join(item.Refs(), ", "))
		}
		w.WriteString("\n")
		dumpValue(w, item, indent+"  ")
		if d := item.Decoded(); d.Kind() != item.Kind() && d.Kind() != graph.Absent {
			fmt.Fprintf(w, "%s  (decoded)\n", indent)
			dumpValue(w, d, indent+"    ")
		}
	}
}

// place is file:line:column and the text there, up to its first line break.
func place(o *source.Origin) string {
	if o == nil {
		return "nowhere"
	}
	p := o.Span.From()
	text := o.Span.FirstLine().Text()
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	return fmt.Sprintf("%s:%d:%d(%s)", o.Span.File.Path, p.Line, p.Column, text)
}

func TestDump(t *testing.T) {
	a := txtar.Parse([]byte(sample))
	tree, names := tree(a)
	t.Log("\n" + dump(load(t, tree, names, terraform.Options{})))
}

const sample = `
-- main.tf --
terraform {
  required_version = ">= 1"
  backend "s3" {
    encrypt = true
  }
}
provider "aws" {
  region = var.region
  alias = "east"
}
variable "region" {
  type = string
  default = "eu"
}
variable "un" { type = string }
locals {
  tags = { Name = "x", Env = var.un }
  b = aws_s3_bucket.b[0]
}
resource "aws_s3_bucket" "b" {
  count = 2
  bucket = "b-${count.index}"
  provider = aws.east
  tags = local.tags
  versioning {
    enabled = true
  }
  dynamic "grant" {
    for_each = ["x", var.un]
    content {
      type = grant.value
    }
  }
  lifecycle {
    prevent_destroy = true
    ignore_changes = [tags]
  }
}
resource "aws_s3_bucket_policy" "p" {
  for_each = {a = 1, b = 2}
  bucket = aws_s3_bucket.b[0].bucket
  arns = aws_s3_bucket.b[*].arn
  other = local.b.id
  policy = jsonencode({ a = aws_s3_bucket.b[1].arn, b = [1,2] })
  out = module.m.name
  cond = var.region == "eu" ? true : false
  depends_on = [aws_s3_bucket.b]
  key = each.key
}
module "m" {
  source = "./m"
  name = "n"
}
module "r" {
  source = "terraform-aws-modules/vpc/aws"
}
-- m/main.tf --
variable "name" {}
resource "x_y" "z" { name = var.name }
output "name" { value = "${x_y.z.id}-${x_y.z.name}" }
`
