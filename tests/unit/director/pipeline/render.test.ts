import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { type Pipeline, pipelineSchema, stepsOf } from "../../../../director/pipeline/pipeline.ts";
import { renderers } from "../../../../director/pipeline/render.ts";

const whole: Pipeline = pipelineSchema.parse({
  environment: "production",
  canary: { environment: "staging" },
  policyPacks: ["repave"],
  smoke: { errands: ["smoke-tests"], run: [["npm", "run", "probe"]] },
  watch: { for: "5m", every: "30s" },
  rollBack: true,
  schedules: { repave: { time: "02:30", days: ["sat", "sun"], olderThan: "7d" }, rotate: { time: "23:30", expiring: "30d" } },
  secrets: ["AWS_SECRET_ACCESS_KEY"],
});
const least: Pipeline = pipelineSchema.parse({ environment: "production" });
const rendered = (runner: string, pipeline: Pipeline) => renderers[runner]!(pipeline, { folder: "/srv/plat form" });

test("one model gives the steps: verify, canary, deploy, smoke, watch, and what has a schedule", () => {
  assert.deepEqual(stepsOf(least).map((s) => s.name), ["verify", "deploy"]);
  assert.deepEqual(stepsOf(whole).map((s) => `${s.stage}/${s.name}`), ["verify/verify", "canary/canary", "deploy/deploy", "deploy/smoke", "deploy/watch", "repave/repave", "rotate/rotate"]);
  assert.deepEqual(stepsOf(whole)[0]!.commands, [{ repave: ["preview", "production", "--policy-pack", "repave"] }, { repave: ["preview", "staging", "--policy-pack", "repave"] }]);
  assert.equal(pipelineSchema.safeParse({ environment: "a b" }).success, false);
  assert.equal(pipelineSchema.safeParse({ environment: "x", schedules: { repave: { time: "2:30", olderThan: "7d" } } }).success, false);
});

test("GitHub's own parser accepts the workflow", async () => {
  const { parseWorkflow, NoOperationTraceWriter, convertWorkflowTemplate } = await import("@actions/workflow-parser");
  for (const pipeline of [least, whole]) {
    const [file] = rendered("github", pipeline);
    const result = parseWorkflow({ name: file!.name, content: file!.text }, new NoOperationTraceWriter());
    const template = await convertWorkflowTemplate(result.context, result.value!);
    assert.deepEqual(result.context.errors.getErrors().map((e) => e.message), []);
    assert.deepEqual(template.errors ?? [], []);
  }
  const broken = parseWorkflow({ name: "x.yml", content: "on: push\njobs:\n  a:\n    runs-on: x\n    step: []\n" }, new NoOperationTraceWriter());
  assert.ok(broken.context.errors.count > 0, "and it would have refused a wrong one");
});

test("every job of the workflow waits for its stage before it; scheduled ones for their own cron", () => {
  const { jobs, on } = parse(rendered("github", whole)[0]!.text) as { jobs: Record<string, { needs?: string; if: string }>; on: { schedule: { cron: string }[] } };
  assert.deepEqual(Object.entries(jobs).map(([name, { needs }]) => [name, needs]), [["verify", undefined], ["canary", "verify"], ["deploy", "canary"], ["repave", undefined], ["rotate", undefined]]);
  assert.deepEqual(on.schedule.map(({ cron }) => cron), ["30 2 * * 0,6", "30 23 * * *"]);
  for (const { cron } of on.schedule) assert.ok(Object.values(jobs).some((job) => job.if.includes(`'${cron}'`)));
});

/** What Concourse's documentation says of the parts we use; it has no published schema. */
const identifier = z.string().regex(/^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d][\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d\-_.]*$/u);
const clock = z.string().regex(/^\d\d:\d\d$/);
const resource = z.discriminatedUnion("type", [
  z.strictObject({ name: identifier, type: z.literal("git"), icon: z.string(), source: z.strictObject({ uri: z.string(), branch: z.string(), private_key: z.string() }) }),
  z.strictObject({ name: identifier, type: z.literal("time"), icon: z.string(), source: z.strictObject({ location: z.string(), start: clock, stop: clock, days: z.array(z.enum(["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"])).optional() }) }),
]);
const task = z.strictObject({
  task: identifier,
  config: z.strictObject({
    platform: z.enum(["linux", "darwin", "windows"]),
    image_resource: z.strictObject({ type: z.string(), source: z.strictObject({ repository: z.string(), tag: z.string() }) }),
    inputs: z.array(z.strictObject({ name: identifier })),
    caches: z.array(z.strictObject({ path: z.string() })),
    params: z.record(z.string(), z.string()),
    run: z.strictObject({ path: z.string(), dir: z.string(), args: z.array(z.string()) }),
  }),
});
const get = z.strictObject({ get: identifier, trigger: z.boolean().optional(), passed: z.array(identifier).optional() });
const document = z.strictObject({ resources: z.array(resource), jobs: z.array(z.strictObject({ name: identifier, serial_groups: z.array(identifier), plan: z.array(z.union([get, task])).min(1) })) });

test("the Concourse pipeline follows its schema, and names only what it has", () => {
  for (const pipeline of [least, whole]) {
    const { resources, jobs } = document.parse(parse(rendered("concourse", pipeline)[0]!.text));
    const getsOf = (name: string) => jobs.find((job) => job.name === name)!.plan.flatMap((step) => ("get" in step ? [step] : []));
    for (const { name, plan } of jobs) {
      for (const step of getsOf(name)) {
        assert.ok(resources.some((r) => r.name === step.get), step.get);
        for (const before of step.passed ?? []) assert.ok(getsOf(before).some(({ get }) => get === step.get), `${before} has no ${step.get}`);
      }
      const tasks = plan.flatMap((step) => ("task" in step ? [step] : []));
      for (const { config } of tasks) for (const { name: input } of config.inputs) assert.ok(getsOf(name).some(({ get }) => get === input));
    }
  }
});

test("cron lines have five fields and say their time zone", () => {
  const lines = rendered("cron", whole)[0]!.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(lines[0], "CRON_TZ=UTC");
  assert.deepEqual(lines.slice(1), [
    "30 2 * * 0,6 cd '/srv/plat form' && npx repave pipeline run repave --json",
    "30 23 * * * cd '/srv/plat form' && npx repave pipeline run rotate --json",
  ]);
});

test("systemd accepts the units and understands the calendars", (t) => {
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0) return t.skip("systemd-analyze is not here");
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-units-"));
  try {
    const files = renderers["systemd"]!(whole, { folder });
    for (const { name, text } of files) writeFileSync(path.join(folder, name), text);
    assert.deepEqual(files.filter(({ name }) => name.endsWith(".timer")).map(({ name }) => name), ["repave-production-repave.timer", "repave-production-rotate.timer"]);
    const verify = (names: string[]) => spawnSync("systemd-analyze", ["verify", ...names.map((name) => path.join(folder, name))], { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` } });
    // It reads the units around ours too, and complains of those on its own account.
    const about = verify(files.map(({ name }) => name)).stderr.split("\n").filter((line) => line.includes("repave-production"));
    assert.deepEqual(about, []);
    for (const { text } of files) {
      const calendar = /OnCalendar=(.*)/.exec(text)?.[1];
      if (calendar !== undefined) assert.equal(spawnSync("systemd-analyze", ["calendar", calendar]).status, 0, calendar);
    }
    writeFileSync(path.join(folder, "repave-production-bad.timer"), "[Timer]\nOnCalendar=sometimes\n");
    assert.match(verify(["repave-production-bad.timer"]).stderr, /repave-production-bad/, "and it would have complained");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
