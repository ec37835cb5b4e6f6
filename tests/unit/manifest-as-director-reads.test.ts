import assert from "node:assert/strict";
import { test } from "node:test";
import { asDirectorReads } from "../../director/manifest/as-director-reads.ts";
import { plainJson } from "../../director/templates/json.ts";
import { emitYaml, IntegralFloat, isMap, parseYaml } from "../../director/yaml/index.ts";
import { runShop, shopManifest } from "../support/component-scene.ts";

test("keys come in the order in which BOSH's CLI writes them, at every depth", () => {
  const { value } = parseYaml("l: [{b10: 1, b9: 2, B: 3, -x: 4, 5: 6, a_b: 7, a-b: {z: 1, y: 2}}]\na: 1\n");
  const read = asDirectorReads(value);
  assert.ok(isMap(read));
  assert.deepEqual([...read.keys()], ["a", "l"]);
  const [item] = read.get("l") as [typeof read];
  assert.deepEqual([...item.keys()], [5, "-x", "B", "a-b", "a_b", "b9", "b10"]);
  assert.equal(emitYaml(read), emitYaml(value));
});

test("floats are what the CLI's writer and the Director's reader make of them", () => {
  const { value } = parseYaml("[1.0, 1e3, 1e6, 1.5e6, 1.10, 12345678901234567890]");
  assert.deepEqual(asDirectorReads(value), [1, 1000, "1e+06", new IntegralFloat(1.5e6), 1.1, 12345678901234567890n]);
});

test("a deployment's templates get properties in that order, and integers past 2^53 whole", async () => {
  const manifest = shopManifest.replace("domain: ((domain))", "domain: ((domain)), routes: [{ uri: u, name: x, list: [{ b: 1, a: 1.0 }] }], big: 12345678901234567890");
  const { rendered, errors } = await runShop({ manifest, vars: { domain: "d" } });
  assert.deepEqual(errors, [], "no such integer stops the program");
  const request = [...rendered.values()].map((r) => JSON.stringify(r)).find((text) => text.includes("routes"))!;
  assert.match(request, /"routes":\[\{"list":\[\{"a":1,"b":1\}\],"name":"x","uri":"u"\}\]/);
});

test("a request to render keeps integers past 2^53", () => {
  const text = plainJson({ properties: { big: 12345678901234567890n, port: 80, list: [{ b: 1, a: null }] } });
  assert.equal(text, '{"properties":{"big":12345678901234567890,"port":80,"list":[{"b":1,"a":null}]}}');
  assert.equal(plainJson({ port: 80 }), '{"port":80}');
});
