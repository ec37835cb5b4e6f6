import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "..", "..");
const rooms = ["stacks", "components", "director", "provider", "agent", "cli", "policies"];

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(file) : /\.ts$/.test(entry.name) ? [file] : [];
  });
}

/** What each file imports of ours at run time or as types, as paths from the root. */
function importsOf(file: string): { target: string; typeOnly: boolean; lazy: boolean }[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = [...text.matchAll(/^(import|export)(\s+type)?\b[^;]*?\sfrom\s+"(\.[^"]+)"|(await\s+)?import\("(\.[^"]+)"\)/gm)];
  return found.map((m) => ({ target: path.join(path.dirname(file), m[3] ?? m[5] ?? ""), typeOnly: m[2] !== undefined, lazy: m[5] !== undefined }));
}

const files = rooms.filter((room) => readdirSync(root).includes(room)).flatMap(sources);
const graph = new Map(files.map((file) => [file, importsOf(file)]));

const mayImport: Record<string, (target: string) => boolean> = {
  director: (t) => t.startsWith("director/"),
  provider: (t) => t.startsWith("provider/") || t.startsWith("director/"),
  agent: (t) => t.startsWith("agent/") || t.startsWith("director/protocol/"),
  components: (t) => t.startsWith("components/") || t.startsWith("director/") || t.startsWith("provider/resources/"),
  stacks: (t) => t.startsWith("stacks/") || t === path.join("components", "index.ts"),
  policies: (t) => t.startsWith("policies/") || t.startsWith("components/"),
  cli: () => true,
};

test("every room imports only what it may", () => {
  const wrong = [...graph].flatMap(([file, imports]) => imports.filter(({ target }) => !mayImport[file.split(path.sep)[0]!]!(target)).map(({ target }) => `${file} imports ${target}`));
  assert.deepEqual(wrong, []);
});

test("no adapter imports another", () => {
  const adapterOf = (file: string) => /^components\/iaas\/([^/]+)\//.exec(file)?.[1];
  const wrong = [...graph].flatMap(([file, imports]) => imports.filter(({ target }) => adapterOf(file) && adapterOf(target) && adapterOf(file) !== adapterOf(target)).map(({ target }) => `${file} imports ${target}`));
  assert.deepEqual(wrong, []);
});

test("the director does no I/O and knows no clock", () => {
  const forbidden = /\bfrom "node:(fs|net|http|https|child_process|os|tls|dgram|timers)(\/[^"]*)?"|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bprocess\.env\b|\bconsole\./;
  const wrong = files.filter((f) => f.startsWith("director/")).flatMap((file) => {
    const hit = forbidden.exec(readFileSync(path.join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""));
    return hit ? [`${file}: ${hit[0]}`] : [];
  });
  assert.deepEqual(wrong, []);
});

test("nothing imports in a circle at run time", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") return void circles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
    state.set(file, "open");
    for (const { target, typeOnly, lazy } of graph.get(file) ?? []) if (!typeOnly && !lazy && graph.has(target)) visit(target, [...trail, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test("no folder is added to the top level without a decision", () => {
  const known = [...rooms, "docs", "node_modules", "releases", "scripts", "tests", "dist"];
  const found = readdirSync(root, { withFileTypes: true }).filter((e) => e.isDirectory() && !e.name.startsWith(".")).map((e) => e.name);
  assert.deepEqual(found.filter((name) => !known.includes(name)), []);
});
