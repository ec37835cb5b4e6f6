import assert from "node:assert/strict";
import { applyOps, evaluateTemplate, parseOpsFile } from "../../../director/manifest/interpolation/index.ts";
import { nestDotted, parseVariables } from "../../../director/variables/sources.ts";
import { emitYaml, fromPlain, parseYaml } from "../../../director/yaml/index.ts";
import type { FuzzTarget } from "./campaign.ts";
import { mutatedText, mutatedTree, type Random } from "./mutate.ts";

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
- type: replace
  path: /instance_groups/name=web/jobs/name=new?/properties/a~1b/-
  value: [*v]
- {type: test, path: /name, value: cf}
`;

const variables = "domain: example.com\nweb_tls: {certificate: pem, list: [1, 2]}\ngreeting: 5\nweb_tls.extra: 1\n";

/** What turns up in YAML, in paths and in references. */
export const yamlPieces = ["- ", ": ", ":", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "*u", "!!int ", "!x ", "|", ">2-", "'", '"', "#", "\n", "\n  ", "\t", "%", "---\n", "...", "<<: ", "\\x", "\0", "\ufeff", "\u2028", "\x85", "\r", "((x))", "((", "))", "/a/-", ":before", "?", "~1", "0b2", "1e999", "\u{10ffff}", "[".repeat(300), "a: ".repeat(50), "&a [*a]"];

type Documents = [manifest: string, ops: string, variables: string];

/** Interpolates as `repave int` does; what it writes reads back as the same. */
export async function interpolated([manifestText, opsText, variablesText]: Documents): Promise<string> {
  const values = nestDotted(parseVariables(Buffer.from(variablesText), { file: "vars.yml" }));
  const template = applyOps(parseYaml(Buffer.from(manifestText), { file: "m.yml" }).value, parseOpsFile(Buffer.from(opsText), { file: "ops.yml" }));
  const sources = [{ find: (name: string) => values.get(name), names: () => values.keys() }];
  const text = emitYaml(await evaluateTemplate({ template, sources }));
  assert.equal(emitYaml(parseYaml(text).value), text);
  return text;
}

export const unmutated: Documents = [manifest, ops, variables];

/** The whole of `repave int` on a manifest, an ops file and a vars file, one of them mutated. */
export const documentsTarget: FuzzTarget = { name: "documents", slowest: 5000, round: (random) => round(random, random(3)) };

/** The same, with every mutation in the ops file: half as text, half as operations that are still operations. */
export const opsTarget: FuzzTarget = { name: "ops files", slowest: 5000, round: (random) => round(random, 1) };

async function round(random: Random, which: number): Promise<{ answer: unknown }> {
  const documents = [...unmutated] as Documents;
  const asTree = which === 1 && random(2) === 0;
  documents[which] = asTree ? emitYaml(fromPlain(mutatedTree(operations(random), random))) : mutatedText(documents[which] as string, random, yamlPieces);
  return { answer: await interpolated(documents) };
}

const tokens = ["name", "instance_groups", "update", "variables", "complex", "0", "-1", "1", "-", "name=web", "name=web?", "name=nope", "name=nope?", "jobs", "name=nginx", "properties", "port", "port?", "new?", "0:prev", "0:before", "-1:after", "name=web:next", "", "a~1b?", "~7", "canaries", "=", "?", "+1", "00"];

function operations(random: Random): unknown[] {
  return Array.from({ length: 1 + random(3) }, () => {
    const path = `/${Array.from({ length: 1 + random(4) }, () => tokens[random(tokens.length)]).join("/")}`;
    const type = ["replace", "replace", "replace", "remove", "test"][random(5)];
    return type === "remove" ? { type, path } : { type, path, value: [1, "x", null, [], {}, { name: "n" }, false][random(7)] };
  });
}
