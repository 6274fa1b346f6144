// Package iam is the one view on AWS policy documents, however they are
// written: as JSON in a string or a heredoc, through jsonencode, or as an
// aws_iam_policy_document data source that other resources refer to.
//
// A document that several resources use is one [Document] with several uses,
// so that a rule reports the one statement that has to change. What a
// document may mean depends on where it is used: a wildcard resource is normal
// in a key policy and grave in the policy of a role. See [Kind].
package iam

import (
	"iter"
	"slices"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// DocumentType is the data source that writes a policy in HCL.
const DocumentType = "data.aws_iam_policy_document"

// Kind is what a policy is attached to.
type Kind uint8

// The kinds.
const (
	Identity Kind = iota // what a user, group, role or permission set may do
	Trust                // who may assume a role
	Resource             // who may use a bucket, queue, key or other thing
)

// A Use is one argument that holds a document.
type Use struct {
	Resource *graph.Resource
	Kind     Kind
	// At is the argument. It is unknown where it is a reference.
	At graph.Value
}

// Type is the type of the resource or, for a call of a module of the public
// registry, the module.
func (u Use) Type() string { return kindOf(u.Resource) }

func kindOf(r *graph.Resource) string {
	if r.Type == registry.CallType {
		return r.At("source").Str()
	}
	return r.Type
}

// A Document is one policy. The embedded Value is the decoded JSON, the data
// source's configuration, or an unknown.
type Document struct {
	graph.Value
	// Uses are the arguments that hold the document, in the order of the
	// graph; a data source that nothing refers to has none.
	Uses []Use

	hcl   bool
	graph *graph.Graph // of a data source
}

// place is an argument that holds a policy.
type place struct {
	typ, path string
	kind      Kind
}

var places = [...]place{
	{"aws_iam_policy", "policy", Identity},
	{"aws_iam_role_policy", "policy", Identity},
	{"aws_iam_user_policy", "policy", Identity},
	{"aws_iam_group_policy", "policy", Identity},
	{"aws_iam_role", "inline_policy.policy", Identity},
	{"aws_ssoadmin_permission_set_inline_policy", "inline_policy", Identity},
	{"aws_iam_role", "assume_role_policy", Trust},
	{"aws_backup_vault_policy", "policy", Resource},
	{"aws_cloudwatch_log_destination_policy", "access_policy", Resource},
	{"aws_cloudwatch_event_bus_policy", "policy", Resource},
	{"aws_ecr_repository_policy", "policy", Resource},
	{"aws_efs_file_system_policy", "policy", Resource},
	{"aws_elasticsearch_domain", "access_policies", Resource},
	{"aws_elasticsearch_domain_policy", "access_policies", Resource},
	{"aws_opensearch_domain", "access_policies", Resource},
	{"aws_opensearch_domain_policy", "access_policies", Resource},
	{"aws_glacier_vault", "access_policy", Resource},
	{"aws_glue_resource_policy", "policy", Resource},
	{"aws_kms_external_key", "policy", Resource},
	{"aws_kms_key", "policy", Resource},
	{"aws_kms_key_policy", "policy", Resource},
	{"aws_kms_replica_key", "policy", Resource},
	{"aws_s3_access_point", "policy", Resource},
	{"aws_s3_bucket", "policy", Resource},
	{"aws_s3_bucket_policy", "policy", Resource},
	{"aws_secretsmanager_secret", "policy", Resource},
	{"aws_secretsmanager_secret_policy", "policy", Resource},
	{"aws_ses_identity_policy", "policy", Resource},
	{"aws_sns_topic", "policy", Resource},
	{"aws_sns_topic_policy", "policy", Resource},
	{"aws_sqs_queue", "policy", Resource},
	{"aws_sqs_queue_policy", "policy", Resource},
	{"aws_api_gateway_rest_api", "policy", Resource},
	{"aws_api_gateway_rest_api_policy", "policy", Resource},
	{"aws_vpc_endpoint", "policy", Resource},
	{"aws_vpc_endpoint_policy", "policy", Resource},
	{registry.S3Bucket, "policy", Resource},
	{registry.SQS, "policy", Resource},
}

// Documents are all policy documents of a graph: those written in resources
// first, then the data sources.
var Documents = analyzers.NewFact(func(g *graph.Graph) []*Document {
	var all []*Document
	users := map[*graph.Resource][]Use{}
	for _, pl := range places {
		typ := pl.typ
		if strings.Contains(typ, "/") {
			typ = registry.CallType
		}
		for r := range g.OfType(typ) {
			if kindOf(r) != pl.typ {
				continue
			}
			for v := range r.Config.All(pl.path) {
				if v.Present() == graph.False {
					continue
				}
				use := Use{r, pl.kind, v}
				if data := sources(g, v); len(data) > 0 {
					for _, d := range data {
						users[d] = append(users[d], use)
					}
					continue
				}
				all = append(all, &Document{Value: v.Decoded(), Uses: []Use{use}})
			}
		}
	}
	for d := range g.OfType(DocumentType) {
		all = append(all, &Document{Value: d.Config, Uses: inherited(g, d, users, map[*graph.Resource]bool{}), hcl: true, graph: g})
	}
	return all
})

// sources are the aws_iam_policy_document data sources that a value was made
// from. A value that names one instance of a repeated block has that one only.
func sources(g *graph.Graph, v graph.Value) []*graph.Resource {
	refs := v.Refs()
	if v.Resource() == nil || len(refs) == 0 {
		return nil
	}
	var found []*graph.Resource
	for e := range g.Out(v.Resource(), graph.References) {
		if e.To.Type == DocumentType && Names(refs, e.To.ID) && !slices.Contains(found, e.To) {
			found = append(found, e.To)
		}
	}
	return found
}

// Names tells whether one of the addresses is that of the resource, or that of
// the block it is an instance of.
func Names(addresses []string, id string) bool {
	for _, a := range addresses {
		if a == id || strings.HasPrefix(id, a) && strings.HasPrefix(id[len(a):], "[") {
			return true
		}
	}
	return false
}

// inherited are the uses of a data source: its own, and those of the documents
// that take its statements in.
func inherited(g *graph.Graph, d *graph.Resource, users map[*graph.Resource][]Use, seen map[*graph.Resource]bool) []Use {
	if seen[d] {
		return nil
	}
	seen[d] = true
	uses := slices.Clone(users[d])
	for e := range g.In(d, graph.References) {
		if e.From.Type == DocumentType {
			uses = append(uses, inherited(g, e.From, users, seen)...)
		}
	}
	return uses
}

// Of yields the documents that r holds or refers to, of one kind.
func Of(g *graph.Graph, r *graph.Resource, kind Kind) iter.Seq[*Document] {
	return func(yield func(*Document) bool) {
		for _, d := range Documents.Of(g) {
			holds := slices.ContainsFunc(d.Uses, func(u Use) bool { return u.Resource == r && u.Kind == kind })
			if holds && !yield(d) {
				return
			}
		}
	}
}

// Is tells whether the document is used as a policy of that kind. A data
// source that nothing uses is a policy of an identity unless it names
// principals.
func (d *Document) Is(kind Kind) graph.Tri {
	for _, u := range d.Uses {
		if u.Kind == kind {
			return graph.True
		}
	}
	if len(d.Uses) > 0 {
		return graph.False
	}
	for s := range d.Statements() {
		for range s.Principals() {
			return graph.Of(kind != Identity).And(graph.Unsure) // one of the two others
		}
	}
	return graph.Of(kind == Identity)
}

// Known tells whether the statements of the document can be seen.
func (d *Document) Known() bool { return d.Kind() == graph.Map }

// Statements yields the document's statements, but for those that others have
// taken the place of. A document that is unknown has none that can be seen.
func (d *Document) Statements() iter.Seq[Statement] {
	key := "Statement"
	if d.hcl {
		key = "statement"
	}
	return func(yield func(Statement) bool) {
		for s := range d.Get(key).All("") {
			if s.Kind() != graph.Map || d.hcl && gone(d.graph, d.Resource(), s.At("sid").Str()) {
				continue
			}
			if !yield(Statement{Value: s, hcl: d.hcl}) {
				return
			}
		}
	}
}
