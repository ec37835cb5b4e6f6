import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { instanceInput, readJobFolder, rubyRenderer } from "../../provider/templates/index.ts";

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

for (const release of skip ? [] : folders(root)) {
  const cases = path.join(root, release, "cases");
  for (const job of folders(cases)) {
    for (const set of folders(path.join(cases, job))) {
      test(`${release}/${job}/${set}`, { skip }, async () => {
        await check(path.join(cases, job, set));
        passed++;
      });
    }
  }
}

async function check(dir: string): Promise<void> {
  const { job_dir, input, expect } = JSON.parse(readFileSync(path.join(dir, "case.json"), "utf8")) as { job_dir: string; input: string; expect: Expectation };
  const result = await render(path.resolve(dir, job_dir), path.join(dir, input));
  if (expect.exit !== 0) {
    assert.ok(typeof result === "string", "an error was expected");
    for (const error of expect.errors ?? []) {
      if (error.template) assert.ok(flat(result).includes(error.template), `no error for template ${error.template} in: ${result}`);
      const texts = [error.message, error.message_ruby4].filter((text) => text !== undefined).map(flat);
      if (error.exact) assert.ok(texts.some((text) => flat(result).includes(text)), `not in the error: ${error.message}; got ${result}`);
    }
    return;
  }
  assert.ok(result instanceof Map, `rendering failed: ${String(result)}`);
  assert.deepEqual([...result.keys()].sort(), Object.keys(expect.files ?? {}).sort());
  for (const [dest, file] of Object.entries(expect.files ?? {})) {
    if (expect.skip?.includes(dest)) continue;
    const newer = expect.files_ruby4?.[dest];
    const got = result.get(dest)!.toString("latin1");
    if (newer === undefined || readFileSync(path.join(dir, newer), "latin1") !== got) assert.equal(got, readFileSync(path.join(dir, file), "latin1"), dest);
  }
}

async function render(jobDir: string, inputFile: string): Promise<Map<string, Buffer> | string> {
  try {
    const [job] = (await renderer.renderInstance(instanceInput(readFileSync(inputFile, "utf8"), await readJobFolder(jobDir)))).jobs;
    const files = [{ dest: "monit", content: job!.monit }, ...job!.files].filter(({ dest }) => dest !== ".bosh/links.json");
    return new Map(files.map(({ dest, content }) => [dest, Buffer.from(content)]));
  } catch (error) {
    if (error instanceof RepaveError) return error.message;
    throw error;
  }
}

const flat = (text: string) => text.replace(/\s+/g, " ").trim();

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
