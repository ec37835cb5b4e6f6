import assert from "node:assert/strict";
import { test } from "node:test";
import { errandSignature, findErrand, type ErrandFacts } from "../../director/errands.ts";

const known: ErrandFacts[] = [
  { job: "status", group: "api", lifecycle: "service" },
  { job: "status", group: "web", lifecycle: "service" },
  { job: "smoke", group: "smoke-tests", lifecycle: "errand" },
  { job: "cleanup", group: "smoke-tests", lifecycle: "errand" },
  { job: "status", group: "smoke-tests", lifecycle: "errand" },
];

test("a job is run in every group that has it", () => {
  assert.deepEqual(findErrand("status", known), { job: "status", service: ["api", "web"], errand: ["smoke-tests"] });
});

test("an errand group means its first errand", () => {
  assert.deepEqual(findErrand("smoke-tests", known), { job: "smoke", service: [], errand: ["smoke-tests"] });
});

test("a job wins over a group of its name, with a warning", () => {
  const { job, warning } = findErrand("smoke-tests", [...known, { job: "smoke-tests", group: "api", lifecycle: "service" }]);
  assert.equal(job, "smoke-tests");
  assert.match(warning ?? "", /the job is run/);
});

test("a service group is no errand, and an unknown name is told what is known", () => {
  assert.throws(() => findErrand("api", known), (error: Error & { code?: string; hint?: string }) => {
    assert.equal(error.code, "cli.unknown-errand");
    assert.equal(error.hint, "known are cleanup, smoke, smoke-tests, status");
    return true;
  });
});

test("the signature changes with configuration and packages and not with an order", () => {
  const a = { id: "a", configurationHash: "1", packages: [{ name: "p", version: "1", digest: "d" }, { name: "q", version: "1", digest: "d" }] };
  const b = { id: "b", configurationHash: "1", packages: [] };
  const same = { ...a, packages: a.packages.toReversed() };
  assert.equal(errandSignature([a, b]), errandSignature([b, same]));
  assert.notEqual(errandSignature([a, b]), errandSignature([a]));
  assert.notEqual(errandSignature([a]), errandSignature([{ ...a, configurationHash: "2" }]));
  assert.notEqual(errandSignature([a]), errandSignature([{ ...a, packages: a.packages.slice(1) }]));
});
