package live

import (
	"fmt"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
	"github.com/seaworthy-iac/seaworthy/analyzers/live"
	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/kube"
)

// rollouts holds the rules about whether workloads get where they should be.
var rollouts = []*analyzers.Rule{{
	ID:        "live-rollout-stuck",
	Title:     "Rollout does not come to its end",
	Why:       "What was released does not run, or in part only, and two versions answer side by side. The next node that goes takes pods of the old version that nothing replaces.",
	Remedy:    "Look at the pods of the newest ReplicaSet and mend what keeps them, or go back with `kubectl rollout undo` and in the repository.",
	Severity:  analyzers.High,
	Precision: analyzers.VeryHighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if reason, message := stuck(o); reason != "" {
			p.Report(o.Config, "the rollout is stuck: %s%s", reason, says(message))
		}
	}, deployment, "argoproj.io/Rollout"),
}, {
	ID:        "live-workload-unavailable",
	Title:     "Workload has too few pods that are ready",
	Why:       "What the workload does is not done, or by fewer pods than were asked for to be safe.",
	Remedy:    "Look at the pods: `kubectl describe` tells which probe fails and what they wait for.",
	Severity:  analyzers.High,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if reason, _ := stuck(o); reason != "" || explained(o) {
			return // other rules say why
		}
		at := o.At("spec.replicas")
		want, _ := at.Int(1)
		have := number(o.At("status.readyReplicas"))
		bad := false
		switch o.Type {
		case deployment:
			c := o.Condition("Available")
			have = number(o.At("status.availableReplicas"))
			bad = c.At("status").Str() == "False" && settled(p.Graph, o, c)
		case "apps/DaemonSet":
			at, want, have = o.Config, number(o.At("status.desiredNumberScheduled")), number(o.At("status.numberReady"))
			bad = want > 0 && have == 0 && podsSettled(p.Graph, o)
		case "apps/StatefulSet":
			bad = number(o.At("status.replicas")) > 0 && want > 0 && have == 0 && podsSettled(p.Graph, o)
		}
		if bad {
			p.Report(at, "%d of %d pods are ready", have, want)
		}
	}, deployment, "apps/StatefulSet", "apps/DaemonSet"),
}, {
	ID:        "live-job-failed",
	Title:     "Job has failed",
	Why:       "What it should have done was not done: a backup, a migration, a report that nobody misses before it is needed.",
	Remedy:    "Look at the logs of its pods, mend the cause, and run it again: delete a Job so that it is made anew, `kubectl create job --from` a CronJob.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		if o.Type == "batch/Job" {
			if c := o.Condition("Failed"); c.At("status").Str() == "True" {
				p.Report(o.Config, "the job has failed: %s", told(c))
			}
			return
		}
		running, _ := o.At("status.active").Len()
		last, success := o.At("status.lastScheduleTime").Str(), o.At("status.lastSuccessfulTime").Str()
		if minor, err := kube.Minor(live.Of(p.Graph, o.Resource).At("version").Str()); err == nil && minor < 21 {
			return // older releases do not say when a run has succeeded
		}
		if running > 0 || last == "" || success >= last || o.At("spec.suspend").Bool(false) == graph.True {
			return
		}
		when := "none has succeeded so far"
		if success != "" {
			when = "the last that succeeded ended at " + success
		}
		p.Report(o.Config, "the run of %s has not succeeded, and %s", last, when)
	}, "batch/Job", "batch/CronJob"),
}, {
	ID:        "live-cronjob-idle",
	Title:     "CronJob has not run for longer than its schedule says",
	Why:       "One that must not overlap waits for ever for a run that hangs, and older controllers give a CronJob up after it has missed a hundred starts. Nothing fails, so nobody is told.",
	Remedy:    "End the run that hangs, set `activeDeadlineSeconds`, and set `startingDeadlineSeconds` so that missed starts are forgotten.",
	Severity:  analyzers.Medium,
	Precision: analyzers.HighPrecision,
	Check: live.On(func(p *analyzers.Pass, o live.Object) {
		most, ok := rests(o.At("spec.schedule").Str())
		last, changed := o.At("status.lastScheduleTime").Str(), o.At("history.changed").Str()
		idle, known := live.Days(max(last, changed), live.Day(p.Graph, o.Resource)) // it counts anew from a change of the schedule
		if !ok || !known || idle <= most || o.At("spec.suspend").Bool(false) == graph.True {
			return
		}
		v, when := o.At("spec.schedule"), "it has never run"
		if ago, ran := live.Days(last, live.Day(p.Graph, o.Resource)); ran {
			when = fmt.Sprintf("the last run was %d days ago", ago)
		}
		p.Report(v, "%s is %q, and %s", v.Key(), v.Str(), when)
	}, "batch/CronJob"),
}}

const deployment = "apps/Deployment"

// number is a count of a status, 0 where there is none.
func number(v graph.Value) int64 {
	n, _ := v.Int(0)
	return n
}

// settled tells whether a condition is for long enough what it is now.
func settled(g *graph.Graph, o live.Object, condition graph.Value) bool {
	return o.Settled(g, condition.At("lastTransitionTime").Str())
}

// says is what the cluster says about something, for the end of a message.
func says(message string) string {
	if message = sentence(message); message == "" {
		return ""
	}
	return " (" + message + ")"
}

// told is what a condition says about itself.
func told(c graph.Value) string {
	if reason := c.At("reason").Str(); reason != "" {
		return reason + says(c.At("message").Str())
	}
	return sentence(c.At("message").Str())
}

// stuck says why a rollout does not go on.
func stuck(o live.Object) (reason, message string) {
	if o.At("spec.paused").Bool(false) == graph.True {
		return "", ""
	}
	if phase := o.At("status.phase").Str(); phase == "Degraded" { // of Argo Rollouts
		return phase, o.At("status.message").Str()
	}
	if c := o.Condition("ReplicaFailure"); c.At("status").Str() == "True" {
		return c.At("reason").Str(), c.At("message").Str()
	}
	if c := o.Condition("Progressing"); c.At("status").Str() == "False" {
		return c.At("reason").Str(), c.At("message").Str()
	}
	return "", ""
}

// podsSettled tells whether some pod of a workload has been for long enough what
// it is now, or the workload itself when it has none: not all of it is just
// being started.
func podsSettled(g *graph.Graph, o live.Object) bool {
	some := false
	for pod := range o.Pods() {
		if some = true; o.Settled(g, pod.At("since").Str()) {
			return true
		}
	}
	return !some && o.Settled(g, o.Created())
}

// explained tells whether the pods themselves say why they are not ready.
func explained(o live.Object) bool {
	for pod := range o.Pods() {
		if pod.At("reason").Str() == "Unschedulable" {
			return true
		}
		for c := range pod.At("containers").Each() {
			switch c.At("waiting").Str() {
			case "", "ContainerCreating", "PodInitializing":
			default:
				return true
			}
		}
	}
	return false
}

// rests are the most days that may lie between two runs of a schedule; false
// where that is not easily said.
func rests(schedule string) (days int, ok bool) {
	switch schedule {
	case "@hourly", "@daily", "@midnight":
		return 2, true
	case "@weekly":
		return 8, true
	case "@monthly":
		return 32, true
	}
	f := strings.Fields(schedule)
	if len(f) == 6 && strings.Contains(f[0], "=") { // TZ=…
		f = f[1:]
	}
	if len(f) != 5 || f[3] != "*" {
		return 0, false // not in every month
	}
	switch {
	case f[2] == "*" && f[4] == "*":
		return 2, true
	case f[2] == "*":
		return 8, true
	}
	return 63, true // a 31st comes every other month at least
}
