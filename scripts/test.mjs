// Runs the test files named by their folder under tests/ (default: all that `make test` runs) with node's own runner.
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const suites = process.argv.slice(2).filter((a) => !a.startsWith("-"));
const flags = process.argv.slice(2).filter((a) => a.startsWith("-"));
const chosen = suites.length > 0 ? suites : ["unit", "property", "golden", "conformance", "engine", "e2e"];

function testFiles(at) {
  const full = path.resolve(root, at);
  if (statSync(full).isFile()) return [full];
  return readdirSync(full, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? testFiles(path.join(full, e.name)) : e.name.endsWith(".test.ts") ? [path.join(full, e.name)] : []))
    .sort();
}

const files = chosen.flatMap((s) => testFiles(s.includes("/") ? s : path.join("tests", s)));
const child = spawn(
  process.execPath,
  ["--import", "tsx", "--test", "--test-reporter", "spec", "--test-concurrency", process.env.TEST_CONCURRENCY ?? "3", ...flags, ...files],
  { cwd: root, stdio: "inherit", env: { ...process.env, NO_COLOR: "1" } },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
