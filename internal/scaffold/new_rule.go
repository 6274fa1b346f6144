//go:build ignore

// This program is `make new-rule`. It has a build tag because whoever installs
// the module builds every main package in it.
package main

import (
	"fmt"
	"os"

	"github.com/seaworthy-iac/seaworthy/internal/scaffold"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, "usage: make new-rule ID=k8s-my-rule")
		os.Exit(2)
	}
	paths, err := scaffold.Rule(".", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "new-rule:", err)
		os.Exit(1)
	}
	for _, p := range paths {
		fmt.Println(p)
	}
}
