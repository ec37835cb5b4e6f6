package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"sync"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vim25/soap"
)

type request struct {
	ID   int             `json:"id"`
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args"`
}

type reply struct {
	ID     int    `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

type operation func(ctx context.Context, client *govmomi.Client, args json.RawMessage) (any, error)

// Answers requests, a line of JSON each, from a vCenter that the environment names, until its input ends.
func call() error {
	server, err := soap.ParseURL(os.Getenv("VSPHERE_SERVER"))
	if err != nil {
		return err
	}
	server.User = url.UserPassword(os.Getenv("VSPHERE_USER"), os.Getenv("VSPHERE_PASSWORD"))
	ctx := context.Background()
	client, err := govmomi.NewClient(ctx, server, true)
	if err != nil {
		return err
	}
	defer client.Logout(ctx)
	var printing sync.Mutex
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		go func() {
			answer := reply{ID: asked.ID}
			run := operations[asked.Op]
			var err error
			if run == nil {
				err = fmt.Errorf("no operation %q", asked.Op)
			} else {
				answer.Result, err = run(ctx, client, asked.Args)
			}
			if err != nil {
				answer.Error = err.Error()
			}
			printing.Lock()
			defer printing.Unlock()
			printLine(answer)
		}()
	}
	return lines.Err()
}

// An operation on arguments of its own form.
func on[Args any](run func(ctx context.Context, client *govmomi.Client, args Args) (any, error)) operation {
	return func(ctx context.Context, client *govmomi.Client, raw json.RawMessage) (any, error) {
		var args Args
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		return run(ctx, client, args)
	}
}

type nothing = map[string]string
