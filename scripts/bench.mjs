// Measures and prints a table, or with --json a list; writes nothing. As a program: bench.mjs [--json] [NAME...]
// A bench is a program tests/bench/NAME.ts that prints one figure a line ({name, value, unit, target}, see figure.ts),
// or a module there that exports `bench`, {name, run(report)}.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { build, isBuilt } from "./build.mjs";

const root = path.resolve(import.meta.dirname, "..");
const folder = path.join(root, "tests", "bench");
const cli = path.join(root, "dist", "cli", "repave.js");
const given = { "local-vms": [path.join(root, "dist", "agent", "agent.cjs"), "100"], interpolation: [cli], "offline-plan": [cli], "plan-500": [cli] };
const json = process.argv.includes("--json");
const wanted = process.argv.slice(2).filter((a) => !a.startsWith("-"));
const known = readdirSync(folder).filter((f) => f.endsWith(".ts") && f !== "figure.ts").map((f) => f.slice(0, -3)).sort();
const atLeast = new Set(["VMs"]);
let current;

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => current?.kill(signal));
for (const name of wanted.filter((w) => !known.includes(w))) {
  process.stderr.write(`error: there is no bench '${name}'\n  next: name some of ${known.join(", ")}, or none for all\n`);
  process.exit(2);
}
if (!isBuilt()) await build();

const machine = { cpus: `${os.availableParallelism()} x ${os.cpus()[0]?.model.trim()}`, memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`, system: `${os.type()} ${os.release()}`, node: process.versions.node };
const busy = os.loadavg()[0];
const figures = [];
let broken = 0;
for (const name of wanted.length > 0 ? wanted : known) {
  process.stderr.write(`  ${name} ...\n`);
  const { code, lines } = await run(name);
  figures.push(...lines.map((line) => ({ bench: name, ...line })));
  if (code !== 0) broken++, figures.push({ bench: name, name, failed: `ended with ${code}` });
}
if (json) console.log(JSON.stringify({ date: new Date().toISOString(), machine, load: { before: busy, after: os.loadavg()[0] }, figures }, null, 2));
else print();
process.exitCode = broken > 0 ? 1 : 0;

function run(name) {
  const code = `const { bench } = require(${JSON.stringify(path.join(folder, `${name}.ts`))}); bench?.run((figure) => console.log(JSON.stringify(figure)));`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", code, "--", name, ...(given[name] ?? [])], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  current = child;
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code: code ?? signal, lines })));
}

function print() {
  console.log(`${machine.cpus}, ${machine.memory}, ${machine.system}, Node ${machine.node}; load average ${busy.toFixed(1)} before, ${os.loadavg()[0].toFixed(1)} after\n`);
  const rows = figures.map((f) => [f.name, f.value === undefined ? `${f.failed ? "failed" : "skipped"}: ${f.failed ?? f.skipped}` : `${f.value} ${f.unit}`, target(f), f.note ?? ""]);
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((r) => r[i].length)));
  for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd());
}

function target(figure) {
  if (figure.target === undefined) return "";
  if (figure.least !== undefined) return `${figure.least} to ${figure.target} ${figure.unit}: ${figure.value >= figure.least && figure.value <= figure.target ? "met" : "MISSED"}`;
  const least = atLeast.has(figure.unit);
  const met = least ? figure.value >= figure.target : figure.value <= figure.target;
  return `${least ? ">=" : "<="} ${figure.target} ${figure.unit}: ${met ? "met" : "MISSED"}`;
}
