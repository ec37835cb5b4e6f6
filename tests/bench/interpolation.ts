// Measures `repave interpolate` as whole processes on cf-deployment: with six ops files, with a new and with a filled vars store.
// As a program: interpolation.ts CLI (the built dist/cli/repave.js). Prints one JSON object per number; nothing without the shared files.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const [cli] = process.argv.slice(2);
const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const cwd = path.join(shared, "conformance/interpolation/cf-deployment");
const ops = ["windows2019-cell", "use-haproxy", "set-bbs-active-key", "backup-and-restore/enable-backup-restore", "use-postgres", "scale-to-one-az"];

const report = (name: string, seconds: number, target: number): void => console.log(JSON.stringify({ name, value: Math.round(seconds * 100) / 100, unit: "s", target }));

function timed(args: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [path.resolve(cli as string), "int", "cf-deployment.yml", ...args], { cwd, maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(stderr.toString());
  return (performance.now() - began) / 1000;
}

function median(runs: number, measure: () => number): number {
  return Array.from({ length: runs }, measure).sort((a, b) => a - b)[runs >> 1] as number;
}

function main(): void {
  if (cli === undefined) throw new Error("usage: interpolation.ts CLI");
  if (!existsSync(cwd)) return console.log(JSON.stringify({ name: "interpolation", skipped: `no ${cwd}` }));
  const scratch = mkdtempSync(path.join(tmpdir(), "repave-bench-"));
  const store = ["-v", "system_domain=cf.example.com", "--vars-store", path.join(scratch, "store.yml")];
  try {
    report("six ops files", median(5, () => timed(ops.flatMap((name) => ["-o", `operations/${name}.yml`]))), 0.5);
    report("132 variables, generated", timed(store), 20);
    report("132 variables, from the store", median(5, () => timed(store)), 1);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main();
