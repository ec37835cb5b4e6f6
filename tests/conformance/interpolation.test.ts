import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { emitYaml, parseYaml } from "../../director/yaml/index.ts";
import { type CommandOutcome, runInterpolate } from "../support/interpolate-command.ts";

interface Case {
  args: string[];
  env?: Record<string, string>;
  stdin?: string;
  note?: string;
  expect: { exit: number; compare: "yaml" | "text" | "error"; error_contains?: string[] };
}

const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const root = path.join(shared, "conformance/interpolation");
const skip = existsSync(root) ? false : `no conformance cases at ${root}`;
const names = skip ? [] : readdirSync(path.join(root, "cases"));
const scratch = mkdtempSync(path.join(tmpdir(), "interpolation-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

test("every case of the real CLI gives the same bytes or the same error", { skip, timeout: 300_000 }, async () => {
  const deviations: string[] = [];
  for (const name of names) {
    const why = await deviation(name, (item, cwd) => runInterpolate(item.args, { cwd, env: item.env ?? {}, stdin: stdinOf(item, cwd) }));
    if (why) deviations.push(`${name}: ${why}`);
  }
  console.log(`interpolation: ${names.length - deviations.length} of ${names.length} cases pass`);
  for (const line of deviations) console.log(line);
  assert.ok(names.length > 0);
  assert.equal(deviations.length, 0, deviations.join("\n"));
});

const throughTheShell = ["edge-cli--manifest-stdin-with-ops", "edge-cli--double-dash", "edge-cli--unknown-flag", "edge-path--multiline-keep", "edge-vars--env-style", "cfd-base--plain"];

for (const name of throughTheShell.filter((wanted) => skip || names.includes(wanted))) {
  test(`as a process: ${name}`, { skip }, async () => {
    const main = path.resolve(__dirname, "../../cli/repave.ts");
    const why = await deviation(name, (item, cwd) => {
      const env = { PATH: process.env["PATH"], HOME: scratch, ...item.env };
      const tsx = require.resolve("tsx");
      const result = spawnSync(process.execPath, ["--import", tsx, main, "int", ...item.args], { cwd, env, input: stdinOf(item, cwd) });
      return Promise.resolve({ code: result.status ?? 255, stdout: result.stdout.toString(), stderr: result.stderr.toString() });
    });
    assert.equal(why, undefined);
  });
}

const digests: [ops: string[], digest: string][] = [
  [[], "15a6d64343b1a53d"],
  [["operations/windows2019-cell.yml"], "15249ada301251ba"],
  [["operations/use-haproxy.yml"], "de9ab54be5da3a3f"],
  [["operations/set-bbs-active-key.yml"], "2030f006bf844aef"],
  [["iaas-support/softlayer/add-system-domain-dns-alias.yml"], "9fb3bfe5a513a021"],
  [["operations/backup-and-restore/enable-backup-restore.yml", "operations/backup-and-restore/skip-backup-restore-droplets.yml"], "97920672f4d51a1b"],
  [["operations/use-external-blobstore.yml", "operations/use-s3-blobstore.yml"], "7c07def5b44017ae"],
  [["operations/bosh-lite.yml"], "c40a4b22ebb2d976"],
  [["operations/use-postgres.yml"], "3f52faba04a70ea3"],
];

for (const [ops, digest] of digests) {
  test(`cf-deployment with ${ops.join(" and ") || "nothing"} has the digest of BOSH's output`, { skip }, async () => {
    const { stdout, stderr } = await runInterpolate(["cf-deployment.yml", ...ops.flatMap((file) => ["-o", file])], { cwd: path.join(root, "cf-deployment") });
    assert.equal(stderr, "");
    assert.equal(createHash("sha256").update(stdout).digest("hex").slice(0, 16), digest);
  });
}

function stdinOf(item: Case, cwd: string): Buffer | string {
  return item.stdin === undefined ? "" : readFileSync(path.join(cwd, item.stdin));
}

async function deviation(name: string, run: (item: Case, cwd: string) => Promise<CommandOutcome>): Promise<string | undefined> {
  const source = path.join(root, "cases", name);
  const item = JSON.parse(readFileSync(path.join(source, "case.json"), "utf8")) as Case;
  const cwd = item.args.includes("--vars-store") ? writable(name) : source;
  const { code, stdout, stderr } = await run(item, cwd);
  const { exit, compare, error_contains: parts = [] } = item.expect;
  if (exit !== 0) {
    if (code < 1 || code > 123) return `exit ${code} instead of an error`;
    const said = flat(`${stderr}\n${stdout}`);
    const lacking = parts.filter((part) => !said.includes(flat(part)));
    return lacking.length === 0 ? undefined : `lacks "${lacking.join('", "')}" in "${said}"`;
  }
  if (code !== 0) return `exit ${code}: ${stderr}`;
  const file = path.join(source, compare === "text" ? "expected.txt" : "expected.yml");
  const expected = readFileSync(file, "utf8").replaceAll("$CASE_DIR", cwd);
  const ordered = !item.note?.includes("not deterministic");
  if (ordered ? stdout === expected : normal(stdout) === normal(expected)) return undefined;
  return `expected ${JSON.stringify(expected.slice(0, 300))}, got ${JSON.stringify(stdout.slice(0, 300))}`;
}

/** A copy of a case that may be written to, beside the files that cases name with `../..`. */
function writable(name: string): string {
  const to = path.join(scratch, "cases", name);
  mkdirSync(path.dirname(to), { recursive: true });
  if (!existsSync(path.join(scratch, "cf-deployment"))) symlinkSync(path.join(root, "cf-deployment"), path.join(scratch, "cf-deployment"));
  cpSync(path.join(root, "cases", name), to, { recursive: true });
  return to;
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function normal(text: string): string {
  return emitYaml(parseYaml(text).value);
}
