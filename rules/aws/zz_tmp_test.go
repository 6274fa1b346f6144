package aws_test

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/ruletest"
	"github.com/seaworthy-iac/seaworthy/parsers"
	"github.com/seaworthy-iac/seaworthy/parsers/kubernetes"
	"github.com/seaworthy-iac/seaworthy/parsers/terraform"
	"github.com/seaworthy-iac/seaworthy/rules/aws"
	"github.com/seaworthy-iac/seaworthy/rules/cross"
)

func TestFixtures(t *testing.T) {
	ruletest.Run(t, slices.Concat(aws.All(), cross.All()), ruletest.Formats{Sources: []parsers.Source{terraform.New(terraform.Options{}), kubernetes.New()}, Link: kubernetes.Link}, "../../fixtures/rules")
}
