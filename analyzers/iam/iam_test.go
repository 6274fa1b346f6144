package iam

import (
	"slices"
	"testing"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

func text(s string) *graph.Node {
	if s == "?" {
		return graph.NewUnknown(nil)
	}
	return graph.NewString(s, nil)
}

func list(of ...string) *graph.Node {
	var items []*graph.Node
	for _, s := range of {
		items = append(items, text(s))
	}
	return graph.NewList(items, nil)
}

func object(of ...any) *graph.Node {
	var fields []graph.Field
	for i := 0; i < len(of); i += 2 {
		fields = append(fields, graph.Field{Key: of[i].(string), Node: of[i+1].(*graph.Node)})
	}
	return graph.NewMap(fields, nil)
}

func json(of ...any) Statement { return Statement{graph.ValueOf(object(of...)), false} }
func hcl(of ...any) Statement  { return Statement{graph.ValueOf(object(of...)), true} }
func blocks(of ...*graph.Node) *graph.Node {
	return graph.NewList(of, nil)
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		ok              bool
	}{
		{"*", "iam:PassRole", true},
		{"iam:*", "iam:PassRole", true},
		{"IAM:passrole", "iam:PassRole", true},
		{"iam:Pass????", "iam:PassRole", true},
		{"iam:Pass???", "iam:PassRole", false},
		{"iam:*Role", "iam:PassRole", true},
		{"iam:*Role*", "iam:PassRole", true},
		{"iam:*a*o*", "iam:PassRole", true},
		{"iam:*Policy", "iam:PassRole", false},
		{"", "iam:PassRole", false},
		{"iam:PassRole", "iam:PassRoleX", false},
		{"**", "", true},
	} {
		if got := Match(c.pattern, c.action); got != c.ok {
			t.Errorf("Match(%q, %q) is %v", c.pattern, c.action, got)
		}
	}
}

func TestPublic(t *testing.T) {
	star := text("*")
	condition := func(test, key string, values *graph.Node) *graph.Node { return object(test, object(key, values)) }
	for _, c := range []struct {
		name   string
		s      Statement
		public graph.Tri
	}{
		{"star", json("Effect", text("Allow"), "Principal", star), graph.True},
		{"no effect", json("Principal", star), graph.True},
		{"deny", json("Effect", text("Deny"), "Principal", star), graph.False},
		{"unknown effect", json("Effect", text("?"), "Principal", star), graph.Unsure},
		{"AWS star", json("Effect", text("Allow"), "Principal", object("AWS", star)), graph.True},
		{"in a list", json("Effect", text("Allow"), "Principal", object("AWS", list("111122223333", "*"))), graph.True},
		{"every account", json("Effect", text("Allow"), "Principal", object("AWS", text("arn:aws:iam::*:role/r"))), graph.True},
		{"account", json("Effect", text("Allow"), "Principal", object("AWS", text("111122223333"))), graph.False},
		{"service", json("Effect", text("Allow"), "Principal", object("Service", star)), graph.False},
		{"unknown principal", json("Effect", text("Allow"), "Principal", object("AWS", text("?"))), graph.Unsure},
		{"no principal", json("Effect", text("Allow")), graph.False},
		{"TLS", json("Effect", text("Allow"), "Principal", star, "Condition", condition("Bool", "aws:SecureTransport", text("true"))), graph.True},
		{"organisation", json("Effect", text("Allow"), "Principal", star, "Condition", condition("StringEquals", "aws:principalorgid", text("o-1"))), graph.False},
		{"reference", json("Effect", text("Allow"), "Principal", star, "Condition", condition("ArnLike", "aws:SourceArn", text("?"))), graph.False},
		{"any source", json("Effect", text("Allow"), "Principal", star, "Condition", condition("StringLike", "aws:SourceArn", text("*"))), graph.True},
		{"any address", json("Effect", text("Allow"), "Principal", star, "Condition", condition("IpAddress", "aws:SourceIp", list("0.0.0.0/0"))), graph.True},
		{"not", json("Effect", text("Allow"), "Principal", star, "Condition", condition("StringNotEquals", "aws:SourceVpce", text("vpce-1"))), graph.Unsure},
		{"tag", json("Effect", text("Allow"), "Principal", star, "Condition", condition("StringEquals", "aws:PrincipalTag/a", text("b"))), graph.Unsure},
		{"unknown condition", json("Effect", text("Allow"), "Principal", star, "Condition", text("?")), graph.Unsure},
		{"block", hcl("principals", blocks(object("type", text("AWS"), "identifiers", list("*")))), graph.True},
		{"block deny", hcl("effect", text("Deny"), "principals", blocks(object("type", text("*"), "identifiers", list("*")))), graph.False},
		{"second block", hcl("principals", blocks(object("type", text("Service"), "identifiers", list("x")), object("type", text("AWS"), "identifiers", list("*")))), graph.True},
		{"block condition", hcl("principals", blocks(object("type", text("AWS"), "identifiers", list("*"))),
			"condition", blocks(object("test", text("StringEquals"), "variable", text("aws:SourceAccount"), "values", list("1")))), graph.False},
	} {
		if _, public := c.s.Public(); public != c.public {
			t.Errorf("%s: Public is %v, want %v", c.name, public, c.public)
		}
	}
}

func TestGrants(t *testing.T) {
	for _, c := range []struct {
		name        string
		s           Statement
		action, all graph.Tri
	}{
		{"everything", json("Effect", text("Allow"), "Action", text("*"), "Resource", text("*")), graph.True, graph.True},
		{"everything in lists", json("Effect", text("Allow"), "Action", list("a:b", "*:*"), "Resource", list("x", "*")), graph.True, graph.True},
		{"one service", json("Effect", text("Allow"), "Action", text("iam:*"), "Resource", text("*")), graph.True, graph.False},
		{"one resource", json("Effect", text("Allow"), "Action", text("*"), "Resource", text("arn")), graph.True, graph.False},
		{"unknown resource", json("Effect", text("Allow"), "Action", text("*"), "Resource", text("?")), graph.True, graph.Unsure},
		{"unknown action", json("Effect", text("Allow"), "Action", list("?", "s3:*"), "Resource", text("*")), graph.Unsure, graph.Unsure},
		{"deny", json("Effect", text("Deny"), "Action", text("*"), "Resource", text("*")), graph.False, graph.False},
		{"nothing", json("Effect", text("Allow")), graph.False, graph.False},
		{"block", hcl("actions", list("*"), "resources", list("*")), graph.True, graph.True},
		{"own account", json("Effect", text("Allow"), "Action", text("*"), "Resource", text("*"),
			"Condition", object("StringEquals", object("aws:PrincipalOrgID", text("o")))), graph.True, graph.False},
	} {
		_, action := c.s.Grants("iam:PassRole")
		_, all := c.s.GrantsAll()
		if action != c.action || all != c.all {
			t.Errorf("%s: grants %v, all %v; want %v, %v", c.name, action, all, c.action, c.all)
		}
	}
}

func TestDenies(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Statement
		want graph.Tri
	}{
		{"deny", json("Effect", text("Deny"), "Action", text("iam:*")), graph.True},
		{"allow", json("Effect", text("Allow"), "Action", text("iam:*")), graph.False},
		{"another", json("Effect", text("Deny"), "Action", list("s3:*", "ec2:*")), graph.False},
		{"unknown", json("Effect", text("Deny"), "Action", list("s3:*", "?")), graph.Unsure},
		{"block", hcl("effect", text("Deny"), "actions", list("iam:Pass*")), graph.True},
	} {
		if got := c.s.Denies("iam:PassRole"); got != c.want {
			t.Errorf("%s: Denies is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		addresses []string
		id        string
		ok        bool
	}{
		{[]string{"aws_x.y"}, "aws_x.y", true},
		{[]string{"aws_x.y"}, "aws_x.y[0]", true},
		{[]string{`aws_x.y["a"]`}, `aws_x.y["b"]`, false},
		{[]string{"aws_x.y"}, "aws_x.yz", false},
		{[]string{"aws_x.y[0]"}, "aws_x.y", false},
		{nil, "aws_x.y", false},
	} {
		if Names(c.addresses, c.id) != c.ok {
			t.Errorf("Names(%v, %s) is %v", c.addresses, c.id, !c.ok)
		}
	}
}

// TestDocuments joins documents with what uses them.
func TestDocuments(t *testing.T) {
	res := func(b *graph.Builder, id, typ string, config *graph.Node) *graph.Resource {
		r := graph.NewResource(id, typ, id, config, nil)
		b.Add(r)
		return r
	}
	statement := func(action string) *graph.Node {
		return blocks(object("actions", list(action), "resources", list("*")))
	}
	var b graph.Builder
	ref := func(id string) *graph.Node { return graph.NewUnknown(nil).WithRefs(id) }
	base := res(&b, "data.aws_iam_policy_document.base", DocumentType, object("statement", statement("*")))
	top := res(&b, "data.aws_iam_policy_document.top", DocumentType,
		object("source_policy_documents", graph.NewList([]*graph.Node{ref(base.ID)}, nil), "statement", statement("s3:*")))
	policy := res(&b, "aws_iam_policy.p", "aws_iam_policy", object("policy", ref(top.ID)))
	role := res(&b, "aws_iam_role.r", "aws_iam_role", object("name", text("r"), "assume_role_policy", text("{}")))
	attach := res(&b, "aws_iam_role_policy_attachment.a", "aws_iam_role_policy_attachment", object("role", ref(role.ID), "policy_arn", ref(policy.ID)))
	bucket := res(&b, "aws_s3_bucket_policy.b", "aws_s3_bucket_policy", object("policy", ref(top.ID)))
	res(&b, "data.aws_iam_policy_document.unused", DocumentType, object("statement", statement("s3:*")))
	b.Link(graph.References, top, base, top.Config)
	b.Link(graph.References, policy, top, policy.Config)
	b.Link(graph.References, bucket, top, bucket.Config)
	b.Link(graph.References, attach, policy, attach.Config)
	b.Link(graph.References, attach, role, attach.Config)
	g := graph.Freeze(&b)

	var got []string
	for _, d := range Documents.Of(g) {
		line := "inline"
		if d.Resource() != nil {
			line = d.Resource().ID
		}
		for _, u := range d.Uses {
			line += " " + u.Resource.ID
		}
		got = append(got, line+" "+d.Is(Identity).String())
	}
	want := []string{
		"aws_iam_role.r aws_iam_role.r false",
		"data.aws_iam_policy_document.base aws_iam_policy.p aws_s3_bucket_policy.b true",
		"data.aws_iam_policy_document.top aws_iam_policy.p aws_s3_bucket_policy.b true",
		"data.aws_iam_policy_document.unused true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("documents are\n%q, want\n%q", got, want)
	}
	roles := Roles.Of(g)
	if len(roles) != 1 || len(roles[0].Policies) != 2 || len(roles[0].Trust) != 1 {
		t.Fatalf("roles are %+v", roles)
	}
	if at, admin := roles[0].Admin(); admin != graph.True || at.Resource() != base {
		t.Errorf("Admin is %v at %v", admin, at.Resource())
	}
	for arn, want := range map[string]bool{"arn:aws:iam::1:role/r": true, "arn:aws:iam::1:role/path/r": true, "arn:aws:iam::1:user/r": false, "r": false, "": false} {
		if got := RoleOf(g, graph.ValueOf(text(arn))) != nil; got != want {
			t.Errorf("RoleOf(%q) found one: %v", arn, got)
		}
	}
}
