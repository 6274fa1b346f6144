package rules_test

import (
	"testing"

	"github.com/seaworthy-iac/seaworthy/analyzers/ruletest"
	"github.com/seaworthy-iac/seaworthy/rules"
)

// exempt are the differences that are right.
var exempt = []ruletest.Exemption{
	{Rule: "api-duplicate-object", Forms: "helm yamldecode manifest typed", Reason: "is about one file of manifests; Helm and Terraform refuse a name that is there twice"},
	{Rule: "api-instance-label", Forms: "helm", Reason: "the label names the release in a chart"},
	{Rule: "api-namespace-missing", Forms: "helm", Reason: "a chart leaves the namespace to the release"},
	{Rule: "api-limit-range-missing", Forms: "helm", Reason: "the namespace of a release is made elsewhere"},
	{Rule: "api-quota-*", Forms: "helm", Reason: "the namespace of a release is made elsewhere"},
	{Rule: "api-psp-seccomp", Forms: "patch annotations", Reason: "the annotations that lack one are the overlay's"},
	{Rule: "*-duplicate-*", Forms: "patch", Reason: "a merge leaves one of the items that have a key in common"},
	{Rule: "k8s-topology-spread-invalid", Forms: "patch", Reason: "a merge leaves one of the constraints that have a key in common"},
	{Rule: "schema-wrong-type", Forms: "patch annotations", Reason: "kustomize writes values of annotations and variables as text"},
	{Rule: "schema-missing-field", Forms: "annotations", Reason: "kustomize makes the spec whose pods it annotates"},
	{Rule: "suppression-*", Forms: "manifest typed", Reason: "HCL has the comments of the manifests no more"},
	{Rule: "schema-wrong-type", Forms: "yamldecode manifest", Reason: "the provider turns values into the type of the field"},
	{Rule: "schema-*", Forms: "typed", Reason: "the provider has a schema of its own, which Terraform holds a block against"},
	{Rule: "k8s-restart-policy-invalid", Forms: "typed", Reason: "the provider has another default, Never"},
	{Rule: "k8s-automount-token", Forms: "typed", Reason: "the provider sets what is left out, to true"},
	{Rule: "reach-*", Forms: "typed", Reason: "the provider asks for the token that the pod leaves to its account"},
}

func TestMetamorphic(t *testing.T) {
	ruletest.Metamorphic(t, rules.All(), fixtureFormats(), "../fixtures/rules", exempt)
}

func TestUnread(t *testing.T) {
	ruletest.Unread(t, rules.All(), fixtureFormats(), "../fixtures/rules", unreadExempt)
}

// unreadExempt are the findings that another rule makes where more is read.
var unreadExempt = []ruletest.Exemption{
	{Rule: "live-budget-blocks-eviction", Forms: "apps/Deployment", Reason: "what the budget says by itself is told by another rule, if the Deployment is seen"},
	{Rule: "api-quota-missing", Forms: "core/Namespace", Reason: "it is told of at the Namespace, if that is seen"},
	{Rule: "reach-exposed-service", Forms: "apps/Deployment", Reason: "it is told of at the workload, if that is seen"},
	{Rule: "live-workload-unavailable", Forms: "core/Pod apps/ReplicaSet", Reason: "pods that say what they wait for are told of by other rules"},
}
