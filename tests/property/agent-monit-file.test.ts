import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseMonitFile, splitCommand } from "../../agent/supervisor/monit-file.ts";

const words = fc.constantFrom(
  "check", "process", "file", "with", "pidfile", "start", "stop", "program", "=", '"/a b"', "'c'", '"', "group", "vcap", "depends", "on",
  ",", "mode", "manual", "timeout", "60", "seconds", "as", "uid", "and", "gid", "using", "the", "if", "#", "\n", "name", "\\",
);

test("any text ends in services that have a name and a pidfile, or in ignored statements", () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(words, { maxLength: 60 }).map((w) => w.join(" ")), fc.string()), (text) => {
      let ignored = 0;
      for (const service of parseMonitFile(text, () => (ignored += 1))) {
        assert.notEqual(service.pidfile, "");
        assert.ok((service.start?.timeoutSeconds ?? 1) > 0);
      }
      assert.ok(ignored <= text.length + 1);
    }),
    { numRuns: 2000 },
  );
});

test("quoted words come out of a command line as they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (parts) => {
      const line = parts.map((part) => `"${part.replace(/["\\]/g, "\\$&")}"`).join(" ");
      assert.deepEqual(splitCommand(line), parts);
    }),
  );
});
