import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { identify, isAlive } from "../../../provider/local/process-table.ts";

/** Threads of a process that the kernel has not let go of. */
function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

test("a killed process lives until its last thread is gone, and with it its sockets", async () => {
  for (let round = 0; round < 15; round++) {
    const child = spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    const id = identify(child.pid!);
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    // Without a pause, since the moment between is short.
    while (isAlive(id));
    assert.ok(threadsOf(child.pid!) <= 1, "threads are left");
    await gone;
  }
});
