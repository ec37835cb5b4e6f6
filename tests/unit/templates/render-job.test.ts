import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { CommandContext } from "../../../cli/command.ts";
import { renderJob } from "../../../cli/commands/render-job.ts";
import { instanceContext } from "../../support/render-one.ts";

const input = { ...instanceContext, release: { name: "rel", version: "1" }, properties: { port: 1 }, links: {}, dns: { azs: { z1: 1 } } };

function job(t: TestContext, spec: string, templates: Record<string, string>, given: unknown = input): { dir: string; run(): Promise<number>; data: unknown[] } {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-job-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(path.join(dir, "job/templates"), { recursive: true });
  writeFileSync(path.join(dir, "job/spec"), spec);
  writeFileSync(path.join(dir, "job/monit"), "");
  for (const [name, text] of Object.entries(templates)) writeFileSync(path.join(dir, "job/templates", name), text);
  writeFileSync(path.join(dir, "input.json"), typeof given === "string" ? given : JSON.stringify(given));
  const data: unknown[] = [];
  const context = { cwd: dir, signal: new AbortController().signal, ui: { data: (value: unknown) => data.push(value) } } as unknown as CommandContext;
  return { dir, data, run: () => renderJob.run(["job"], { input: "input.json", out: "out" }, context) };
}

test("render-job writes private files and reports the digests", async (t) => {
  const { dir, data, run } = job(t, "name: app\ntemplates: {a.erb: config/a}\nproperties: {port: {}}\n", { "a.erb": "port <%= p('port') %> az <%= spec.az %>\n" });
  assert.equal(await run(), 0);
  const file = path.join(dir, "out/config/a");
  assert.equal(readFileSync(file, "utf8"), "port 1 az z1\n");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(path.join(dir, "out/.bosh/links.json"), "utf8"), "[]\n");
  assert.deepEqual((data[0] as { files: string[] }).files, ["monit", "config/a", ".bosh/links.json"]);
});

test("a destination outside the job's folder is refused before anything is written", async (t) => {
  const { dir, run } = job(t, "name: app\ntemplates: {a.erb: a, b.erb: ../../escaped}\n", { "a.erb": "", "b.erb": "" });
  await assert.rejects(run(), { code: "render.destination" });
  assert.equal(existsSync(path.join(dir, "out")), false);
});

test("what is wrong with the input is named", async (t) => {
  const spec = "name: app\ntemplates: {a.erb: a}\n";
  await assert.rejects(job(t, spec, { "a.erb": "" }, "{").run(), { code: "render.input", message: "Render input is not JSON" });
  await assert.rejects(job(t, spec, { "a.erb": "" }, { ...input, index: "0" }).run(), { code: "render.input", message: /'index' is wrong/ });
  await assert.rejects(job(t, spec, {}).run(), { code: "release.job", message: /'templates\/a\.erb'/ });
  await assert.rejects(job(t, "templates: [a]\n", {}).run(), { code: "release.job-spec", message: /must be a hash, but are 'Array'/ });
});
