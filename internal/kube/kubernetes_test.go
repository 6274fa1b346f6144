package kube

import (
	"math/rand/v2"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
)

// Selectors mean what the API server takes them for: random ones are held
// against Kubernetes' own matching.
func TestSelectorsAsKubernetes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	key := func() string { return pick("app", "tier", "example.com/zone") }
	value := func() string { return pick("a", "b", "") }
	matched := 0
	for range 5000 {
		set := labels.Set{}
		labelNodes := []any{}
		for range random.IntN(4) {
			k, v := key(), value()
			if _, twice := set[k]; !twice {
				set[k] = v
				labelNodes = append(labelNodes, k, str(v))
			}
		}
		own, theirs := randomSelector(random, key, value)
		selector, err := metav1.LabelSelectorAsSelector(theirs)
		if err != nil {
			continue // such a one is refused: an In without values
		}
		want := graph.Of(selector.Matches(set))
		if want == graph.True {
			matched++
		}
		if got := MatchSelector(graph.ValueOf(own), graph.ValueOf(m(labelNodes...))); got != want {
			t.Fatalf("%v on %v: got %v, want %v", selector, set, got, want)
		}
	}
	if matched < 500 || matched > 4500 {
		t.Errorf("%d of the selectors match: that shows little", matched)
	}
}

// randomSelector is one selector, as we read it and as Kubernetes does.
func randomSelector(random *rand.Rand, key, value func() string) (*graph.Node, *metav1.LabelSelector) {
	theirs := &metav1.LabelSelector{MatchLabels: map[string]string{}}
	matchLabels, expressions := []any{}, []*graph.Node{}
	for range random.IntN(2) {
		k, v := key(), value()
		theirs.MatchLabels[k] = v
		matchLabels = append(matchLabels, k, str(v))
	}
	for range random.IntN(3) {
		operators := []metav1.LabelSelectorOperator{
			metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist,
		}
		e := metav1.LabelSelectorRequirement{Key: key(), Operator: operators[random.IntN(len(operators))]}
		fields := []any{"key", str(e.Key), "operator", str(string(e.Operator))}
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			values := []*graph.Node{}
			for range random.IntN(3) {
				v := value()
				e.Values = append(e.Values, v)
				values = append(values, str(v))
			}
			fields = append(fields, "values", list(values...))
		}
		theirs.MatchExpressions = append(theirs.MatchExpressions, e)
		expressions = append(expressions, m(fields...))
	}
	return m("matchLabels", m(matchLabels...), "matchExpressions", list(expressions...)), theirs
}
