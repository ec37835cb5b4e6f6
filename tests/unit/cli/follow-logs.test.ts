import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { followLogs } from "../../../cli/day2/follow-logs.ts";
import type { Shell } from "../../../cli/day2/shell.ts";

/** A VM on which every program is this one. */
const shell = (argv: readonly [string, ...string[]], asked: string[][] = []): Pick<Shell, "start"> => ({
  start: async (given, { stdio }) => {
    asked.push([...given]);
    return spawn(argv[0], argv.slice(1), { stdio });
  },
});
const wanted = { lines: 3, job: undefined, kinds: ["job", "agent"] as const };

test("lines come with the instance's name until it is told to stop, which is no error", async () => {
  const [stop, asked] = [new AbortController(), [] as string[][]];
  let text = "";
  const done = followLogs(shell(["sh", "-c", "echo first; echo noise >&2; echo second; exec sleep 100"], asked), "web/0", wanted, {
    signal: stop.signal,
    out: (more) => {
      text += more;
      if (text.includes("second")) stop.abort();
    },
  });
  await done;
  assert.equal(text, "web/0 | first\nweb/0 | second\n");
  assert.match(asked[0]!.join(" "), /exec tail -q -n 3 -F \/var\/vcap\/sys\/log\/\*\/\*\.log \/var\/vcap\/bosh\/log\/current/);
});

test("a job's name is no part of the script", async () => {
  const [stop, asked] = [new AbortController(), [] as string[][]];
  stop.abort();
  await followLogs(shell(["sleep", "100"], asked), "web/0", { ...wanted, job: "x; rm -rf /" }, { signal: stop.signal, out: () => undefined });
  assert.deepEqual([asked[0]!.at(-1), asked[0]![2]!.includes("rm -rf")], ["x; rm -rf /", false]);
});

test("an end that nobody asked for says why", async () => {
  const follow = (argv: [string, ...string[]]) => followLogs(shell(argv), "web/0", wanted, { signal: new AbortController().signal, out: () => undefined });
  await assert.rejects(follow(["sh", "-c", "echo 'Permission denied (publickey).' >&2; exit 255"]), /The logs of web\/0 can't be followed any more: Permission denied/);
  await assert.rejects(follow(["/nowhere/ssh"]), /ENOENT/);
});
