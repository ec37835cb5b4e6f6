import { test } from "node:test";
import assert from "node:assert/strict";
import { IaasError, messageOf, RepaveError } from "../../director/core/errors.ts";

test("an error carries code, details, hint and cause", () => {
  const cause = new Error("ENOSPC");
  const error = new RepaveError("state.write", "Cannot write plan", { cause, hint: "free some space", details: { path: "x" } });
  assert.equal(error.code, "state.write");
  assert.equal(error.cause, cause);
  assert.deepEqual(error.details, { path: "x" });
  assert.equal(messageOf(error), "Cannot write plan");
});

test("an IaaS error says whether to try again", () => {
  assert.equal(new IaasError("iaas.quota", "no", { method: "create_vm" }).retryable, false);
});
