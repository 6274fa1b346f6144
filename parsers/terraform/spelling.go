package terraform

// spellings are the names that the Kubernetes provider has for what fixes
// write. Fields that it does not have, or has in another form, are left out:
// what is not known to be an argument there is not written.
var spellings = map[string]string{
	"add": "add", "drop": "drop", "type": "type", "privileged": "privileged", "capabilities": "capabilities", "replicas": "replicas",
	"allowPrivilegeEscalation":     "allow_privilege_escalation",
	"automountServiceAccountToken": "automount_service_account_token",
	"hostIPC":                      "host_ipc",
	"hostNetwork":                  "host_network",
	"hostPID":                      "host_pid",
	"imagePullPolicy":              "image_pull_policy",
	"readOnly":                     "read_only",
	"readOnlyRootFilesystem":       "read_only_root_filesystem",
	"runAsNonRoot":                 "run_as_non_root",
	"seccompProfile":               "seccomp_profile",
	"securityContext":              "security_context",
}

func spell(key string) (written string, ok bool) {
	written, ok = spellings[key]
	return written, ok
}
