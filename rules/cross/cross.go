// Package cross holds the rules that need two sides at once: what Terraform
// makes in the cloud and what runs in Kubernetes.
package cross

import (
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/iam"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// All are the rules of the package.
func All() []*analyzers.Rule { return podRoles }

// podRoles holds the rules about AWS roles that pods get through their service
// account.
var podRoles = []*analyzers.Rule{{
	ID:        "cross-pod-role-admin",
	Title:     "Pods are administrators of the AWS account",
	Why:       "The service account hands its pods a role that may do everything in AWS. One hole in one of these pods is then not the loss of a container but of the account.",
	Remedy:    "Give the role a policy with the actions and resources that the program needs, or name a role that has one in the annotation `eks.amazonaws.com/role-arn`.",
	Severity:  analyzers.Critical,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.Each(handovers, func(p *analyzers.Pass, h handover) {
		at, admin := h.role.Admin()
		f := p.ReportIf(admin, h.at, "pods of the service account get the role %q, which may do everything in AWS", h.name())
		f.Note(at, "this gives the role every right").Note(h.role.Config, "the role")
		for e := range p.Graph.In(h.account, graph.References) {
			f.Note(e.Via, "%s runs with the service account", e.From.ID)
		}
	}),
}, {
	ID:        "cross-pod-role-untrusted",
	Title:     "Role does not trust the service account that names it",
	Why:       "The pods ask AWS for the role and are refused, since its trust policy names another service account. The program starts and fails at its first call, or falls back to the rights of the node.",
	Remedy:    "Put `system:serviceaccount:NAMESPACE:NAME` of this service account into the `:sub` condition of the role's trust policy, or name the role that is meant in the annotation.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(handovers, func(p *analyzers.Pass, h handover) {
		if h.podIdentity {
			return // the association itself says whom the role is for
		}
		subject := h.account.At("metadata.namespace").Str() + ":" + h.account.At("metadata.name").Str()
		known := h.account.At("metadata.namespace").Present() == graph.True
		trusted, at := trusts(h.role, "system:serviceaccount:"+subject)
		if !known {
			trusted = trusted.Or(graph.Unsure) // it is installed into a namespace that is named elsewhere
		}
		p.ReportIf(trusted.Not(), h.at, "the role %q does not trust the service account %q", h.name(), subject).
			Note(at, "the role trusts %q", at.Str())
	}),
}}

// A handover is a service account whose pods get a role.
type handover struct {
	account     *graph.Resource
	at          graph.Value // the ARN of the role
	role        *iam.Role
	podIdentity bool
}

func (h handover) name() string {
	if name := h.role.At("name").Str(); name != "" {
		return name
	}
	return h.role.ID
}

var handovers = analyzers.NewFact(func(g *graph.Graph) []handover {
	var all []handover
	for sa := range g.OfType("core/ServiceAccount") {
		arn := sa.At("metadata.annotations").Get("eks.amazonaws.com/role-arn")
		if role := iam.RoleOf(g, arn); role != nil {
			all = append(all, handover{account: sa, at: arn, role: role})
		}
		for a := range g.OfType("aws_eks_pod_identity_association") {
			same := a.At("service_account").Is(sa.At("metadata.name").Str()).And(a.At("namespace").Is(sa.At("metadata.namespace").Str()))
			if role := iam.RoleOf(g, a.At("role_arn")); role != nil && same == graph.True {
				all = append(all, handover{account: sa, at: a.At("role_arn"), role: role, podIdentity: true})
			}
		}
	}
	return all
})

// trusts tells whether the role's trust policy lets the subject of an OpenID
// Connect token in, and which subject it names otherwise. Where there is no
// such condition, or more than can be seen, it does not say no.
func trusts(role *iam.Role, subject string) (graph.Tri, graph.Value) {
	answer, at := graph.Unsure, graph.Value{}
	for _, d := range role.Trust {
		if !d.Known() {
			return graph.Unsure, d.Value
		}
		for s := range d.Statements() {
			if _, web := s.Grants("sts:AssumeRoleWithWebIdentity"); web == graph.False {
				continue
			}
			seen := false
			for c := range s.Conditions() {
				if !strings.HasSuffix(c.Key, ":sub") {
					continue
				}
				for v := range iam.Texts(c.Values) {
					text, known := v.Text("")
					switch {
					case !known:
						return graph.Unsure, v
					case iam.Match(text, subject):
						return graph.True, v
					}
					seen, at = true, v
				}
			}
			if !seen {
				return graph.Unsure, s.Value
			}
			answer = graph.False
		}
	}
	return answer, at
}
