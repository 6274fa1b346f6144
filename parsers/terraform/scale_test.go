package terraform_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
)

// shapes are configurations of any size n.
var shapes = map[string]func(n int) map[string]string{
	"resources": func(n int) map[string]string {
		var w strings.Builder
		w.WriteString("variable \"v\" {\n  default = \"x\"\n}\nlocals {\n  tags = { a = var.v, b = \"c\" }\n}\n")
		for i := range 250 * n {
			fmt.Fprintf(&w, "resource \"x_a\" \"r%d\" {\n  name = \"${var.v}-%d\"\n  tags = merge(local.tags, { n = %d })\n  link = x_a.r%d.id\n}\n", i, i, i, max(i-1, 0))
		}
		return map[string]string{"main.tf": w.String()}
	},
	"modules": func(n int) map[string]string {
		var w strings.Builder
		for i := range 25 * n {
			fmt.Fprintf(&w, "module \"m%d\" {\n  source = \"./a\"\n  name   = \"n%d\"\n}\n", i, i)
		}
		return map[string]string{
			"main.tf": w.String(),
			"a/main.tf": "variable \"name\" {}\nresource \"x_a\" \"r\" {\n  name = var.name\n}\nmodule \"b\" {\n  source = \"../b\"\n" +
				"  name   = \"${var.name}-b\"\n  id     = x_a.r.id\n}\noutput \"id\" {\n  value = module.b.id\n}\n",
			"b/main.tf": "variable \"name\" {}\nvariable \"id\" {}\nresource \"x_b\" \"r\" {\n  name = var.name\n  id2  = var.id\n}\noutput \"id\" {\n  value = x_b.r.id\n}\n",
		}
	},
	"for_each": func(n int) map[string]string {
		return map[string]string{"main.tf": fmt.Sprintf(
			"locals {\n  all = { for i in range(%d) : \"k${i}\" => { name = \"n${i}\", size = i } }\n}\n"+
				"resource \"x_a\" \"r\" {\n  for_each = local.all\n  name     = each.value.name\n  size     = each.value.size\n}\n"+
				"resource \"x_b\" \"r\" {\n  for_each = x_a.r\n  name     = each.value.name\n  id2      = x_a.r[each.key].id\n}\n", 125*n)}
	},
	"splat": func(n int) map[string]string {
		return map[string]string{"main.tf": fmt.Sprintf(
			"resource \"x_a\" \"r\" {\n  count = %d\n  name  = \"n${count.index}\"\n}\n"+
				"resource \"x_b\" \"r\" {\n  count = %d\n  ids   = x_a.r[*].id\n  name  = x_a.r[count.index].name\n}\n", 125*n, 125*n)}
	},
}

// BenchmarkScale loads configurations of one, two, four and eight times a size.
func BenchmarkScale(b *testing.B) {
	for _, shape := range []string{"resources", "modules", "for_each", "splat"} {
		for _, n := range []int{1, 2, 4, 8} {
			b.Run(fmt.Sprintf("%s/%dx", shape, n), func(b *testing.B) {
				fsys := fstest.MapFS{}
				var names []string
				for name, text := range shapes[shape](n) {
					fsys[name] = &fstest.MapFile{Data: []byte(text)}
					names = append(names, name)
				}
				b.ReportAllocs()
				for b.Loop() {
					load(b, source.NewTree(fsys), names, terraform.Options{})
				}
			})
		}
	}
}
