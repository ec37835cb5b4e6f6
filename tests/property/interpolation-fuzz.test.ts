import assert from "node:assert/strict";
import { test } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import { applyOps, evaluateTemplate, parseOpsFile } from "../../director/manifest/interpolation/index.ts";
import { nestDotted, parseVariables } from "../../director/variables/sources.ts";
import { emitYaml, parseYaml } from "../../director/yaml/index.ts";

const runs = 10_000;
const longestMs = 2000;

const manifest = `---
name: cf # note
update: &u {canaries: 1, max_in_flight: 50%}
instance_groups:
- name: web
  update: {<<: *u, serial: yes}
  jobs:
  - name: nginx
    properties: {port: 8080, "key": 'it''s', cert: ((web_tls.certificate)), text: "a\\tb \\u263a"}
    script: |
      #!/bin/sh
        echo ((greeting))

  - name: >-
      folded
      name
variables:
- name: web_tls
  type: certificate
  options: {ca: ca, common_name: "*.((domain))", alternative_names: [10.0.0.1]}
? complex
: [1.0, 0x1F, 1e6, 2026-01-02, ~, !!str 5, !!binary aGk=]
`;

const ops = `- type: replace
  path: /instance_groups/name=web/jobs/name=nginx/properties/port
  value: 9090
- type: remove
  path: /variables/name=web_tls?
- type: replace
  path: /instance_groups/-1:after
  value: &v {name: db, jobs: []}
- {type: test, path: /name, value: cf}
`;

const variables = "domain: example.com\nweb_tls: {certificate: pem, list: [1, 2]}\ngreeting: 5\nweb_tls.extra: 1\n";

const pieces = ["- ", ": ", ":", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "*u", "!!int ", "!x ", "|", ">2-", "'", '"', "#", "\n", "\n  ", "\t", "%", "---\n", "...", "<<: ", "\\x", "\0", "\ufeff", "\u2028", "\x85", "\r", "((x))", "((", "))", "/a/-", ":before", "?", "~1", "0b2", "1e999", "\u{10ffff}", "[".repeat(300), "a: ".repeat(50), "&a [*a]"];

/** Small and steady, so that a failure can be run again by its number. */
function generator(seed: number): (limit: number) => number {
  let state = seed * 2654435761;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state % limit;
  };
}

function mutated(text: string, next: (limit: number) => number): string {
  let result = text;
  for (let left = 1 + next(3); left > 0; left--) {
    const at = next(result.length + 1);
    const length = next(30);
    const kind = next(5);
    if (kind === 0) result = result.slice(0, at) + result.slice(at + length);
    else if (kind === 1) result = result.slice(0, at) + result.slice(at, at + length).repeat(1 + next(4)) + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + String.fromCharCode(next(256)) + result.slice(at + 1);
    else result = result.slice(0, at) + (pieces[next(pieces.length)] as string) + result.slice(at);
  }
  return result;
}

test(`${runs} mutated manifests, ops files and vars files give an answer or a clear error`, { timeout: 300_000 }, async () => {
  const counts = { answers: 0, errors: 0 };
  for (let run = 1; run <= runs; run++) {
    const next = generator(run);
    const which = next(3);
    const input = [manifest, ops, variables].map((text, i) => (i === which ? mutated(text, next) : text));
    const started = performance.now();
    try {
      await evaluated(input as [string, string, string]);
      counts.answers++;
    } catch (error) {
      assert.ok(error instanceof RepaveError, `run ${run}: ${(error as Error).stack}\n${input[which]}`);
      assert.match(error.message, /\S/);
      counts.errors++;
    }
    const took = performance.now() - started;
    assert.ok(took < longestMs, `run ${run} took ${took} ms:\n${input[which]}`);
  }
  console.log(`${counts.answers} answers, ${counts.errors} errors`);
  assert.ok(counts.answers > runs / 20 && counts.errors > runs / 20, JSON.stringify(counts));
});

async function evaluated([manifestText, opsText, variablesText]: [string, string, string]): Promise<void> {
  const values = nestDotted(parseVariables(Buffer.from(variablesText), { file: "vars.yml" }));
  const template = applyOps(parseYaml(Buffer.from(manifestText), { file: "m.yml" }).value, parseOpsFile(Buffer.from(opsText), { file: "ops.yml" }));
  const sources = [{ find: (name: string) => values.get(name), names: () => values.keys() }];
  const result = await evaluateTemplate({ template, sources });
  const text = emitYaml(result);
  assert.equal(emitYaml(parseYaml(text).value), text);
}

test("the unmutated files give an answer", () => evaluated([manifest, ops, variables]));
