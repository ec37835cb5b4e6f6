import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { templateDeviations } from "../../director/templates/deviations.ts";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { foldersIn, renderCase, type RenderResult } from "../support/render-case.ts";

const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const root = path.join(shared, "conformance/rendering/render");
const skip = existsSync(root) ? false : `no conformance cases at ${root}`;
const releases = skip ? [] : foldersIn(root);
const canary = "a-value-of-the-environment";
process.env["AUTHORED_SECRET"] = canary;
const renderer = rubyRenderer({ threads: 2, timeLimit: 4000 });
after(() => renderer.close());

/** Cases whose answer is not the older Director's, by the deviation that allows it. */
const deviating = new Map<string, string[]>();
const counts = new Map<string, number>();
after(() => {
  for (const [release, count] of counts) console.log(`rendering/${release}: ${count} as expected`);
  for (const [id, cases] of deviating) console.log(`deviation ${id}: ${cases.join(", ")}`);
});

for (const release of releases) {
  for (const job of readdirSync(path.join(root, release, "jobs"))) {
    const dir = path.join(root, release, "jobs", job);
    for (const name of readdirSync(path.join(dir, "cases"))) {
      test(`${release}/${job}/${name}`, { skip }, async () => {
        await check(dir, path.join(dir, "cases", name), release);
        counts.set(release, (counts.get(release) ?? 0) + 1);
      });
    }
  }
}

async function check(jobDir: string, caseDir: string, release: string): Promise<void> {
  await checkResult(await renderCase(renderer, jobDir, path.join(caseDir, "input.json")), caseDir, release);
}

/** Notes that a case's answer differs from the older Director's; only jobs named in the list of deviations may. */
function deviates(caseDir: string): void {
  const job = path.basename(path.join(caseDir, "../.."));
  const allowed = templateDeviations.filter((deviation) => deviation.jobs?.includes(job));
  assert.ok(allowed.length > 0, `'${job}' differs and no deviation explains it`);
  const ids = allowed.map((deviation) => deviation.id).join(" or ");
  deviating.set(ids, [...(deviating.get(ids) ?? []), `${job}/${path.basename(caseDir)}`]);
}

async function checkResult(result: RenderResult, caseDir: string, release: string): Promise<void> {
  if (release === "hostile") return await checkHostile(result, caseDir);
  if (release === "wasm-limits" && !caseDir.endsWith("yaml-30") && "error" in result) {
    assert.match(result.error, /template 'd\.erb' .*nested too deep/);
    return deviates(caseDir);
  }
  const observed = release === "ruby-version-sensitive";
  const expected = path.join(caseDir, observed && existsSync(path.join(caseDir, "observed-ruby-3.4")) ? "observed-ruby-3.4" : "expected");
  const errorFile = ["observed-ruby-3.4-error.txt", "expected-error.txt"].map((f) => path.join(caseDir, f)).find((f) => existsSync(f));
  if (errorFile && !existsSync(expected)) {
    assert.ok("error" in result, "an error was expected");
    assert.equal(normal(result.error), normal(located(readFileSync(errorFile, "utf8"))));
    const older = path.join(caseDir, "expected-error.txt");
    if (observed && (!existsSync(older) || normal(readFileSync(older, "utf8")) !== normal(result.error))) deviates(caseDir);
    return;
  }
  assert.ok("files" in result, `rendering failed: ${"error" in result ? result.error : ""}`);
  const wanted = filesBelow(expected);
  assert.deepEqual([...result.files.keys()].sort(), wanted.sort());
  for (const file of wanted) {
    const want = readFileSync(path.join(expected, file));
    const got: Buffer = result.files.get(file)!;
    if (!got.equals(want)) assert.equal(mask(got.toString("latin1")), mask(want.toString("latin1")), file);
  }
  if (observed && wanted.some((file) => !sameAsOlder(path.join(caseDir, "expected", file), result.files.get(file)!))) deviates(caseDir);
}

// Cases whose files may come out, as long as nothing of this machine is in them; all others have to end as an error.
const mayRender = /^(redefine-core|env|huge-output)\/|^exit-and-abort\/at-exit$/;

async function checkHostile(result: RenderResult, caseDir: string): Promise<void> {
  const name = `${path.basename(path.join(caseDir, "../.."))}/${path.basename(caseDir)}`;
  if ("error" in result) assert.match(result.error, /^Unable to render jobs for instance group .*\n  - Unable to render templates for job .*\n    - Error filling in template '/);
  else assert.match(name, mayRender, `rendered: ${[...result.files.keys()].join(", ")}`);
  const text = "error" in result ? result.error : [...result.files.values()].join("\n");
  for (const secret of [canary, process.env["HOME"] ?? "/root", "root:x:"]) assert.ok(!text.includes(secret), `a value of this machine came out: ${secret}`);
  assert.deepEqual(readdirSync("/tmp").filter((file) => file.startsWith("authored-")), []);
  const clean = path.join(root, "properties/jobs/p-basic");
  await check(clean, path.join(clean, "cases/defaults"), "properties");
}

function sameAsOlder(file: string, got: Buffer): boolean {
  return existsSync(file) && mask(readFileSync(file, "latin1")) === mask(got.toString("latin1"));
}

function filesBelow(dir: string, at = ""): string[] {
  return readdirSync(path.join(dir, at), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? filesBelow(dir, path.join(at, e.name)) : [path.join(at, e.name)]));
}

/** An error of Ruby's parser as ours names it: see the deviation `syntax-error-line`. */
const located = (text: string) => text.replace(/\(line \(unknown\): (\S+:(\d+): syntax errors? found[^]*)/, (_, message: string, line: string) => `(line ${line}: ${message.replace(/\u001b\[[0-9;]*m/g, "")}`);

const mask = (text: string) => text.replace(/0x[0-9a-f]{16}|0x[0-9a-f]{8}|0xADDRESS/g, "0xADDRESS");

function normal(text: string): string {
  let lines = mask(text).replace(/\n$/, "").split("\n").map((line) => line.trimEnd());
  const header = lines.findIndex((line) => /^\s*(- )?Unable to render templates for job '.*'\. Errors are:$/.test(line));
  if (header >= 0) lines = lines.slice(header);
  else while (lines.length > 1 && /Errors are:$/.test(lines[0]!)) lines.shift();
  const indent = /^ */.exec(lines[0]!)![0].length;
  lines = lines.map((line) => (line.slice(0, indent).trim() === "" ? line.slice(indent) : line));
  return [lines[0]!.replace(/^- /, ""), ...lines.slice(1)].join("\n");
}
