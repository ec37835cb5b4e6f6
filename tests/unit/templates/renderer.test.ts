import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { RepaveError } from "../../../director/core/errors.ts";
import type { InstanceInput } from "../../../director/templates/renderer.ts";
import { rubyRenderer } from "../../../provider/templates/index.ts";
import { instanceWith, renderOne } from "../../support/render-one.ts";

const renderer = rubyRenderer({ threads: 2, timeLimit: 1500 });
after(() => renderer.close());

const one = (template: string, properties: Record<string, unknown> = {}) => renderOne(renderer, template, properties);

test("floats, large integers and the order of keys arrive as they are", async () => {
  assert.equal(await one("<%= p('f') + 1 %> <%= p('l')[0].keys.join %>", { f: 2 ** 60, l: [{ z: 1, a: 2 }] }), `${(2 ** 60 + 1.0).toExponential().replace("e+18", "e+18")} za`);
});

test("a method defined in one job is there for the instance's next job, and gone for the next instance", async () => {
  const [job] = instanceWith([{ src: "a.erb", dest: "a", content: "<% def twice(x) = x * 2 %>" }]).jobs;
  const [next] = instanceWith([{ src: "b.erb", dest: "b", content: "<%= twice(21) %>" }]).jobs;
  const both: InstanceInput = { ...instanceWith([]), jobs: [job!, { ...next!, name: "second" }] };
  assert.equal(Buffer.from((await renderer.renderInstance(both)).jobs[1]!.files[0]!.content).toString(), "42");
  await assert.rejects(one("<%= twice(21) %>"), /undefined method 'twice'/);
});

test("what watches the clock or speaks HTTP can be named, without a thread or a socket behind it", async () => {
  assert.equal(await one("<%= Timeout.timeout(5) { |t| t + 1 } %> <% require 'net/http' %><%= Net::HTTP::Get.new('/x').path %>"), "6 /x");
  await assert.rejects(one("<% require 'net/http' %><%= Net::HTTP.get(URI('http://127.0.0.1:1/')) %>"), /line 1/);
});

test("all failed templates of all jobs are told at once", async () => {
  const job = (name: string, content: string) => ({ ...instanceWith([{ src: "x.erb", dest: "x", content }]).jobs[0]!, name });
  const input = { ...instanceWith([]), jobs: [job("a", "\n<%= p('no') %>"), job("b", "fine"), job("c", "<% raise 'stop' %>")] };
  await assert.rejects(renderer.renderInstance(input), (error: RepaveError) => {
    assert.equal(error.code, "render.templates");
    assert.deepEqual(error.message.split("\n").slice(1), [
      "  - Unable to render templates for job 'a'. Errors are:",
      `    - Error filling in template 'x.erb' (line 2: Can't find property '["no"]')`,
      "  - Unable to render templates for job 'c'. Errors are:",
      "    - Error filling in template 'x.erb' (line 1: stop)",
    ]);
    return true;
  });
});

test("templates that hang, one after another and side by side, leave the others alone", async () => {
  const results = await Promise.allSettled([one("<% loop {} %>"), one("ok"), one("<% sleep %>"), one("ok"), one("<% exit! %>"), one("ok")]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
  assert.match(String((results[0] as PromiseRejectedResult).reason), /'a\.erb' \(line \(unknown\): not done after 1\.5 s\)/);
});

test("a template that breaks the renderer's own Ruby code is an error, and only its instance sees it", async () => {
  const input = instanceWith([{ src: "a", dest: "a", content: "<% def TemplateSession.template(*) = 42 %>" }, { src: "b", dest: "b", content: "x" }]);
  await assert.rejects(renderer.renderInstance(input), /template 'b' \(line \(unknown\): the template broke the renderer's own Ruby code\)/);
  assert.equal(await one("<%= 1 %>"), "1");
});

test("input that is no data, or nested without end, is an error of the input", async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  for (const v of [cyclic, { f: () => 1 }, new Date(0)]) await assert.rejects(one("x", { v }), { code: "render.input" });
  let deep: unknown = 1;
  for (let i = 0; i < 3000; i++) deep = { l: deep };
  await assert.rejects(one("<%= 1 %>", { v: deep }), RepaveError);
  assert.equal(await one("<%= 1 %>"), "1");
});

test("cancelling stops a running render", async () => {
  const stop = new AbortController();
  const running = renderer.renderInstance(instanceWith([{ src: "a", dest: "a", content: "<% loop {} %>" }]), { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(running, { code: "render.cancelled" });
  assert.equal(await one("after"), "after");
});

test("digests are remembered without content, secrets or Ruby", async (t) => {
  const cacheDir = path.join(mkdtempSync(path.join(tmpdir(), "repave-cache-")), "digests");
  t.after(() => rmSync(path.dirname(cacheDir), { recursive: true, force: true }));
  const input = instanceWith([{ src: "a", dest: "a", content: "password: <%= p('password') %>" }], { password: "s3cr3t-value" });
  const first = rubyRenderer({ cacheDir, threads: 1 });
  const digests = await first.configurationHashCached(input);
  assert.equal(digests.configurationHash, (await first.renderInstance(input)).configurationHash);
  await first.close();

  const kept = readdirSync(cacheDir);
  for (const file of kept) assert.ok(!readFileSync(path.join(cacheDir, file), "latin1").includes("s3cr3t"), file);
  assert.equal(statSync(cacheDir).mode & 0o777, 0o700);
  assert.ok(kept.every((file) => (statSync(path.join(cacheDir, file)).mode & 0o777) === 0o600));

  const closed = rubyRenderer({ cacheDir, threads: 1 });
  await closed.close();
  assert.deepEqual(await closed.configurationHashCached(input), digests, "a closed renderer can only answer from the cache");
  const changed = instanceWith([{ src: "a", dest: "a", content: "password: <%= p('password') %>" }], { password: "other" });
  await assert.rejects(closed.configurationHashCached(changed), { code: "render.closed" });
  const [job] = input.jobs;
  const otherDefault: InstanceInput = { ...input, jobs: [{ ...job!, properties: [{ name: "password", definition: new Map([["default", "x"]]) }] }] };
  await assert.rejects(closed.configurationHashCached(otherDefault), { code: "render.closed" });
});

test("a process with an idle renderer ends by itself", () => {
  const script = `const { rubyRenderer } = require("./provider/templates/index.ts"); const { renderOne } = require("./tests/support/render-one.ts");
    renderOne(rubyRenderer({ threads: 1 }), "<%= 6 * 7 %>").then((text) => console.log(text));`;
  const done = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { cwd: path.resolve(__dirname, "../../.."), encoding: "utf8", timeout: 60_000 });
  assert.equal(done.stdout, "42\n", done.stderr);
});
