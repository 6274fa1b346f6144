// Package lifecycle knows which APIs Kubernetes has deprecated and removed.
package lifecycle

import "github.com/seaworthy-iac/seaworthy/internal/kube"

// An API says in which minor releases of Kubernetes 1 an API was deprecated and
// removed (0: not yet), and what to use instead, "" for nothing.
type API struct {
	Deprecated, Removed int
	Use                 string
}

// Of is what is known of an apiVersion and kind; false for one that is not
// deprecated, or not Kubernetes' own.
func Of(apiVersion, kind string) (API, bool) {
	a, ok := apis[apiVersion+" "+kind]
	return a, ok
}

// Instead says in words what to use, for the end of a message.
func (a API) Instead() string {
	if a.Use == "" {
		return "nothing replaces it"
	}
	return "use " + a.Use
}

// Target are the parameters of the rules about API versions.
type Target struct {
	Kubernetes string `doc:"Version to judge for, such as 1.35; the flag and the key kube-version set it for all rules."`
}

// Minor is the minor number of the version. Of one that is none it is the
// newest there may ever be, so that all is said that there is to say.
func (t Target) Minor() int {
	n, err := kube.Minor(t.Kubernetes)
	if err != nil {
		return 1 << 20
	}
	return n
}
