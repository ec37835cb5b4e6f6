import assert from "node:assert/strict";
import { test } from "node:test";
import { repaveAge, rotationAge } from "../../policies/index.ts";
import { askStack, resource } from "../support/policy-resources.ts";

// The SDK's own guard; its declarations leave it out.
const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy") as { unknownCheckingProxy<T>(value: T): T; unknownStringValue: string };
const now = new Date("2026-06-30T12:00:00Z");
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const vm = (createdAt: unknown, name = "dep.api.1234") => resource({ type: "repave:index:LocalVm", name, props: { createdAt } });
const messages = (verdict: ReturnType<NonNullable<typeof repaveAge.checkStack>>) => ("notApplicable" in verdict ? [] : verdict.map((v) => v.message));

test("repave-age finds VMs that are too old", () => {
  const ask = (stack: ReturnType<typeof vm>[], config = {}) => messages(repaveAge.checkStack!(stack, config, now));
  assert.deepEqual(ask([vm(ago(30))]), []);
  assert.deepEqual(ask([vm(ago(31)), vm(ago(1))]), ["The VM 'dep.api.1234' is 31 days old; 30 is the most: run 'repave repave'."]);
  assert.deepEqual(ask([vm(ago(31))], { days: 40 }), []);
  assert.deepEqual(ask([vm(ago(31))], { allow: ["api"] }), []);
  assert.deepEqual(ask([vm(undefined), vm("not a time")]), []);
  const settings = resource({ type: "repave:index:AgentSettings", name: "p", props: { createdAt: ago(90) } });
  assert.match(String(ask([settings])), /90 days old/);
});

test("a VM that a preview is about to make counts as new", () => {
  const props = unknownCheckingProxy({ createdAt: unknownStringValue, group: "api" });
  assert.throws(() => props.createdAt, /can't be known during preview/, "the SDK refuses to read it");
  assert.deepEqual(askStack(repaveAge, [{ ...vm(""), props }]), []);
});

test("an old VM is found by the clock of the day", () => {
  const old = vm(new Date(Date.now() - 31 * 86_400_000).toISOString());
  assert.match(String(askStack(repaveAge, [old])), /31 days old/);
});

test("rotation-age has a limit for each kind of credential", () => {
  const ask = (type: string, days: number, options: object = {}, config = {}) =>
    messages(rotationAge.checkStack!([resource({ type: `repave:index:${type}`, props: { variable: "v", options, createdAt: ago(days) } })], config, now));
  assert.deepEqual(ask("Password", 180), []);
  assert.deepEqual(ask("Password", 181), ["The credential 'v' is 181 days old; 180 is the most: rotate it."]);
  assert.deepEqual(ask("SshKey", 365), []);
  assert.match(String(ask("SshKey", 366)), /366 days/);
  assert.match(String(ask("RsaKey", 366)), /366 days/);
  assert.deepEqual(ask("Certificate", 1000, { is_ca: true, duration: 3650 }), []);
  assert.match(String(ask("Certificate", 1096, { is_ca: true, duration: 3650 })), /1095 is the most/);
  assert.deepEqual(ask("Certificate", 300, { duration: 730 }), []);
  assert.match(String(ask("Certificate", 366, { duration: 730 })), /365 is the most/);
  assert.deepEqual(ask("Password", 500, {}, { allow: ["v"] }), []);
  assert.deepEqual(ask("LocalVm", 5000), []);
});

test("rotation-age finds certificates that end soon, by BOSH's default where none is given", () => {
  const ask = (days: number, options: object) => messages(rotationAge.checkStack!([resource({ type: "repave:index:Certificate", props: { variable: "tls", options, createdAt: ago(days) } })], {}, now));
  assert.deepEqual(ask(335, {}), []);
  assert.deepEqual(ask(336, {}), ["The certificate 'tls' ends in 29 days: rotate it."]);
  assert.deepEqual(ask(61, { duration: 90 }), ["The certificate 'tls' ends in 29 days: rotate it."]);
  assert.deepEqual(ask(91, { duration: 90 }), ["The certificate 'tls' has ended: rotate it."]);
});
