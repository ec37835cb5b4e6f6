import assert from "node:assert/strict";
import test from "node:test";
import { deployFlagsFor, resurrectionEnabled } from "../../director/config/operator-configs.ts";

test("resurrection: on by default, off where a rule that applies says so, all configs together", () => {
  const off = (filters: object): unknown => ({ rules: [{ enabled: false, ...filters }] });
  const enabled = (...configs: unknown[]): boolean => resurrectionEnabled(configs, "cf", "router");
  assert.equal(enabled(), true);
  assert.equal(enabled(off({})), false);
  assert.equal(enabled(off({ include: { deployments: ["other"] } })), true);
  assert.equal(enabled(off({ include: { deployments: ["cf"], instance_groups: ["api"] } })), true);
  assert.equal(enabled(off({ include: { deployments: ["cf"] }, exclude: { instance_groups: ["router"] } })), true);
  assert.equal(enabled(off({ exclude: { instance_groups: ["api"] } })), false);
  assert.equal(enabled({ rules: [{ enabled: true }] }, off({ include: { instance_groups: ["router"] } })), false);
  assert.throws(() => enabled({ rules: [{ enabled: "no" }] }), /Property 'enabled' value \("no"\) did not match the required type 'boolean'/);
  assert.throws(() => enabled({ rules: [{}] }), /Required property 'enabled' was not specified in object/);
});

test("deploy configs: flags by deployment", () => {
  const flags = (...configs: unknown[]): string[] => [...deployFlagsFor(configs, "cf")];
  assert.deepEqual(flags({ flags: ["fix", "recreate"] }, { flags: ["fix-releases"], include: ["other"] }, { flags: ["skip-upload-releases"], exclude: ["other"] }), ["fix", "recreate", "skip-upload-releases"]);
  assert.throws(() => flags({ flags: ["fast"] }), /Unknown flag 'fast'/);
  assert.throws(() => flags({ include: [], exclude: [] }), /both 'include' and 'exclude'/);
});
