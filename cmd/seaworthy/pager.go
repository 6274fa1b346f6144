package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// paged writes through the pager when w is a terminal that a person looks at,
// else to w itself. The pager is the user's: $PAGER, or less when there is
// none; what is looked at has no say in it.
func paged(w io.Writer, write func(io.Writer) error) error {
	if !interactive(w) {
		return write(w)
	}
	return page(pager(os.LookupEnv), w, write)
}

// pager is the command in $PAGER, empty for output that is not to be paged.
func pager(lookup func(string) (string, bool)) []string {
	command, ok := lookup("PAGER")
	if !ok {
		command = "less"
	}
	if words := strings.Fields(command); len(words) > 0 && words[0] != "cat" {
		return words
	}
	return nil
}

// page writes to the standard input of a command that shows it on w. Where it
// cannot be started nothing is paged; who leaves it early has seen enough.
func page(command []string, w io.Writer, write func(io.Writer) error) error {
	if len(command) == 0 {
		return write(w)
	}
	cmd := exec.Command(command[0], command[1:]...) // the user's own choice
	cmd.Stdout = w
	if _, set := os.LookupEnv("LESS"); !set {
		cmd.Env = append(os.Environ(), "LESS=FRX") // what fits is not paged, colours are shown
	}
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return write(w)
	}
	err = write(in)
	if closed := in.Close(); err == nil && !errors.Is(closed, os.ErrClosed) {
		err = closed
	}
	_ = cmd.Wait() // how a pager ends says nothing about what it showed
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
