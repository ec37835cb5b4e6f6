// Measures `repave interpolate` as whole processes on cf-deployment: with six ops files, with a new and with a filled vars store.
// As a program: interpolation.ts CLI (the built dist/cli/repave.js). Prints one JSON object per number; nothing without the shared files.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, report, skipped } from "./figure.ts";

const [cli] = process.argv.slice(2);
const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const cwd = path.join(shared, "conformance/interpolation/cf-deployment");
const ops = ["windows2019-cell", "use-haproxy", "set-bbs-active-key", "backup-and-restore/enable-backup-restore", "use-postgres", "scale-to-one-az"];

/** A BOSH CLI to measure beside ours, if the tester has one. */
const peer = process.env["BOSH_BIN"];

function timed(args: readonly string[], program = [process.execPath, path.resolve(cli as string)]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(program[0] as string, [...program.slice(1), "int", "cf-deployment.yml", ...args], { cwd, maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(stderr.toString());
  return (performance.now() - began) / 1000;
}

const medianOf = (runs: number, measure: () => number): number => median(Array.from({ length: runs }, measure));

function main(): void {
  if (cli === undefined) throw new Error("usage: interpolation.ts CLI");
  if (!existsSync(cwd)) return skipped("interpolation", `no ${cwd}`);
  const scratch = mkdtempSync(path.join(tmpdir(), "repave-bench-"));
  const store = ["-v", "system_domain=cf.example.com", "--vars-store", path.join(scratch, "store.yml")];
  try {
    const opsFiles = ops.flatMap((name) => ["-o", `operations/${name}.yml`]);
    report({ name: "interpolate with six ops files", value: medianOf(5, () => timed(opsFiles)), unit: "s", target: 0.5 });
    report({ name: "132 variables, generated", value: timed(store), unit: "s", target: 20 });
    report({ name: "132 variables, from the store", value: medianOf(5, () => timed(store)), unit: "s", target: 1 });
    if (peer === undefined) return;
    report({ name: "interpolate with six ops files, BOSH CLI", value: medianOf(5, () => timed(opsFiles, [peer])), unit: "s" });
    report({ name: "132 variables, from the store, BOSH CLI", value: medianOf(5, () => timed(store, [peer])), unit: "s" });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main();
