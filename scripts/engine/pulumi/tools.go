//go:build tools

// Package tools pins the Pulumi engine that set-up builds where no installed one and no download is at hand.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
