package aws

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// A technique is a row: actions by which the holder of a policy gets rights
// that it does not have.
type technique struct {
	id, does, why string
	actions       []string
	same          []string
}

// escalation holds the rules about policies by which their holders become
// administrators.
var escalation = techniques(
	technique{
		id: "add-user-to-group", does: "add users to groups", actions: []string{"iam:AddUserToGroup"},
		why:  "Adding oneself to the group of the administrators is enough.",
		same: []string{"kics:970ed7a2-0aca-4425-acf1-0453c9ecbca1", "kics:bf9d42c7-c2f9-4dfe-942c-c8cc8249a081"},
	},
	technique{
		id: "attach-group-policy", does: "attach policies to groups", actions: []string{"iam:AttachGroupPolicy"},
		why:  "Attaching AdministratorAccess to a group of one's own is enough.",
		same: []string{"kics:70b42736-efee-4bce-80d5-50358ed94990", "kics:6d23d87e-1c5b-4308-b224-92624300f29b", "kics:f906113d-cdc0-415a-ba60-609cc6daaf4d"},
	},
	technique{
		id: "attach-role-policy", does: "attach policies to roles", actions: []string{"iam:AttachRolePolicy"},
		why:  "Attaching AdministratorAccess to a role that one has or can assume is enough.",
		same: []string{"kics:3dd96caa-0b5f-4a85-b929-acfac4646cc2", "kics:e227091e-2228-4b40-b046-fc13650d8e88"},
	},
	technique{
		id: "attach-user-policy", does: "attach policies to users", actions: []string{"iam:AttachUserPolicy"},
		why:  "Attaching AdministratorAccess to one's own user is enough.",
		same: []string{"kics:db78d14b-10e5-4e6e-84b1-dace6327b1ec", "kics:70cb518c-d990-46f6-bc05-44a5041493d6"},
	},
	technique{
		id: "create-access-key", does: "make access keys for other users", actions: []string{"iam:CreateAccessKey"},
		why:  "A new key for an administrator's user is enough.",
		same: []string{"kics:846646e3-2af1-428c-ac5d-271eccfa6faf", "kics:113208f2-a886-4526-9ecc-f3218600e12c"},
	},
	technique{
		id: "create-login-profile", does: "give other users a password", actions: []string{"iam:CreateLoginProfile"},
		why:  "A password for an administrator who had none is enough to log in as that one.",
		same: []string{"kics:04c686f1-e0cd-4812-88e1-4e038410074c", "kics:9a205ba3-0dd1-42eb-8d54-2ffec836b51a"},
	},
	technique{
		id: "update-login-profile", does: "change the password of other users", actions: []string{"iam:UpdateLoginProfile"},
		why:  "A new password for an administrator is enough to log in as that one.",
		same: []string{"kics:ad296c0d-8131-4d6b-b030-1b0e73a99ad3", "kics:6deb34e2-5d9c-499a-801b-ea6d9eda894f"},
	},
	technique{
		id: "create-policy-version", does: "rewrite policies", actions: []string{"iam:CreatePolicyVersion"},
		why:  "A new version of a policy one has, with every right in it, is enough.",
		same: []string{"kics:ec49cbfd-fae4-45f3-81b1-860526d66e3f", "kics:1743f5f1-0bb0-4934-acef-c80baa5dadfa", "kics:ee49557d-750c-4cc1-aa95-94ab36cbefde"},
	},
	technique{
		id: "set-policy-version", does: "bring back old versions of policies", actions: []string{"iam:SetDefaultPolicyVersion"},
		why:  "Bringing back the version from before rights were taken away is enough.",
		same: []string{"kics:7782d4b3-e23e-432b-9742-d9528432e771", "kics:43a41523-386a-4cb1-becb-42af6b414433", "kics:118281d0-6471-422e-a7c5-051bc667926e"},
	},
	technique{
		id: "put-group-policy", does: "write policies into groups", actions: []string{"iam:PutGroupPolicy"},
		why:  "Writing every right into a group of one's own is enough.",
		same: []string{"kics:e77c89f6-9c85-49ea-b95b-5f960fe5be92", "kics:8bfbf7ab-d5e8-4100-8618-798956e101e0", "kics:d6047119-a0b2-4b59-a4f2-127a36fb685b"},
	},
	technique{
		id: "put-role-policy", does: "write policies into roles", actions: []string{"iam:PutRolePolicy"},
		why:  "Writing every right into a role that one has or can assume is enough.",
		same: []string{"kics:c0c1e744-0f37-445e-924a-1846f0839f69", "kics:eeb4d37a-3c59-4789-a00c-1509bc3af1e5", "kics:eb64f1e9-f67d-4e35-8a3c-3d6a2f9efea7"},
	},
	technique{
		id: "put-user-policy", does: "write policies into users", actions: []string{"iam:PutUserPolicy"},
		why:  "Writing every right into one's own user is enough.",
		same: []string{"kics:60263b4a-6801-4587-911d-919c37ed733b", "kics:8f75840d-9ee7-42f3-b203-b40e3979eb12"},
	},
	technique{
		id: "update-assume-role-policy", does: "change who may assume roles, and assume them",
		actions: []string{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"},
		why:     "The role of an administrator is made to trust somebody else, and then assumed.",
		same:    []string{"kics:78f1ec6f-5659-41ea-bd48-d0a142dce4f2", "kics:33627268-1445-4385-988a-318fd9d1a512", "kics:f1173d8c-3264-4148-9fdb-61181e031b51"},
	},
	technique{
		id: "pass-role-ec2", does: "start instances with any role", actions: []string{"iam:PassRole", "ec2:RunInstances"},
		why:  "An instance is started with the role of an administrator, and its credentials are read there.",
		same: []string{"kics:15e6ad8c-f420-49a6-bafb-074f5eb1ec74", "kics:89561b03-cb35-44a9-a7e9-8356e71606f4", "kics:30b88745-eebe-4ecb-a3a9-5cf886e96204"},
	},
	technique{
		id: "pass-role-lambda", does: "make and call functions with any role",
		actions: []string{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"},
		why:     "A function of one's own runs with the role of an administrator, and does what it is told.",
		same:    []string{"kics:034d0aee-620f-4bf7-b7fb-efdf661fdb9e", "kics:8055dec2-efb8-4fe6-8837-d9bed6ff202a", "kics:fa62ac4f-f5b9-45b9-97c1-625c8b6253ca"},
	},
	technique{
		id: "pass-role-glue", does: "make Glue endpoints with any role", actions: []string{"iam:PassRole", "glue:CreateDevEndpoint"},
		why:  "Whoever logs in to a development endpoint acts with its role, here that of an administrator.",
		same: []string{"kics:7d544dad-8a6c-431c-84c1-5f07fe9afc0e", "kics:94fbe150-27e3-4eba-9ca6-af32865e4503", "kics:0a592060-8166-49f5-8e65-99ac6dce9871"},
	},
	technique{
		id: "pass-role-cloudformation", does: "make stacks with any role", actions: []string{"iam:PassRole", "cloudformation:CreateStack"},
		why:  "A stack runs with the role that is passed to it, here that of an administrator, and makes what its template says.",
		same: []string{"kics:9b0ffadc-a61f-4c2a-b1e6-68fab60f6267", "kics:19ffbe31-9d72-4379-9768-431195eae328", "kics:be2aa235-bd93-4b68-978a-1cc65d49082f"},
	},
	technique{
		id: "update-function-code", does: "change the code of any function", actions: []string{"lambda:UpdateFunctionCode"},
		why:  "Code put into a function with more rights runs with them as soon as it is called.",
		same: []string{"kics:571254d8-aa6a-432e-9725-535d3ef04d69", "kics:b69247e5-7e73-464e-ba74-ec9b715c6e12"},
	},
	technique{
		id: "update-dev-endpoint", does: "log in to any Glue endpoint", actions: []string{"glue:UpdateDevEndpoint"},
		why:  "A key put onto a development endpoint with more rights lets its owner log in and use them.",
		same: []string{"kics:8f3c16b3-354d-45db-8ad5-5066778a9485", "kics:9b877bd8-94b4-4c10-a060-8e0436cc09fa", "kics:eda48c88-2b7d-4e34-b6ca-04c0194aee17"},
	},
)

func techniques(rows ...technique) []*analyzers.Rule {
	rules := make([]*analyzers.Rule, len(rows))
	for i, t := range rows {
		rules[i] = &analyzers.Rule{
			ID:        "aws-iam-escalation-" + t.id,
			Title:     "Policy lets its holder " + t.does,
			Why:       "Whoever holds the policy can become administrator. " + t.why,
			Remedy:    "Name the resources that `" + strings.Join(t.actions, "` and `") + "` are for, such as one path of users or one role, or set a permissions boundary and ask for it in a condition on `iam:PermissionsBoundary`.",
			Severity:  analyzers.High,
			Precision: analyzers.HighPrecision,
			Same:      t.same,
			Check:     t.check,
		}
	}
	return rules
}

// check looks at all policies of one holder together, and at each policy that
// is attached to nobody alone.
func (t technique) check(p *analyzers.Pass) {
	held := map[*iam.Document]bool{}
	reported := map[graph.Value]bool{}
	report := func(documents []*iam.Document) {
		values, can := t.granted(documents)
		if can == graph.False || reported[values[0]] {
			return
		}
		reported[values[0]] = true
		f := p.ReportIf(can, values[0], "the policy lets its holder %s (%s)", t.does, strings.Join(t.actions, ", "))
		for i, v := range values[1:] {
			f.Note(v, "%s is allowed here", t.actions[i+1])
		}
	}
	for _, h := range iam.Holders.Of(p.Graph) {
		p.Look(1)
		for _, d := range h.Policies {
			held[d] = true
		}
		report(h.Policies)
	}
	for _, d := range iam.Documents.Of(p.Graph) {
		if !held[d] && d.Is(iam.Identity) == graph.True {
			p.Look(1)
			report([]*iam.Document{d})
		}
	}
}

// granted tells whether the policies allow all actions on whatever resource,
// and the values that say so, one for an action.
func (t technique) granted(documents []*iam.Document) (values []graph.Value, all graph.Tri) {
	all = graph.True
	for _, action := range t.actions {
		at, can, denied := graph.Value{}, graph.False, graph.False
		for _, d := range documents {
			for s := range d.Statements() {
				denied = denied.Or(s.Denies(action))
				v, grants := s.Grants(action)
				if said(v) {
					continue
				}
				grants = grants.And(wide(s.Resources()), s.Conditional().Not())
				if grants == graph.True || grants == graph.Unsure && can == graph.False {
					at, can = v, grants
				}
			}
		}
		values = append(values, at)
		all = all.And(can, denied.Not().Or(graph.Unsure)) // a denial may be for some alone
	}
	return values, all
}

// said tells whether other rules say it already: those about `*` and `iam:*`.
func said(action graph.Value) bool {
	switch strings.ToLower(action.Str()) {
	case "*", "*:*", "iam:*":
		return true
	}
	return false
}

// wide tells whether the resources are all of a kind.
func wide(resources graph.Value) graph.Tri {
	answer := graph.False
	for v := range iam.Texts(resources) {
		text, known := v.Text("")
		switch {
		case !known:
			answer = answer.Or(graph.Unsure)
		case text == "*", strings.HasSuffix(text, ":*"), strings.HasSuffix(text, "/*") && strings.Count(text, "/") == 1:
			return graph.True
		}
	}
	return answer
}
