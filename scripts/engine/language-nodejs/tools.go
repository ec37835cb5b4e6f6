//go:build tools

// Package tools pins the Node.js language host, needed only by a plain `pulumi up`.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
