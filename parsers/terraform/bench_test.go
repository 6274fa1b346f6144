package terraform_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// large is a root of 400 resources in ten files and a module, with the
// references and functions that such roots have.
func large() (fstest.MapFS, []string) {
	fsys := fstest.MapFS{}
	add := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }
	add("variables.tf", `
variable "name" {
  type    = string
  default = "app"
}
variable "tags" {
  type    = map(string)
  default = { Team = "a", Stage = "prod" }
}
locals {
  prefix = "${var.name}-${terraform.workspace}"
  tags   = merge(var.tags, { Managed = "terraform" })
}
`)
	add("m/main.tf", `
variable "bucket" {}
variable "tags" {}
resource "aws_s3_bucket_versioning" "v" {
  bucket = var.bucket
  versioning_configuration {
    status = "Enabled"
  }
}
output "id" {
  value = aws_s3_bucket_versioning.v.id
}
`)
	for file := range 10 {
		var w strings.Builder
		for i := range 10 {
			n := file*10 + i
			fmt.Fprintf(&w, `
resource "aws_s3_bucket" "b%[1]d" {
  bucket = "${local.prefix}-%[1]d"
  tags   = merge(local.tags, { Name = "b%[1]d" })
}
resource "aws_s3_bucket_policy" "b%[1]d" {
  bucket = aws_s3_bucket.b%[1]d.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b%[1]d.arn}/*" }]
  })
}
resource "aws_security_group" "g%[1]d" {
  name = format("%%s-%%d", local.prefix, %[1]d)
  dynamic "ingress" {
    for_each = [80, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  tags = local.tags
}
module "m%[1]d" {
  source = "./m"
  bucket = aws_s3_bucket.b%[1]d.id
  tags   = local.tags
}
`, n)
		}
		add(fmt.Sprintf("part%d.tf", file), w.String())
	}
	var names []string
	for name := range fsys {
		names = append(names, name)
	}
	return fsys, names
}

// BenchmarkLoad reads and evaluates it all.
func BenchmarkLoad(b *testing.B) {
	fsys, names := large()
	b.ReportAllocs()
	for b.Loop() {
		load(b, source.NewTree(fsys), names, terraform.Options{})
	}
}
