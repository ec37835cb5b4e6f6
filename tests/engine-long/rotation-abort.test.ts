import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PeerScene } from "../support/rotation/peer-scene.ts";

const scene = new PeerScene("rotabort");
before(() => scene.up());
after(() => scene.close());

test("a CA rotation is turned back in phase 2 and can begin again", async () => {
  const oldCa = await scene.bundle();
  await scene.killedInPhase2("tls_ca");
  await scene.succeeds("rotate", "--abort");
  await scene.remember();
  assert.deepEqual(await scene.bundle(), oldCa);
  await scene.nobodyRefused();
  await scene.succeeds("up", "--expect-no-changes");
});

test("no secret was printed", () => scene.nothingSecretPrinted(3));
