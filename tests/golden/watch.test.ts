import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { findProblems, type InstanceView } from "../../director/repair/problems.ts";
import { decideRound, emptyMemory, remember } from "../../director/repair/watch.ts";

const folder = path.join(__dirname, "watch");
const rewrite = process.env["UPDATE_GOLDENS"] === "1";
const agent = { jobState: "running", processes: [{ name: "web", state: "running" }], configurationHash: "c1", packages: {}, diskMounted: true };

type Health = "well" | "dead" | "silent" | "failing" | "failed update" | "drifted";

/** `sick` says how instances are in a round, by index; `at` when the round is, in seconds. All others are well. */
interface Round {
  at: number;
  sick?: Record<number, Health>;
}

function view(index: number, health: Health): InstanceView {
  const base: InstanceView = { label: `api/${index}`, selector: `api/id${index}`, desired: "started", unfinished: false, vm: "running", vmCid: `vm-${index}`, configurationHash: "c1", packages: [], disk: "", agent };
  switch (health) {
    case "dead":
      return { ...base, vm: "dead", agent: undefined };
    case "silent":
      return { ...base, agent: undefined };
    case "failing":
      return { ...base, agent: { ...agent, jobState: "failing", processes: [{ name: "web", state: "failing" }] } };
    case "failed update":
      return { ...base, unfinished: true, agent: { ...agent, jobState: "stopped", processes: [] } };
    case "drifted":
      return { ...base, agent: { ...agent, configurationHash: "c0" } };
    default:
      return base;
  }
}

function transcript(instances: number, rounds: readonly Round[]): string {
  const lines: string[] = [];
  let memory = emptyMemory;
  for (const { at, sick = {} } of rounds) {
    const now = at * 1000;
    const problems = findProblems({ instances: Array.from({ length: instances }, (_, i) => view(i, sick[i] ?? "well")) });
    const round = decideRound(problems, instances, memory, { now });
    memory = remember(memory, problems, { now, done: round });
    lines.push(`${at} s: ${problems.map((p) => `${p.subject} ${p.kind}`).join(", ") || "all well"}`);
    if (round.meltdown) lines.push(`  meltdown: ${round.meltdown.down} of ${round.meltdown.instances} are down or were made anew a moment ago; nothing is repaired`);
    if (round.recreate.length > 0) lines.push(`  new VM: ${round.recreate.join(", ")}`);
    if (round.restart.length > 0) lines.push(`  jobs again: ${round.restart.join(", ")}`);
    for (const { problem, why } of round.left) lines.push(`  left: ${problem.subject} ${problem.kind}: ${why}`);
  }
  return `${lines.join("\n")}\n`;
}

const each = (indexes: number[], health: Health) => Object.fromEntries(indexes.map((i) => [i, health]));

const scenarios: Record<string, () => string> = {
  "a VM dies and is made anew": () => transcript(3, [{ at: 0 }, { at: 30, sick: { 1: "dead" } }, { at: 60 }]),
  "an agent is silent for one round only": () => transcript(3, [{ at: 0, sick: { 1: "silent" } }, { at: 30 }, { at: 60, sick: { 1: "silent" } }]),
  "an agent stays silent": () => transcript(3, [{ at: 0, sick: { 1: "silent" } }, { at: 30, sick: { 1: "silent" } }, { at: 60 }]),
  "a job that never comes up is tried at growing intervals": () =>
    transcript(3, Array.from({ length: 16 }, (_, i) => ({ at: i * 60, sick: { 2: "failing" as const } }))),
  "what an update left is kept for a human": () => transcript(3, [{ at: 0, sick: { 0: "failed update", 1: "drifted" } }, { at: 30, sick: { 0: "failed update", 1: "drifted" } }, { at: 60, sick: { 0: "failed update", 1: "dead" } }]),
  "an AZ of a large environment is lost: a meltdown, until it is back": () =>
    transcript(24, [{ at: 0, sick: each([0, 3, 6, 9, 12, 15, 18, 21], "silent") }, { at: 30, sick: each([0, 3, 6, 9, 12, 15, 18, 21], "silent") }, { at: 60, sick: each([0, 3], "dead") }, { at: 90 }]),
  "an AZ of a small environment is lost: its VMs are made anew": () => transcript(6, [{ at: 0, sick: each([0, 3], "dead") }, { at: 30 }]),
  "VMs die one after another: a slow meltdown is one too": () =>
    transcript(10, [0, 1, 2, 3, 4, 5].map((i) => ({ at: i * 60, sick: { [i]: "dead" as const } }))),
  "many are down among very many: five at a time": () => transcript(100, [{ at: 0, sick: each([1, 2, 3, 4, 5, 6, 7], "dead") }, { at: 30, sick: each([6, 7], "dead") }, { at: 60 }]),
};

if (rewrite) mkdirSync(folder, { recursive: true });
for (const [name, play] of Object.entries(scenarios)) {
  test(name, () => {
    const text = `# ${name}\n${play()}`;
    const file = path.join(folder, `${name.replaceAll(" ", "-").replaceAll(":", "")}.txt`);
    if (rewrite) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), `${file}; accept with UPDATE_GOLDENS=1`);
  });
}
