package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkScan runs the whole program in this process, per project.
func BenchmarkScan(b *testing.B) {
	projects, err := filepath.Glob("../../fixtures/projects/*")
	if err != nil {
		b.Fatal(err)
	}
	for _, project := range projects {
		b.Run(filepath.Base(project), func(b *testing.B) {
			for b.Loop() {
				if code := run([]string{"scan", project, "--format", "line"}, io.Discard, io.Discard); code != exitFindings {
					b.Fatalf("exit code %d", code)
				}
			}
		})
	}
}

// BenchmarkProcess starts bin/seaworthy and waits for its end: what a person
// waits for. `make bench` builds it first.
func BenchmarkProcess(b *testing.B) {
	binary, err := filepath.Abs("../../bin/seaworthy")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		b.Skip("bin/seaworthy is not built")
	}
	dir := b.TempDir()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: app\n      image: registry.example.com/web:1.0\n"
	if err := os.WriteFile(filepath.Join(dir, "pod.yaml"), []byte(pod), 0o644); err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{
		"version":   {"version"},
		"manifest":  {"hook", "pod.yaml", "--exit-zero"},
		"directory": {"scan", "--exit-zero"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command(binary, args...)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
		})
	}
}
