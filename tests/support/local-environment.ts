import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalIaas, type NetworkSpec, probe } from "../../provider/local/index.ts";

export const standInAgent = path.resolve(__dirname, "local-stand-in-agent.cjs");

export const threeAzs: NetworkSpec = {
  name: "default",
  subnets: [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `10.0.${n}.0/24`, gateway: `10.0.${n}.1` })),
};

let lacking: Promise<string | undefined> | undefined;

/** A test that is skipped, with the reason, where this machine or user cannot have namespaces at all. */
export function localTest(name: string, body: (t: TestContext) => Promise<void>): void {
  void test(name, async (t) => {
    lacking ??= probe(os.tmpdir()).then((checks) => checks.find((c) => c.required && !c.ok)).then((c) => (c === undefined ? undefined : `${c.name}: ${c.found}; ${c.fix}`));
    const reason = await lacking;
    if (reason !== undefined) t.skip(reason);
    else await body(t);
  });
}

/** A local environment of its own for one test; nothing of it is left afterwards, however the test ends. */
export async function withEnvironment(body: (iaas: LocalIaas, stateDir: string) => Promise<void>, name = "test"): Promise<void> {
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "repave-local-"));
  chmodSync(stateDir, 0o700);
  const iaas = new LocalIaas({ stateDir, environment: name, agentBundle: standInAgent });
  try {
    await body(iaas, stateDir);
  } finally {
    await iaas.destroy();
    const left = await iaas.scan();
    rmSync(stateDir, { recursive: true, force: true });
    assert.deepEqual(left, []);
  }
}

/** GET from the stand-in agent (or whoever listens) over the way a real client takes. */
export async function get(iaas: LocalIaas, ip: string, url: string, port = 6868): Promise<string> {
  const socket = await iaas.dial(ip, port, AbortSignal.timeout(5000));
  return new Promise((resolve, reject) => {
    const request = http.get({ createConnection: () => socket as never, host: ip, path: url, timeout: 5000 }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    request.once("timeout", () => request.destroy(new Error("no answer")));
    request.once("error", reject);
  });
}

/** Runs a shell command in a VM through the stand-in agent. */
export function shell(iaas: LocalIaas, ip: string, command: string): Promise<string> {
  return get(iaas, ip, `/sh?run=${encodeURIComponent(command)}`);
}

/** Repeats until the body gives true or stops failing. */
export async function eventually<T>(what: string, body: () => Promise<T>, deadlineMs = 10_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const value = await body();
      if (value !== false && value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(20);
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause: last });
}

export async function answers(iaas: LocalIaas, ip: string): Promise<void> {
  await eventually(`${ip} answers`, () => get(iaas, ip, "/ping"));
}

export async function leftovers(iaas: LocalIaas): Promise<string[]> {
  return (await iaas.scan()).filter((t) => t.owner === "none").map((t) => `${t.kind} ${t.id}`);
}
