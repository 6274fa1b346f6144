package aws

import (
	"slices"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/attr"
	"github.com/seaworthy-iac/seaworthy/analyzers/registry"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

const atRest = "Backups, snapshots and copies of the storage can be read by whoever gets them."

// copied are the databases that are made from another, which decides about
// encryption, backups and passwords.
func original(r *graph.Resource) graph.Tri {
	copied := graph.False
	for _, path := range [...]string{"replicate_source_db", "snapshot_identifier", "replication_source_identifier", "global_cluster_identifier"} {
		copied = copied.Or(attr.Set.Holds(r.At(path)))
	}
	if copied == graph.False {
		return graph.True
	}
	return graph.Unsure
}

// provisioned is False of an instance of an Aurora cluster, which has the
// settings of its cluster.
func provisioned(r *graph.Resource) graph.Tri {
	return r.At("engine_mode").Is("serverless").Not()
}

// databases holds the rules about databases and caches.
var databases = slices.Concat(attr.Rules("aws_db_instance",
	attr.Must{
		ID: "aws-rds-unencrypted", Path: "storage_encrypted", Be: attr.True, If: original,
		Modules: []string{registry.RDS},
		Title:   "Database storage is not encrypted", Why: atRest,
		Remedy:   "Set `storage_encrypted = true`. An existing database has to be restored from an encrypted copy of a snapshot.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_16", "trivy:AWS-0080", "kics:08bd0760-8752-44e1-9779-7bb369b2b4e4"},
	},
	attr.Must{
		ID: "aws-rds-public", Path: "publicly_accessible", Be: attr.NotTrue, Types: []string{"aws_rds_cluster_instance"},
		Modules:  []string{registry.RDS, registry.RDSAurora},
		Title:    "Database has a public address",
		Why:      "The database's name resolves to an address on the Internet; one wrong rule of a security group and everybody can try passwords on it.",
		Remedy:   "Remove `publicly_accessible = true` and reach the database from inside the VPC.",
		Severity: analyzers.High, Precision: analyzers.VeryHighPrecision,
		Same: []string{"checkov:CKV_AWS_17", "trivy:AWS-0180", "kics:35113e6f-2c6b-414d-beec-7a9482d3b2d1"},
	},
	attr.Must{
		ID: "aws-rds-no-backup", Path: "backup_retention_period", Be: attr.AtLeast(1, 0), If: original,
		Modules:  []string{registry.RDS},
		Title:    "Database is not backed up",
		Why:      "A retention of 0 days switches automatic backups off, and with them the restore to a point in time. It is what Terraform sets when nothing is written.",
		Remedy:   "Set `backup_retention_period` to the days you need, such as 7.",
		Severity: analyzers.Medium,
		Same:     []string{"kics:1dc73fb4-5b51-430c-8c5f-25dcf9090b02"},
	},
	attr.Must{
		ID: "aws-rds-deletion-protection", Path: "deletion_protection", Be: attr.True,
		Modules:  []string{registry.RDS},
		Title:    "Database can be deleted by one call",
		Why:      "A wrong plan or a stolen key deletes the database, and with it its automatic backups.",
		Remedy:   "Set `deletion_protection = true`.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_293", "trivy:AWS-0177"},
	},
	attr.Must{
		ID: "aws-rds-single-zone", Path: "multi_az", Be: attr.True, If: original,
		Modules:  []string{registry.RDS},
		Title:    "Database is in one zone",
		Why:      "When the zone fails or the host is patched, the database is away until it is restored.",
		Remedy:   "Set `multi_az = true` for databases that must not be away.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_157"},
	},
	attr.Must{
		ID: "aws-rds-minor-upgrades", Path: "auto_minor_version_upgrade", Be: attr.NotFalse, Types: []string{"aws_rds_cluster_instance"},
		Modules:  []string{registry.RDS, registry.RDSAurora},
		Title:    "Database does not get minor versions by itself",
		Why:      "Minor versions bring the fixes of security holes. Without them the database stays at the version of the day it was made.",
		Remedy:   "Remove `auto_minor_version_upgrade = false`.",
		Severity: analyzers.Low, Precision: analyzers.MediumPrecision,
		Same: []string{"kics:3b6d777b-76e3-4133-80a3-0d6f667ade7f"},
	},
	attr.Must{
		ID: "aws-rds-iam-authentication", Path: "iam_database_authentication_enabled", Be: attr.True,
		Title:    "Database takes passwords alone",
		Why:      "Passwords are shared and rarely changed. With IAM authentication programs log in with their role, for minutes at a time.",
		Remedy:   "Set `iam_database_authentication_enabled = true`.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_161"},
		If: func(r *graph.Resource) graph.Tri {
			return r.At("engine").Is("mysql", "postgres", "mariadb")
		},
	},
), attr.Rules("aws_rds_cluster",
	attr.Must{
		ID: "aws-rds-cluster-unencrypted", Path: "storage_encrypted", Be: attr.True,
		Modules: []string{registry.RDSAurora},
		If:      func(r *graph.Resource) graph.Tri { return original(r).And(provisioned(r)) },
		Title:   "Database cluster's storage is not encrypted", Why: atRest,
		Remedy:   "Set `storage_encrypted = true`. An existing cluster has to be restored from a snapshot into an encrypted one.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_96", "kics:656880aa-1388-488f-a6d4-8f73c23149b2"},
	},
	attr.Must{
		ID: "aws-rds-cluster-deletion-protection", Path: "deletion_protection", Be: attr.True,
		Modules:  []string{registry.RDSAurora},
		Title:    "Database cluster can be deleted by one call",
		Why:      "A wrong plan or a stolen key deletes the cluster, and with it its automatic backups.",
		Remedy:   "Set `deletion_protection = true`.",
		Severity: analyzers.Low, Precision: analyzers.LowPrecision, Profile: analyzers.Strict,
		Same: []string{"checkov:CKV_AWS_139"},
	},
), attr.Rules("aws_redshift_cluster",
	attr.Must{
		ID: "aws-redshift-unencrypted", Path: "encrypted", Be: attr.True,
		Modules: []string{registry.Redshift},
		Title:   "Data warehouse is not encrypted", Why: atRest,
		Remedy:   "Set `encrypted = true`.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_64", "trivy:AWS-0084", "kics:cfdcabb0-fc06-427c-865b-c59f13e898ce"},
		If: func(r *graph.Resource) graph.Tri {
			return attr.Set.Holds(r.At("snapshot_identifier")).And(graph.Unsure).Not()
		},
	},
	attr.Must{
		ID: "aws-redshift-public", Path: "publicly_accessible", Be: attr.False,
		Modules:  []string{registry.Redshift},
		Title:    "Data warehouse has a public address",
		Why:      "Everybody who gets past the security group can try passwords on it. Before version 6 of the provider the argument was true unless written.",
		Remedy:   "Set `publicly_accessible = false`.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_87", "kics:af173fde-95ea-4584-b904-bb3923ac4bda"},
	},
), attr.Rules("aws_elasticache_replication_group",
	attr.Must{
		ID: "aws-elasticache-unencrypted", Path: "at_rest_encryption_enabled", Be: attr.True,
		Modules: []string{registry.ElastiCache},
		Title:   "Cache is not encrypted at rest", Why: atRest,
		Remedy:   "Set `at_rest_encryption_enabled = true`. Terraform makes the group anew.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_29", "trivy:AWS-0045", "kics:76976de7-c7b1-4f64-a94f-90c1345914c2"},
	},
	attr.Must{
		ID: "aws-elasticache-plaintext", Path: "transit_encryption_enabled", Be: attr.True,
		Modules:  []string{registry.ElastiCache},
		Title:    "Cache talks in plain text",
		Why:      "Whoever is on the network reads what is cached: sessions, tokens, personal data. Passwords (AUTH) need encryption as well.",
		Remedy:   "Set `transit_encryption_enabled = true` and connect with TLS.",
		Severity: analyzers.Medium,
		Same:     []string{"checkov:CKV_AWS_30", "trivy:AWS-0051", "kics:1afbb3fa-cf6c-4a3d-b730-95e9f4df343e"},
	},
), attr.Rules("aws_docdb_cluster",
	attr.Must{
		ID: "aws-documentdb-unencrypted", Path: "storage_encrypted", Be: attr.True, If: original,
		Title: "DocumentDB cluster is not encrypted", Why: atRest,
		Remedy:   "Set `storage_encrypted = true`.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_74", "trivy:AWS-0021", "kics:bc1f9009-84a0-490f-ae09-3e0ea6d74ad6"},
	},
), attr.Rules("aws_neptune_cluster",
	attr.Must{
		ID: "aws-neptune-unencrypted", Path: "storage_encrypted", Be: attr.True, If: original,
		Title: "Neptune cluster is not encrypted", Why: atRest,
		Remedy:   "Set `storage_encrypted = true`.",
		Severity: analyzers.High,
		Same:     []string{"checkov:CKV_AWS_44", "trivy:AWS-0076", "kics:98d59056-f745-4ef5-8613-32bca8d40b7e"},
	},
), attr.Rules("aws_dynamodb_table",
	attr.Must{
		ID: "aws-dynamodb-point-in-time-recovery", Path: "point_in_time_recovery.enabled", Be: attr.True,
		Title:    "Table cannot be restored to a point in time",
		Why:      "A wrong deployment or a deletion cannot be taken back: DynamoDB has no other automatic backup.",
		Remedy:   "Add `point_in_time_recovery { enabled = true }`.",
		Severity: analyzers.Medium, Precision: analyzers.MediumPrecision,
		Same: []string{"checkov:CKV_AWS_28", "trivy:AWS-0024", "kics:741f1291-47ac-4a85-a07b-3d32a9d6bd3e"},
	},
), []*analyzers.Rule{{
	ID:        "aws-dynamodb-customer-key",
	Title:     "Table is not encrypted with a key of your own",
	Why:       "DynamoDB encrypts with a key that AWS keeps. With your own, reading the data takes a second permission, and every use of the key is recorded.",
	Remedy:    "Add a `server_side_encryption` block with `enabled = true` and the `kms_key_arn` of your key.",
	Severity:  analyzers.Low,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"checkov:CKV_AWS_119", "trivy:AWS-0025"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		key, enabled := r.At("server_side_encryption.kms_key_arn"), r.At("server_side_encryption.enabled")
		if enabled.Bool(true) == graph.False {
			p.Report(enabled, "%s is false, so the key of AWS is used", enabled.Key())
			return
		}
		own := attr.Set.Holds(key).And(key.Is("alias/aws/dynamodb").Not())
		p.ReportIf(own.Not(), key, "kms_key_arn names no key of your own")
	}, "aws_dynamodb_table"),
}})
