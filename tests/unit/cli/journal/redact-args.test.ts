import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { redactArgs } from "../../../../cli/environment/journal/redact-args.ts";
import { Task } from "../../../../cli/environment/journal/task.ts";
import type { Session } from "../../../../cli/environment/session.ts";

const home = mkdtempSync(path.join(os.tmpdir(), "repave-redact-"));
after(() => rmSync(home, { recursive: true, force: true }));

const cases: [string[], string[]][] = [
  [["local", "--force", "-e", "test"], ["local", "--force", "-e", "test"]],
  [["-v", "admin=hunter2", "x"], ["-v", "admin=[secret]", "x"]],
  [["--var", "hunter2"], ["--var", "[secret]"]],
  [["-vadmin=hunter2=3"], ["-vadmin=[secret]"]],
  [["-v=admin=hunter2"], ["-v=admin=[secret]"]],
  [["--var=admin=a\nhunter2"], ["--var=admin=[secret]"]],
  [["--admin-password=hunter2", "API_TOKEN=hunter2"], ["--admin-password=[secret]", "API_TOKEN=[secret]"]],
  [["https://me:hunter2@example.com/x?y=1"], ["https://[secret]@example.com/x?y=1"]],
  [["web@z1", "cell/0-49", "--older-than=7d", "--skip-drain=web,cell"], ["web@z1", "cell/0-49", "--older-than=7d", "--skip-drain=web,cell"]],
];
for (const [given, kept] of cases) test(`arguments: ${given.join(" ")}`, () => assert.deepEqual(redactArgs(given), kept));

test("a journal never has the value of a variable that was given as a flag", () => {
  const task = new Task("up", ["local", "-v", "admin=hunter2", "--var=other=hunter2", "-vthird=hunter2"]);
  task.begin({ home, environment: "test", project: { name: "p", folder: home, program: undefined }, env: {}, engine: "", engineVersion: "v3.259.0" } satisfies Session);
  task.end(0);
  const text = readFileSync(path.join(home, "tasks", "p-test", "1.jsonl"), "utf8");
  assert.ok(!text.includes("hunter2"), text);
  assert.match(text, /"admin=\[secret\]"/);
});
