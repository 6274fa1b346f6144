package kustomize

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A row is what is known of the builds of one project.
type row struct {
	verdict
	builds, equal, fields int
	exact                 [source.AtToken + 1]int
}

func (r *row) add(o row) {
	r.verdict.add(o.verdict)
	r.builds, r.equal, r.fields = r.builds+o.builds, r.equal+o.equal, r.fields+o.fields
	for i, n := range o.exact {
		r.exact[i] += n
	}
}

func (r *row) String() string {
	return fmt.Sprintf("%6d %5d | %6d %6d %5d %5d | %5d %5d %5d %6d", r.builds, r.equal,
		r.fields, r.exact[source.AtToken], r.exact[source.AtLine], r.exact[source.InBlock]+r.exact[source.InFile],
		r.right, len(r.wrong), len(r.wrongToken), r.untold)
}

const header = "builds equal | fields  token  line coarse | right wrong token untold"

// rowOf compares a build with what the library builds of the files as they
// are, counts how well places are known and changes at most so many of them.
func rowOf(t *testing.T, k built, most int) row {
	t.Helper()
	b := load(t, k.files, k.dir)
	want, err := kustomize(k.files, k.dir)
	if err != nil {
		t.Fatal(err)
	}
	r := row{builds: 1}
	if len(b.Problems) > 0 {
		t.Fatal(b.Problems)
	}
	if got, want := textOfBuild(t, b), textOfNodes(t, want); got != want {
		t.Errorf("%s %s: (-kustomize +seaworthy)\n%s", k.name, k.dir, cmp.Diff(want, got))
		return r
	}
	r.equal = 1
	for _, res := range b.Resources {
		scalars(res.Config, nil, func(path []string, v graph.Value) {
			r.fields++
			o := v.Origin()
			r.exact[o.Exact]++
			if o.Exact < source.AtLine {
				t.Logf("%s %s: %s %s = %.60q is in %s", k.name, k.dir, res.ID, strings.Join(path, "."), v.Str(), place(o))
			}
		})
	}
	r.verdict = oracle(k, b, kustomize, most)
	return r
}

// TestOracle holds the builds of testdata and the corpus against the library:
// the same bytes come out, places are known, and where a place is claimed a
// change there changes what is built.
func TestOracle(t *testing.T) {
	noNetwork(t)
	t.Run("testdata", func(t *testing.T) {
		var sum row
		most := math.MaxInt
		if testing.Short() {
			most = 12
		}
		for _, k := range testdata(t) {
			r := rowOf(t, k, most)
			for _, w := range append(r.wrong, r.wrongToken...) {
				t.Error(w)
			}
			if r.right == 0 {
				t.Errorf("%s %s: no place is right", k.name, k.dir)
			}
			sum.add(r)
		}
		t.Logf("%s\n%s", header, sum.String())
		if sum.builds < 10 {
			t.Errorf("only %d builds", sum.builds)
		}
	})
	t.Run("corpus", func(t *testing.T) {
		var sum row
		table := fmt.Sprintf("%-20s %s\n", "", header)
		for _, s := range corpus(t) {
			var of row
			for _, k := range s.builds {
				size := 0
				for _, data := range k.files {
					size += len(data)
				}
				most := min(3+1<<20/size, 40)
				if testing.Short() {
					most = 3
				}
				of.add(rowOf(t, k, most))
			}
			table += fmt.Sprintf("%-20s %s\n", s.name, of.String())
			for _, dir := range slices.Sorted(maps.Keys(s.left)) {
				t.Logf("%s %s is not built: %s", s.name, dir, s.left[dir])
			}
			sum.add(of)
		}
		for _, w := range append(sum.wrongToken, sum.wrong...) {
			t.Log(w)
		}
		t.Logf("\n%s%-20s %s", table, "all", sum.String())
		if wrong := len(sum.wrong) + len(sum.wrongToken); len(sum.wrongToken) > 0 || wrong*100 > sum.right+wrong {
			t.Error("too many places are wrong")
		}
		if known := sum.exact[source.AtLine] + sum.exact[source.AtToken]; known*100 < sum.fields*99 {
			t.Error("too few places are known to the line")
		}
	})
}

// TestOracleCharts changes what objects of charts claim. Kustomize would start
// helm for them, so the changed files are built here.
func TestOracleCharts(t *testing.T) {
	_, files, _ := project(t, "testdata/charts.txtar")
	own := func(files map[string][]byte, dir string) ([]*yaml.Node, error) {
		return nodesOf(load(t, files, dir)), nil
	}
	k := built{"charts", "overlay", files}
	v := oracle(k, load(t, files, "overlay"), own, math.MaxInt)
	for _, w := range append(v.wrong, v.wrongToken...) {
		t.Error(w)
	}
	t.Logf("%d right, %d cannot be told", v.right, v.untold)
	if v.right < 20 {
		t.Errorf("only %d places are right", v.right)
	}
}
