package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const crlfPod = "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: web}\r\nspec:\r\n  hostPID: true # why\r\n  containers:\r\n  - name: app\r\n    image: app:1\r\n"

// fixPod fixes a pod with Windows line ends in a new directory.
func fixPod(t *testing.T, mode os.FileMode) (file string, err error) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "pod.yaml")
	if err := os.WriteFile(file, []byte(crlfPod), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	return file, runFix(filepath.Dir(file))
}

func runFix(dir string) error {
	cmd := fixCommand()
	cmd.SetArgs([]string{dir, "--unsafe", "--select", "k8s-host-pid,k8s-privilege-escalation"})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(&strings.Builder{})
	cmd.SetErr(&strings.Builder{})
	return cmd.Execute()
}

// TestFixKeepsModeAndLineEnds holds fast that a file that is replaced has the
// mode that it had, whatever the process's mask, and its line ends.
func TestFixKeepsModeAndLineEnds(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o640, 0o666, 0o755} {
		file, err := fixPod(t, mode)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("a file of mode %v has %v after it", mode, info.Mode())
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(crlfPod, "hostPID: true", "hostPID: false", 1) + "    securityContext:\r\n      allowPrivilegeEscalation: false\r\n"
		if string(text) != want {
			t.Errorf("the text is %q", text)
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) != 1 {
			t.Errorf("%v stand in the directory, %v", left, err)
		}
	}
}

// TestFixThatCannotWrite holds fast that the old file stays, and that it is
// said: what is to be written first is in the way.
func TestFixThatCannotWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pod.yaml")
	for name, text := range map[string]string{file: crlfPod, filepath.Join(dir, ".pod.yaml.seaworthy"): "someone else's"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := runFix(dir); !errors.Is(err, exit{exitIncomplete}) {
		t.Errorf("the error is %v", err)
	}
	for name, want := range map[string]string{file: crlfPod, filepath.Join(dir, ".pod.yaml.seaworthy"): "someone else's"} {
		if text, err := os.ReadFile(name); err != nil || string(text) != want {
			t.Errorf("%s is now %q, %v", name, text, err)
		}
	}
}

// TestFixCorpus fixes real projects with all rules: nothing may fail, and a
// second run finds nothing to do.
func TestFixCorpus(t *testing.T) {
	corpus := os.Getenv("SEAWORTHY_CORPUS")
	if corpus == "" {
		t.Skip("SEAWORTHY_CORPUS names no directory of projects")
	}
	projects, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range projects {
		t.Run(p.Name(), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join(corpus, p.Name()))); err != nil {
				t.Skip(err) // links
			}
			for i, want := range []string{"", "\n0 fixed, 0 held back"} {
				var out strings.Builder
				cmd := fixCommand()
				cmd.SetArgs([]string{dir, "--unsafe", "--select", "all"})
				cmd.SetOut(&out)
				cmd.SetErr(&out)
				cmd.SilenceErrors, cmd.SilenceUsage = true, true
				var code exit
				if err := cmd.Execute(); err != nil && !errors.As(err, &code) {
					t.Fatal(err)
				}
				lines := strings.Split(strings.TrimSpace(out.String()), "\n")
				t.Logf("run %d: %s", i+1, lines[len(lines)-1])
				if !strings.Contains("\n"+lines[len(lines)-1], want) {
					t.Errorf("run %d changes something: %s", i+1, out.String())
				}
			}
		})
	}
}
