import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { checkpointText, readCheckpoint } from "../../../../cli/environment/state-log/checkpoint.ts";
import { type Entry, kinds } from "../../../../cli/environment/state-log/entry.ts";
import { type StackFiles, stackFiles } from "../../../../cli/environment/state-log/files.ts";
import { takeLock } from "../../../../cli/environment/state-log/lock.ts";
import { readLogged, settleLeft, StateLog } from "../../../../cli/environment/state-log/state-log.ts";

const urn = (name: string) => `urn:pulumi:test::project::a:b:C::${name}`;
const made = (name: string, sequenceID: number): Entry => ({ version: 1, kind: kinds.success, sequenceID, operationID: sequenceID, state: { urn: urn(name) } });
const update = { id: "1", engine: "v3.259.0" };
let folder: string;
let files: StackFiles;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "repave-state-log-"));
  files = stackFiles(folder, "project", "test");
  mkdirSync(path.dirname(files.checkpoint), { recursive: true });
  writeFileSync(files.checkpoint, checkpointText("organization/project/test", { resources: [{ urn: urn("a") }] }, [], "v3.259.0"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stored = () => (readCheckpoint(files.checkpoint).checkpoint.latest?.resources ?? []).map((r) => r.urn.split("::").pop());
const logged = () => readLogged(files)?.deployment.resources?.map((r) => r.urn.split("::").pop());

test("an update is in the log while it runs and in the checkpoint at its end", () => {
  const log = new StateLog(files, update);
  log.append([made("c", 2), made("b", 1)]);
  assert.deepEqual([stored(), logged()], [["a"], ["b", "c", "a"]], "in the order of the engine, whichever came first");
  log.settle();
  assert.deepEqual([stored(), logged()], [["b", "c", "a"], undefined]);
  assert.equal(readCheckpoint(files.checkpoint).checkpoint.stack, "organization/project/test");
  assert.deepEqual(readCheckpoint(`${files.checkpoint}.bak`).checkpoint.latest?.resources, [{ urn: urn("a") }]);
  assert.deepEqual(readdirSync(path.dirname(files.log)), []);
});

test("an update that changed nothing leaves the checkpoint as it is", () => {
  const before = readFileSync(files.checkpoint);
  new StateLog(files, update).settle();
  assert.deepEqual(readFileSync(files.checkpoint), before);
});

test("what a killed update has logged is settled by the next, a half-written line is not", () => {
  new StateLog(files, update).append([made("b", 1)]);
  appendFileSync(files.log, JSON.stringify(made("c", 2)).slice(0, 40));
  assert.deepEqual(logged(), ["b", "a"]);
  assert.equal(settleLeft(files), "settled");
  assert.deepEqual(stored(), ["b", "a"]);
  assert.equal(settleLeft(files), "none");
});

test("killed after the checkpoint was written, before the log was removed: nothing happens twice", () => {
  const log = new StateLog(files, update);
  log.append([made("b", 1)]);
  const [text, base] = [readFileSync(files.log, "utf8"), readFileSync(files.base)];
  log.settle();
  writeFileSync(files.base, base);
  writeFileSync(files.log, `${text}${JSON.stringify({ settled: createHash("sha256").update(readFileSync(files.checkpoint)).digest("hex") })}\n`);
  assert.equal(logged(), undefined);
  assert.equal(settleLeft(files), "none");
  assert.deepEqual(stored(), ["b", "a"]);
  assert.equal(existsSync(files.log), false);
});

test("a state that something else has written since wins, and the log is kept", () => {
  new StateLog(files, update).append([made("b", 1)]);
  writeFileSync(files.checkpoint, checkpointText(undefined, { resources: [{ urn: urn("other") }] }, [], "v3.259.0"));
  assert.equal(settleLeft(files), "changed");
  assert.deepEqual(stored(), ["other"]);
  assert.deepEqual(readdirSync(path.dirname(files.log)).sort(), ["base.json.1", "log.jsonl.1"]);
});

test("a log that cannot be read is an error that names it, and nothing is changed", () => {
  new StateLog(files, update);
  appendFileSync(files.log, "not json\n");
  const before = readFileSync(files.checkpoint);
  assert.throws(() => settleLeft(files), (error: { code: string; message: string }) => error.code === "state.log" && error.message.includes(files.log));
  assert.deepEqual(readFileSync(files.checkpoint), before);
});

test("log and checkpoint are their owner's alone", () => {
  const log = new StateLog(files, update);
  log.append([made("b", 1)]);
  const mode = (file: string) => statSync(file).mode & 0o777;
  assert.deepEqual([mode(files.log), mode(path.dirname(files.log))], [0o600, 0o700]);
  log.settle();
  assert.equal(mode(files.checkpoint), 0o600);
});

test("the lock keeps others off, names its holder, and is given back", () => {
  const lock = takeLock(files.locks);
  assert.throws(() => takeLock(files.locks), (error: { code: string; message: string }) => error.code === "state.locked" && error.message.includes(`process ${process.pid}`));
  lock.share(1);
  const [file] = readdirSync(files.locks);
  assert.deepEqual(JSON.parse(readFileSync(path.join(files.locks, file!), "utf8")).keeper, process.pid);
  lock.release();
  takeLock(files.locks).release();
  assert.deepEqual(readdirSync(files.locks), []);
});
