package aws

import (
	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/secgroup"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const closeRemedy = "Narrow the source to the addresses that need it, or to another security group. For administration use Session Manager or a VPN, which need no open port."

// network holds the rules about security groups.
var network = []*analyzers.Rule{{
	ID:        "aws-security-group-ssh-open",
	Title:     "SSH is open to the Internet",
	Why:       "Port 22 of every address is tried day and night. One weak password, one leaked key or one hole in the server and the machine belongs to somebody else.",
	Remedy:    closeRemedy,
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_AWS_24", "trivy:AWS-0107", "kics:65905cec-d691-4320-b320-2000436cb696"},
	Check:     ingress("SSH", "tcp", 22),
}, {
	ID:        "aws-security-group-rdp-open",
	Title:     "Remote Desktop is open to the Internet",
	Why:       "Open Remote Desktop is the most common way in for ransomware: passwords are guessed and holes in the service itself need none.",
	Remedy:    closeRemedy,
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_AWS_25", "trivy:AWS-0107", "kics:151187cb-0efc-481c-babd-ad24e3c9bc22"},
	Check:     ingress("Remote Desktop", "tcp", 3389),
}, {
	ID:        "aws-security-group-database-open",
	Title:     "A database or internal service is open to the Internet",
	Why:       "Databases, caches and search servers are not built to face strangers: many ask for no password, and holes in them are used within hours of being known.",
	Remedy:    "Narrow the source to the security group of the programs that use the service.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		if r.All() == graph.True {
			return // aws-security-group-all-ports-open says it
		}
		for _, s := range services {
			bad := r.Ingress().And(open, r.Covers("tcp", s.port))
			if bad == graph.True {
				p.Report(at, "%s lets the whole Internet in on %s, which has %s (%d)", source(at), r.Ports(), s.name, s.port)
				return
			}
		}
	}),
}, {
	ID:        "aws-security-group-all-ports-open",
	Title:     "Every port is open to the Internet",
	Why:       "Nothing is filtered: every service that any program on the machine starts can be reached from everywhere, also the ones nobody knows of.",
	Remedy:    "Open the ports that are needed, to the sources that need them.",
	Severity:  analyzers.Critical,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"checkov:CKV_AWS_277"},
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		p.ReportIf(r.Ingress().And(open, r.All()), at, "%s lets the whole Internet in on every port", source(at))
	}),
}, {
	ID:        "aws-security-group-open",
	Title:     "A port is open to the Internet",
	Why:       "What listens there has to hold off everybody. For a public web server behind a load balancer that is meant; for most other machines it is not.",
	Remedy:    closeRemedy,
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kics:4728cd65-a20c-49da-8b31-9c08b423e4db"},
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		p.ReportIf(r.Ingress().And(open), at, "%s lets the whole Internet in on %s", source(at), r.Ports())
	}),
}, {
	ID:        "aws-security-group-egress-open",
	Title:     "Everything may leave to the Internet",
	Why:       "A program that was taken over fetches its tools and sends your data out over any port it likes. A narrow egress is what stops it.",
	Remedy:    "Allow the ports and targets that are needed: HTTPS to VPC endpoints, the database's security group.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_382"},
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		p.ReportIf(r.Egress.And(open, r.All()), at, "%s lets everything out to the whole Internet", source(at))
	}),
}, {
	ID:        "aws-security-group-description",
	Title:     "Security group rule says not what it is for",
	Why:       "A rule nobody understands is a rule nobody dares to remove, so the group only ever grows.",
	Remedy:    "Add a `description` that names what needs the access.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_23", "trivy:AWS-0124", "kics:68eb4bf3-f9bf-463d-b5cf-e029bb446d2e"},
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		p.ReportIf(r.Describes().Not(), r.Get("description"), "the rule has no description")
	}),
}, {
	ID:        "aws-default-security-group-open",
	Title:     "The default security group lets traffic through",
	Why:       "Whatever is started without a security group of its own gets the default one. Rules in it open machines that nobody decided to open.",
	Remedy:    "Leave `aws_default_security_group` without `ingress` and `egress`: Terraform then removes the rules that AWS put there.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kics:9a4ef195-74b9-4c58-b8ed-2b2fe4353a75"},
	Check: analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		if r.Group != nil && r.Group.Type == "aws_default_security_group" {
			p.ReportIf(graph.True, r.Value, "the default security group has a rule")
		}
	}),
}}

// services are ports of what should not face the Internet.
var services = [...]struct {
	port int64
	name string
}{
	{21, "FTP"}, {23, "Telnet"}, {445, "SMB"}, {135, "RPC"}, {1433, "SQL Server"}, {1521, "Oracle"}, {2375, "the Docker API"}, {2379, "etcd"},
	{3306, "MySQL"}, {5432, "PostgreSQL"}, {5601, "Kibana"}, {5900, "VNC"}, {5984, "CouchDB"}, {6379, "Redis"},
	{6443, "the Kubernetes API"}, {9042, "Cassandra"}, {9092, "Kafka"}, {9200, "Elasticsearch"}, {10250, "the kubelet"},
	{11211, "memcached"}, {27017, "MongoDB"},
}

// source is the source as it is written, for messages.
func source(v graph.Value) string {
	if s := v.Str(); s != "" {
		return s
	}
	return "the source"
}

func ingress(what, protocol string, port int64) func(*analyzers.Pass) {
	return analyzers.Each(secgroup.Rules, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		if r.All() == graph.True {
			return // aws-security-group-all-ports-open says it
		}
		p.ReportIf(r.Ingress().And(open, r.Covers(protocol, port)), at, "%s lets the whole Internet in on %s, which has %s (%d)", source(at), r.Ports(), what, port)
	})
}

// networkACLs holds the rules about network ACLs, which stand in front of
// every machine of a subnet.
var networkACLs = []*analyzers.Rule{{
	ID:        "aws-network-acl-ssh-open",
	Title:     "Network ACL lets SSH in from the Internet",
	Why:       "The ACL is the second wall, for the day a security group is wrong. With port 22 open it is none.",
	Remedy:    "Deny port 22, or allow it from the addresses of your administrators alone.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_232", "kics:3af7f2fd-06e6-4dab-b996-2912bea19ba4"},
	Check:     entry("SSH", "tcp", 22),
}, {
	ID:        "aws-network-acl-rdp-open",
	Title:     "Network ACL lets Remote Desktop in from the Internet",
	Why:       "The ACL is the second wall, for the day a security group is wrong. With port 3389 open it is none.",
	Remedy:    "Deny port 3389, or allow it from the addresses of your administrators alone.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Same:      []string{"checkov:CKV_AWS_231", "kics:a20be318-cac7-457b-911d-04cc6e812c25"},
	Check:     entry("Remote Desktop", "tcp", 3389),
}, {
	ID:        "aws-network-acl-all-ports-open",
	Title:     "Network ACL lets everything in from the Internet",
	Why:       "An ACL that allows every port from everywhere filters nothing. It is how AWS makes a new ACL's default, and rarely how somebody wants it.",
	Remedy:    "Allow the ports that the subnet serves, and the high ports for answers.",
	Severity:  analyzers.Low,
	Precision: analyzers.MediumPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"trivy:AWS-0102"},
	Check: analyzers.Each(secgroup.Entries, func(p *analyzers.Pass, r secgroup.Rule) {
		at, open := r.Open()
		p.ReportIf(r.Ingress().And(open, r.All()), at, "%s is let in on every port", source(at))
	}),
}}

func entry(what, protocol string, port int64) func(*analyzers.Pass) {
	return func(p *analyzers.Pass) {
		entries := secgroup.Entries.Of(p.Graph)
		for _, r := range entries {
			p.Look(1)
			if r.All() == graph.True {
				continue // aws-network-acl-all-ports-open says it
			}
			at, open := r.Open()
			bad := r.Ingress().And(open, r.Covers(protocol, port))
			if bad == graph.True {
				bad = r.Denied(entries, protocol, port).Not()
			}
			p.ReportIf(bad, at, "%s is let in on %s, which has %s (%d)", source(at), r.Ports(), what, port)
		}
	}
}
