// Runs the test files named by their folder under tests/ (default: all that `make test` runs) with node's own runner.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
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
const traces = path.join(mkdtempSync(path.join(os.tmpdir(), "repave-traces-")), "traces");
writeFileSync(traces, "");
const child = spawn(
  process.execPath,
  ["--import", "tsx", "--test", "--test-reporter", "spec", "--test-concurrency", process.env.TEST_CONCURRENCY ?? "3", ...flags, ...files],
  { cwd: root, stdio: "inherit", env: { ...process.env, NO_COLOR: "1", REPAVE_TEST_TRACES: traces } },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  // A stopped test runs no `after` hook: what it left goes now.
  if (readFileSync(traces, "utf8") !== "") {
    const work = `require("./tests/support/traces.ts").removeTraces(${JSON.stringify(traces)}).catch((error) => { console.error(error); process.exit(1); })`;
    spawnSync(process.execPath, ["--import", "tsx", "-e", work], { cwd: root, stdio: "inherit" });
  }
  rmSync(path.dirname(traces), { recursive: true, force: true });
  process.exit(signal ? 130 : (code ?? 1));
});
