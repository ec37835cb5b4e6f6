import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { completionEntries } from "../../../cli/commands/completion.ts";
import { completionScripts } from "../../../cli/completion-scripts.ts";
import { commandTable } from "../../../cli/table.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "repave-completion-"));
after(() => rmSync(folder, { recursive: true, force: true }));
// Stands in for the command that the script asks for instances.
writeFileSync(path.join(folder, "repave"), "#!/bin/sh\n[ \"$*\" = 'completion --instances' ] && printf 'web/0\\nweb/1\\n'\n", { mode: 0o755 });

/** What a real bash offers for a line, the cursor at its end. */
async function offered(...words: string[]): Promise<string[]> {
  const file = path.join(folder, "completion.bash");
  writeFileSync(file, completionScripts["bash"]!(await completionEntries()));
  const script = `source ${file}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _repave; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "bash", "repave", ...words], { encoding: "utf8", cwd: folder, env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
  assert.equal(status, 0, stderr);
  return stdout.split("\n").filter(Boolean);
}

test("bash offers commands, aliases among them", async () => {
  assert.deepEqual(await offered("roll"), ["rollback"]);
  const all = await offered("");
  for (const { name, aliases = [] } of commandTable) for (const word of [name, ...aliases]) assert.ok(all.includes(word), word);
});

test("bash offers a command's own options and verbs", async () => {
  assert.deepEqual(await offered("repave", "--older"), ["--older-than"]);
  assert.deepEqual(await offered("pipeline", "re"), ["render"]);
  assert.deepEqual((await offered("pipeline", "render", "--f")).sort(), ["--file", "--for"]);
  assert.deepEqual(await offered("tasks", "--older"), []);
});

test("bash offers instances to the commands that take them, and files to the rest", async () => {
  assert.deepEqual(await offered("restart", "we"), ["web/0", "web/1"]);
  assert.deepEqual(await offered("ssh", "web/1"), ["web/1"]);
  assert.deepEqual(await offered("int", "compl"), ["completion.bash"]);
});

test("each shell accepts its script", async (t) => {
  for (const [shell, script] of Object.entries(completionScripts)) {
    const file = path.join(folder, `script.${shell}`);
    writeFileSync(file, script(await completionEntries()));
    const { error, status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    if (error) t.diagnostic(`${shell} is not here`);
    else assert.equal(status, 0, stderr);
  }
});
