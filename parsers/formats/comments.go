package formats

import (
	"path"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/source"
	"github.com/seaworthy-iac/seaworthy/parsers/hcltext"
	"github.com/seaworthy-iac/seaworthy/parsers/yamltext"
)

// Comments are the comments of a file that one of the sources reads.
func Comments(f *source.File) []source.Comment {
	switch path.Ext(strings.TrimSuffix(f.Path, ".json")) {
	case ".tf", ".tofu", ".tfvars":
		return hcltext.Comments(f)
	}
	return yamltext.Comments(f)
}
