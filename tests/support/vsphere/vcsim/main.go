// A vCenter for tests: govmomi's simulator with what it lacks for ours (guests, locks of files, faults of the network), and a client for
// programs that have none.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	run := map[string]func() error{"serve": serve, "call": call}[argument(1)]
	if run == nil {
		fmt.Fprintln(os.Stderr, "usage: vcsim serve | call")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func argument(i int) string {
	if i < len(os.Args) {
		return os.Args[i]
	}
	return ""
}

func printLine(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
