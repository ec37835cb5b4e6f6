import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { parseYaml, toPlain } from "../../director/yaml/index.ts";
import type { Keys, RsaKey } from "../../director/variables/keys.ts";
import { keyPool } from "../../provider/variables/key-pool.ts";
import { systemKeys } from "../../provider/variables/system-keys.ts";
import { VarsStore } from "../../provider/variables/vars-store.ts";
import { runInterpolate } from "../support/interpolate-command.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "store-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
let cwd = scratch;
let turn = 0;

beforeEach(() => {
  cwd = mkdtempSync(path.join(scratch, `${turn++}-`));
});

const put = (name: string, text: string): void => writeFileSync(path.join(cwd, name), text);
const stored = (name = "store.yml"): Record<string, unknown> => toPlain(parseYaml(readFileSync(path.join(cwd, name))).value) as Record<string, unknown>;

test("a value from elsewhere wins over the store, the store over generation, and both keep it unchanged", async () => {
  put("m.yml", "a: [((p)), ((q)), ((r))]\nvariables: [{name: p, type: password}, {name: q, type: password}, {name: r, type: password}]\n");
  put("store.yml", "q: kept\n'null': x\nr: ~\n");
  const { stdout } = await runInterpolate(["m.yml", "--vars-store", "store.yml", "-v", "p=given"], { cwd });
  assert.equal(stdout, "a:\n- given\n- kept\n- null\nvariables: []\n");
  assert.deepEqual(stored(), { q: "kept", null: "x", r: null });
});

test("after an error the earlier values are kept", async () => {
  put("m.yml", "variables: [{name: p, type: password}, {name: bad, type: user}, {name: late, type: password}]\n");
  const { code, stderr } = await runInterpolate(["m.yml", "--vars-store", "store.yml"], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /Getting all variables from variable definitions sections: Generating variable 'bad': Unsupported value type: user/);
  assert.match(stderr, /m\.yml:1:\d+\n +> 1 \| variables:/);
  assert.deepEqual(Object.keys(stored()), ["p"]);
});

test("the file is private, replaced as a whole, and a link to it stays a link", async () => {
  put("real.yml", "old: 1\n");
  chmodSync(path.join(cwd, "real.yml"), 0o644);
  symlinkSync("real.yml", path.join(cwd, "store.yml"));
  const store = await VarsStore.open(path.join(cwd, "store.yml"));
  for (let i = 0; i < 50; i++) store.set(`v${i}`, `x\n${i}`);
  await store.written();
  assert.ok(lstatSync(path.join(cwd, "store.yml")).isSymbolicLink());
  assert.equal(statSync(path.join(cwd, "real.yml")).mode & 0o777, 0o600);
  assert.deepEqual(Object.keys(stored("real.yml")).length, 51);
  assert.deepEqual(readdirSync(cwd).sort(), ["real.yml", "store.yml"]);
});

test("without anything to generate no store is written", async () => {
  put("m.yml", "a: ((implicit))\nvariables: [{name: untyped}]\n");
  const { stdout } = await runInterpolate(["m.yml", "--vars-store", "store.yml"], { cwd });
  assert.equal(stdout, "a: ((implicit))\nvariables:\n- name: untyped\n");
  assert.equal(existsSync(path.join(cwd, "store.yml")), false);
});

test("a store that is no map is refused without showing it", async () => {
  put("m.yml", "a: ((x))\n");
  put("store.yml", "s3cret\n");
  const { code, stderr } = await runInterpolate(["m.yml", "--vars-store", "store.yml"], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /Deserializing variables file store '.*store\.yml'/);
  assert.doesNotMatch(stderr, /s3cret/);
});

test("a store that is no map is not looked at while flags have all values", async () => {
  put("m.yml", "a: ((p))\nvariables: [{name: p, type: password}]\n");
  put("store.yml", "3.5\n");
  assert.equal((await runInterpolate(["m.yml", "--vars-store", "store.yml", "-v", "p=given"], { cwd })).stdout, "a: given\nvariables: []\n");
  assert.match((await runInterpolate(["m.yml", "--vars-store", "store.yml"], { cwd })).stderr, /Deserializing variables file store/);
});

test("a store that cannot be written is an error", async () => {
  put("m.yml", "variables: [{name: p, type: password}]\n");
  put("file", "");
  const { code, stderr } = await runInterpolate(["m.yml", "--vars-store", "file/store.yml"], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /file store/);
});

test("a CA may come from elsewhere and then is not stored", async () => {
  put("ca.yml", "variables: [{name: ca, type: certificate, options: {is_ca: true, key_length: 2048, common_name: ca}}]\n");
  await runInterpolate(["ca.yml", "--vars-store", "vars.yml"], { cwd });
  put("m.yml", 'variables: [{name: leaf, type: certificate, options: {ca: ca, key_length: 2048, common_name: "*.((domain))"}}]\nc: ((leaf.ca))\n');
  const { stdout } = await runInterpolate(["m.yml", "--vars-store", "store.yml", "-l", "vars.yml", "-v", "domain=d.example"], { cwd });
  assert.deepEqual(Object.keys(stored()), ["leaf"]);
  const { ca } = stored("vars.yml") as { ca: { certificate: string } };
  assert.deepEqual(toPlain(parseYaml(stdout).value), { c: ca.certificate, variables: [] });
});

test("after Ctrl-C nothing more is generated, and what was is kept", { timeout: 60_000 }, async () => {
  put("m.yml", `variables: [${Array.from({ length: 40 }, (_, i) => `{name: k${i}, type: rsa}`).join(", ")}]\n`);
  const stop = new AbortController();
  const run = runInterpolate(["m.yml", "--vars-store", "store.yml"], { cwd, signal: stop.signal });
  while (!existsSync(path.join(cwd, "store.yml"))) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  const { code, stderr } = await run;
  assert.equal(code, 8);
  assert.match(stderr, /cancelled/);
  const names = Object.keys(stored());
  assert.ok(names.length >= 1 && names.length < 40, `${names.length} generated`);
});

test("keys are made ahead, as many at a time as allowed, each handed out once", async () => {
  let running = 0;
  let most = 0;
  let made = 0;
  const slow: Keys = {
    ...systemKeys,
    async rsaKey(bits) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return { privateKey: `${bits}-${made++}` } as RsaKey;
    },
  };
  const pool = keyPool(slow, 3);
  pool.expect([2048, 3072, 2048, 2048, 3072]);
  const names: string[] = [];
  for (const bits of [3072, 2048, 3072, 2048, 2048, 4096]) names.push((await pool.rsaKey(bits)).privateKey);
  assert.deepEqual(names.map((name) => name.split("-")[0]), ["3072", "2048", "3072", "2048", "2048", "4096"]);
  assert.deepEqual([new Set(names).size, made], [6, 6]);
  assert.ok(most <= 4, `${most} at a time`);
  pool.expect(Array(100).fill(2048));
  pool.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(made <= 9);
});
