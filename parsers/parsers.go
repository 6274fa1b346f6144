// Package parsers is the contract between the program and the formats it
// reads. Only the packages below it know formats.
//
// A [Source] looks through a [Project] and says which roots it can analyse. A
// [Root] is what is analysed as one thing: a chart, a kustomization no other
// includes, a Terraform root module, the plain manifests of a project. Each
// root loads into a builder of its own, so roots load in parallel and the
// result does not depend on who was first. Sources are asked in a fixed order
// and claim the files that are theirs, so that a chart's templates are not
// taken for plain manifests.
package parsers

import (
	"context"
	"iter"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/seaworthy-iac/seaworthy/internal/graph"
	"github.com/seaworthy-iac/seaworthy/internal/source"
)

// A Source finds roots of one format.
type Source interface {
	// Name is the source's name: "helm", "terraform".
	Name() string
	// Roots finds the roots and claims their files. What is wrong with the
	// input is a Problem on the builder.
	Roots(p *Project, b *graph.Builder) []Root
}

// A Root is what is analysed as one thing.
type Root interface {
	// ID is unique and stable: the source's name and a path, "helm:charts/web".
	ID() string
	// Dir is the directory of the tree that the root stands for, where its
	// configuration is looked for.
	Dir() string
	// Reads tells whether a file of the tree has a part in the root. It may
	// say yes of a file that has none, never no of one that has.
	Reads(path string) bool
	// Load adds what the root says to the builder. What is wrong with the
	// input is a Problem on the builder; an error is the program's own or the
	// context's.
	Load(ctx context.Context, b *graph.Builder) error
}

// A Follower adds what hangs on all that was loaded from files and is in none:
// the objects of a cluster, the images that are run. Followers are asked for
// only when the user names one, for what they read is not in the tree.
type Follower interface {
	// Name is the follower's name: "cluster", "image".
	Name() string
	// Follow reads the builders of all roots and of the followers before, and
	// adds to its own builder, whose root it names: "cluster:prod". It may name a
	// world too, for what is not to be looked at beside what is written. What could
	// not be read is a Problem on the builder; an error is one of the program,
	// the context's or the user's own: there is no such cluster.
	Follow(ctx context.Context, tree *source.Tree, parts []*graph.Builder, b *graph.Builder) error
}

// A Project is the files that may be analysed and who owns them.
type Project struct {
	Tree  *source.Tree
	Files []string // sorted

	owner map[string]string
}

// NewProject is the project of the given files of a tree.
func NewProject(tree *source.Tree, files []string) *Project {
	return &Project{Tree: tree, Files: files, owner: map[string]string{}}
}

// Claim makes a source the owner of a file, unless it has one.
func (p *Project) Claim(path, source string) {
	if _, taken := p.owner[path]; !taken {
		p.owner[path] = source
	}
}

// Claimed tells whether a file has an owner.
func (p *Project) Claimed(path string) bool { return p.owner[path] != "" }

// Glob yields the files that match one of the patterns and have no owner yet.
func (p *Project) Glob(patterns ...string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range p.Files {
			if p.Claimed(f) {
				continue
			}
			for _, pattern := range patterns {
				if doublestar.MatchUnvalidated(pattern, f) {
					if !yield(f) {
						return
					}
					break
				}
			}
		}
	}
}

// Whole is the origin of something about a file as a whole.
func Whole(f *source.File) *source.Origin {
	return &source.Origin{Span: f.Whole(), Exact: source.InFile}
}

// Missing is the origin of a file that could not be read: its name is all
// there is.
func Missing(path string) *source.Origin { return Whole(source.NewFile(path, nil)) }
