import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Entry } from "../../../../cli/environment/state-log/entry.ts";
import { serveState, type Service } from "../../../../cli/environment/state-log/service.ts";

const stack = "/api/stacks/organization/project/test";
let folder: string;
let service: Service;
let token: string;
let kept: Entry[];
let full: boolean;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "repave-service-"));
  kept = [];
  full = false;
  service = await serveState(
    {
      deployment: (project, name) => (`${project}/${name}` === "project/test" ? { version: 3, deployment: { resources: [] } } : undefined),
      begin: () => undefined,
      append: (entries) => {
        if (full) throw new Error("ENOSPC: no space left on device, write");
        kept.push(...entries);
      },
      remove: () => false,
      summary: () => undefined,
    },
    path.join(folder, "credentials"),
  );
  const file = path.join(folder, "credentials", "credentials.json");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { current, accessTokens } = JSON.parse(readFileSync(file, "utf8")) as { current: string; accessTokens: Record<string, string> };
  assert.equal(current, service.url);
  token = accessTokens[current]!;
});
afterEach(() => {
  service.close();
  assert.equal(existsSync(path.join(folder, "credentials")), false);
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, at: string, body?: object, authorization = `token ${token}`) {
  const response = await fetch(service.url + at, { method, headers: { authorization, "content-encoding": "gzip" }, ...(body ? { body: gzipSync(JSON.stringify(body)) } : {}) });
  return { status: response.status, ...((await response.json()) as { message?: string; deployment?: object }) };
}

const entry = { version: 1, kind: 0, sequenceID: 1, operationID: 1 };

test("without the token of this run nothing is told and nothing is kept", async () => {
  for (const given of ["", "token", "token other", `token ${token}x`]) {
    assert.equal((await call("GET", `${stack}/export`, undefined, given)).status, 401);
    assert.equal((await call("PATCH", `${stack}/update/1/journalentries`, { entries: [entry] }, given)).status, 401);
  }
  assert.deepEqual(kept, []);
});

test("an entry is kept before it is answered for", async () => {
  const answer = await call("PATCH", `${stack}/update/1/journalentries`, { entries: [entry] }, `update-token ${token}`);
  assert.equal(answer.status, 200);
  assert.deepEqual(kept, [entry]);
});

test("what cannot be kept is refused with the reason, and the engine does not ask again", async () => {
  full = true;
  const answer = await call("PATCH", `${stack}/update/1/journalentries`, { entries: [entry] });
  assert.equal(answer.status, 400);
  assert.match(answer.message!, /The state cannot be written: ENOSPC/);
  const wrong = await call("PATCH", `${stack}/update/1/journalentries`, { entries: [{ ...entry, version: 2 }] });
  assert.equal(wrong.status, 400);
});

test("another stack's state is told where there is one; what is not answered here is said", async () => {
  assert.deepEqual((await call("GET", `${stack}/export`)).deployment, { resources: [] });
  assert.equal((await call("GET", "/api/stacks/organization/project/other/export")).status, 404);
  assert.match((await call("GET", "/api/orgs/organization/members")).message!, /is not answered here/);
  assert.equal((await call("DELETE", stack)).message, "Bad Request: Stack still contains resources.");
});
