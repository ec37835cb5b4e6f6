import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { rubyRenderer } from "../../provider/templates/index.ts";
import { foldersIn, renderCase } from "../support/render-case.ts";

interface Expectation {
  exit: number;
  files?: Record<string, string>;
  files_ruby4?: Record<string, string>;
  skip?: string[];
  errors?: { template?: string | null; message: string; message_ruby4?: string; exact: boolean }[];
}

const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const root = path.join(shared, "conformance/templates/releases");
const skip = existsSync(root) ? false : `no conformance cases at ${root}`;
const renderer = rubyRenderer({ threads: 2 });
let passed = 0;
after(async () => {
  await renderer.close();
  console.log(`templates: ${passed} as expected, no deviation`);
});

for (const release of skip ? [] : foldersIn(root)) {
  const cases = path.join(root, release, "cases");
  for (const job of foldersIn(cases)) {
    for (const set of foldersIn(path.join(cases, job))) {
      test(`${release}/${job}/${set}`, { skip }, async () => {
        await check(path.join(cases, job, set));
        passed++;
      });
    }
  }
}

async function check(dir: string): Promise<void> {
  const { job_dir, input, expect } = JSON.parse(readFileSync(path.join(dir, "case.json"), "utf8")) as { job_dir: string; input: string; expect: Expectation };
  const result = await renderCase(renderer, path.resolve(dir, job_dir), path.join(dir, input));
  if (expect.exit !== 0) {
    assert.ok("error" in result, "an error was expected");
    const text = flat(result.error);
    for (const error of expect.errors ?? []) {
      if (error.template) assert.ok(text.includes(error.template), `no error for template ${error.template} in: ${text}`);
      const texts = [error.message, error.message_ruby4].filter((text) => text !== undefined).map(flat);
      if (error.exact) assert.ok(texts.some((wanted) => text.includes(wanted)), `not in the error: ${error.message}; got ${text}`);
    }
    return;
  }
  assert.ok("files" in result, `rendering failed: ${"error" in result ? result.error : ""}`);
  assert.deepEqual([...result.files.keys()].sort(), Object.keys(expect.files ?? {}).sort());
  for (const [dest, file] of Object.entries(expect.files ?? {})) {
    if (expect.skip?.includes(dest)) continue;
    const newer = expect.files_ruby4?.[dest];
    const got = result.files.get(dest)!.toString("latin1");
    if (newer === undefined || readFileSync(path.join(dir, newer), "latin1") !== got) assert.equal(got, readFileSync(path.join(dir, file), "latin1"), dest);
  }
}

const flat = (text: string) => text.replace(/\s+/g, " ").trim();
