package k8s

import (
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/workload"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// lifecycle holds the rules about how workloads start, spread, change and end.
var lifecycle = []*analyzers.Rule{{
	ID:        "k8s-few-replicas",
	Title:     "Deployment runs too few pods",
	Why:       "With two pods, one that is being replaced and one that crashes are an outage. Three leave one over.",
	Remedy:    "Set `replicas` to 3 or more, or leave it to a HorizontalPodAutoscaler.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:minimum-three-replicas"},
	Params:    &Replicas{Least: 3},
	Needs:     []string{"autoscaling/HorizontalPodAutoscaler"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		least := analyzers.ParamsOf[Replicas](p).Least
		v := r.At("spec.replicas")
		n, known := v.Int(1)
		bad := graph.Of(n > 1 && n < least) // a single one is k8s-single-replica's to report
		if !known {
			bad = graph.Unsure
		}
		p.ReportIf(bad.And(workload.Scaled(p.Graph, r).Not()), v, "%s is %s, less than %d", v.Key(), v.Str(), least)
	}, "apps/Deployment", "apps.openshift.io/DeploymentConfig"),
}, {
	ID:        "k8s-recreate-strategy",
	Title:     "Every update takes the Deployment down",
	Why:       "The strategy `Recreate` ends all pods before it starts the first new one. If that does not start, the outage lasts until somebody rolls back.",
	Remedy:    "Remove `strategy`, or set `type: RollingUpdate`. What must not run twice keeps `Recreate`: ignore the rule there.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kubescape:C-0305", "kube-score:deployment-strategy", "kube-linter:no-rolling-update-strategy"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.strategy.type")
		p.ReportIf(v.Is("Recreate"), v, "%s is \"Recreate\"", v.Key())
	}, "apps/Deployment", "apps.openshift.io/DeploymentConfig"),
}, {
	ID:        "k8s-topology-spread-missing",
	Title:     "Pods may all run in one zone",
	Why:       "The scheduler spreads pods over zones only as far as it is convenient. When the zone goes that they happen to be in, so does the service.",
	Remedy:    "Add `topologySpreadConstraints` over `topology.kubernetes.io/zone` that pick the pods themselves.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"polaris:topologySpreadConstraint"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		pod, ok := kube.PodTemplate(r)
		if n, known := r.At("spec.replicas").Int(2); !ok || known && n < 2 {
			return // one pod, or none, has nothing to spread
		}
		v := pod.At("spec.topologySpreadConstraints")
		empty := v.Present().Not()
		if n, known := v.Len(); known && n == 0 {
			empty = graph.True
		}
		p.ReportIf(empty, v, "%s is not set", v.Key())
	}, "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet"),
}, {
	ID:        "k8s-topology-spread-invalid",
	Title:     "Constraint on the spread of pods does nothing",
	Why:       "Without a selector a constraint counts no pods and spreads none; one with a wrong field is refused by the API server.",
	Remedy:    "Give the constraint `maxSkew` of 1 or more, a `topologyKey`, `whenUnsatisfiable` of `DoNotSchedule` or `ScheduleAnyway`, and a `labelSelector` that picks the pods.",
	Severity:  analyzers.Medium,
	Precision: analyzers.VeryHighPrecision,
	Same:      []string{"kube-score:pod-topology-spread-constraints"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		for c := range pod.Spec.At("topologySpreadConstraints").Each() {
			skew, key, when, selector := c.At("maxSkew"), c.At("topologyKey"), c.At("whenUnsatisfiable"), c.At("labelSelector")
			n, known := skew.Int(0)
			switch {
			case skew.Present() == graph.False, key.Present() == graph.False, when.Present() == graph.False:
				for _, v := range []graph.Value{skew, key, when} {
					p.ReportIf(v.Present().Not(), v, "the constraint has no %s", v.Key())
				}
			case known && n < 1:
				p.Report(skew, "%s is %s, less than 1", skew.Key(), skew.Str())
			case when.Is("DoNotSchedule", "ScheduleAnyway") == graph.False:
				p.Report(when, "%s is %q", when.Key(), when.Str())
			default:
				p.ReportIf(selector.Present().Not(), selector, "the constraint has no %s and counts no pods", selector.Key())
				p.ReportIf(selector.Present().And(kube.MatchSelector(selector, pod.At("metadata.labels")).Not()), selector,
					"%s does not match the labels of the pods", selector.Key())
			}
		}
	}),
}, {
	ID:        "k8s-job-ttl",
	Title:     "Finished jobs are not cleaned up, or twice",
	Why:       "A Job without a lifetime stays in the cluster with its pods until somebody deletes it. Jobs of a CronJob are kept by its history limits; a lifetime there deletes them sooner, with the logs of failed runs.",
	Remedy:    "Set `ttlSecondsAfterFinished` on a Job. In a CronJob use `successfulJobsHistoryLimit` and `failedJobsHistoryLimit` instead.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:job-ttl-seconds-after-finished"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		if r.Type == "batch/CronJob" {
			v := r.At("spec.jobTemplate.spec.ttlSecondsAfterFinished")
			p.ReportIf(v.Present(), v, "%s deletes jobs that the CronJob keeps", v.Key())
			return
		}
		v := r.At("spec.ttlSecondsAfterFinished")
		hook := r.At("metadata.annotations").Get("helm.sh/hook-delete-policy").Present().
			Or(r.At("metadata.annotations").Get("argocd.argoproj.io/hook-delete-policy").Present(), r.At("metadata.ownerReferences.0").Present())
		p.ReportIf(v.Present().Or(hook).Not(), v, "%s is not set", v.Key())
	}, "batch/Job", "batch/CronJob"),
}, {
	ID:        "k8s-cronjob-overlap",
	Title:     "Runs of a CronJob may overlap",
	Why:       "A run that takes longer than usual meets the next one: two backups or migrations at once, and with every further run more pods, until the node or the database gives in.",
	Remedy:    "Set `concurrencyPolicy` to `Forbid`, or to `Replace` where only the newest run matters.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.concurrencyPolicy")
		if v.Present() == graph.False {
			p.Report(v, "%s is not set, and Allow is the default", v.Key())
			return
		}
		p.ReportIf(v.Is("Allow"), v, "%s is \"Allow\"", v.Key())
	}, "batch/CronJob"),
}, {
	ID:        "k8s-cronjob-schedule-invalid",
	Title:     "Schedule of a CronJob is none",
	Why:       refused + " A schedule with a year or seconds, as other programs have it, is none here.",
	Remedy:    "Write five fields: minute, hour, day of the month, month, day of the week, or `@daily` and the like. The time zone goes into `timeZone`.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		v := r.At("spec.schedule")
		text, known := v.Text("")
		if !known || text == "" || workload.Templated(text) {
			return
		}
		switch {
		case strings.Contains(text, "TZ="):
			p.Report(v, "%s %q names a time zone", v.Key(), text)
		case strings.HasPrefix(text, "@"):
			p.ReportIf(graph.Of(!macros[text] && !strings.HasPrefix(text, "@every ")), v, "%s is %q", v.Key(), text)
		default:
			if why := cronFault(text); why != "" {
				p.Report(v, "%s %q has %s", v.Key(), text, why)
			}
		}
	}, "batch/CronJob"),
}, {
	ID:        "k8s-dns-ndots",
	Title:     "Names outside the cluster are looked up several times",
	Why:       "With the default of `ndots: 5` a name such as `api.example.com` is first tried with every search domain of the cluster: several queries for each, and a slow or failing DNS server is felt several times.",
	Remedy:    "Set the option `ndots` to 2 in `dnsConfig.options`, or end names in a dot.",
	Severity:  analyzers.Info,
	Precision: analyzers.LowPrecision,
	Profile:   analyzers.Strict,
	Same:      []string{"kube-linter:dnsconfig-options"},
	Check: analyzers.Each(workload.Pods, func(p *analyzers.Pass, pod workload.Pod) {
		options := pod.Spec.At("dnsConfig.options")
		set := graph.False
		if !options.Known() {
			set = graph.Unsure
		}
		for o := range options.Each() {
			v := o.At("value")
			if o.At("name").Is("ndots") == graph.True {
				if n, known := v.Int(5); known {
					p.ReportIf(graph.Of(n > 2), v, "ndots is %s", v.Str())
				}
				return
			}
		}
		p.ReportIf(set.Not().And(pod.Spec.At("dnsPolicy").Is("Default", "None").Not()), options, "the option ndots is not set")
	}),
}, {
	ID:        "k8s-statefulset-service",
	Title:     "StatefulSet has no headless Service of its own",
	Why:       "The pods get no DNS names of their own, so members of a cluster do not find each other by them.",
	Remedy:    "Name a Service with `clusterIP: None` in `serviceName` whose selector picks the pods.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Same:      []string{"kube-score:statefulset-has-servicename", "kics:bb241e61-77c3-4b97-9575-c0f8a1e008d0", "kics:420e6360-47bb-46f6-9072-b20ed22c842d"},
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		name := r.At("spec.serviceName")
		text, known := name.Text("")
		if !known || text == "" {
			return // optional since Kubernetes 1.33
		}
		for s, here := range beside(p.Graph, r, "Service", text) {
			ip, selector := s.At("spec.clusterIP"), s.At("spec.selector")
			headless := ip.Is("None")
			p.ReportIf(here.And(headless.Not()), name, "the Service %q is not headless", text).Note(ip, "the Service")
			fits := kube.MatchLabels(selector, kube.PodLabels(r))
			p.ReportIf(here.And(headless, selector.Present(), fits.Not()), name, "the Service %q does not select the pods", text).Note(selector, "the selector")
		}
	}, "apps/StatefulSet"),
}, {
	ID:        "k8s-single-node-volume",
	Title:     "Several pods share a volume that one node can mount",
	Why:       "A claim of the mode `ReadWriteOnce` is mounted on one node at a time. Pods of the Deployment that land on another one wait for ever.",
	Remedy:    "Use a StatefulSet with `volumeClaimTemplates`, a claim of the mode `ReadWriteMany`, or one replica and the strategy `Recreate`.",
	Severity:  analyzers.Medium,
	Precision: analyzers.MediumPrecision,
	Check: analyzers.On(func(p *analyzers.Pass, r *graph.Resource) {
		replicas := r.At("spec.replicas")
		if n, known := replicas.Int(1); !known || n < 2 {
			return
		}
		for v := range r.At("spec.template.spec.volumes").Each() {
			claim := v.At("persistentVolumeClaim.claimName")
			for c, here := range beside(p.Graph, r, "PersistentVolumeClaim", claim.Str()) {
				modes := c.At("spec.accessModes")
				bad := modes.Contains("ReadWriteOnce", "ReadWriteOncePod").And(modes.Contains("ReadWriteMany", "ReadOnlyMany").Not())
				p.ReportIf(here.And(bad), claim, "%s replicas share the claim %q, which one node can mount", replicas.Str(), claim.Str()).Note(modes, "the claim")
			}
		}
	}, "apps/Deployment"),
}, {
	ID:        "k8s-sudo",
	Title:     "Container starts its program with sudo",
	Why:       "sudo works only when the container may become root, so it cannot run without privilege escalation. Whoever takes over the program becomes root as easily.",
	Remedy:    "Start the program as the user it needs, with `runAsUser`, and do what needs root in the image.",
	Severity:  analyzers.Low,
	Precision: analyzers.HighPrecision,
	Same:      []string{"kubescape:C-0062"},
	Check: analyzers.Each(workload.Containers, func(p *analyzers.Pass, c workload.Container) {
		for i, v := range c.At("command").Entries() {
			if text := v.Str(); text == "sudo" || strings.HasSuffix(text, "/sudo") || i == "0" && strings.HasPrefix(text, "sudo ") {
				p.Report(v, "container %q starts %q", c.Name(), text)
			}
		}
	}),
}}

// Replicas are the parameters of k8s-few-replicas.
type Replicas struct {
	Least int64 `doc:"The smallest number of pods that is enough."`
}

// macros are the schedules that have a name.
var macros = map[string]bool{
	"@yearly": true, "@annually": true, "@monthly": true, "@weekly": true, "@daily": true, "@midnight": true, "@hourly": true,
}

// cronFields are the ranges of the fields of a schedule and their names for
// numbers.
var cronFields = [...]struct {
	name        string
	least, most int
	words       string
}{
	{"minute", 0, 59, ""}, {"hour", 0, 23, ""}, {"day of the month", 1, 31, ""},
	{"month", 1, 12, " jan feb mar apr may jun jul aug sep oct nov dec "}, {"day of the week", 0, 6, " sun mon tue wed thu fri sat "},
}

// cronFault says what is wrong with a schedule, "" when nothing is.
func cronFault(schedule string) string {
	fields := strings.Fields(schedule)
	if len(fields) != len(cronFields) {
		return strconv.Itoa(len(fields)) + " fields, not 5"
	}
	for i, f := range cronFields {
		for part := range strings.SplitSeq(fields[i], ",") {
			span, step, stepped := strings.Cut(part, "/")
			from, to, isRange := strings.Cut(span, "-")
			if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
				return "the step " + strconv.Quote(step) + " for the " + f.name
			}
			if span == "*" || span == "?" {
				continue
			}
			ends := []string{from}
			if isRange {
				ends = append(ends, to)
			}
			for _, end := range ends {
				n, err := strconv.Atoi(end)
				word := f.words != "" && strings.Contains(f.words, " "+strings.ToLower(end)+" ")
				if !word && (err != nil || n < f.least || n > f.most) {
					return strconv.Quote(end) + " for the " + f.name
				}
			}
		}
	}
	return ""
}
