import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { engineHome } from "../../../cli/environment/engine-home.ts";
import { temporaryFolder } from "../../support/release-tree.ts";

test("the engine's home is the user's own, but for its logs", (t) => {
  const folder = temporaryFolder(t);
  const own = path.join(folder, "own");
  mkdirSync(path.join(own, "logs"), { recursive: true });
  writeFileSync(path.join(own, "credentials.json"), "{}");
  const home = engineHome(folder, { PULUMI_HOME: own })!;
  assert.equal(readFileSync(path.join(home, "credentials.json"), "utf8"), "{}");
  assert.ok(statSync(path.join(home, "logs")).isFile(), "no folder for logs");
  writeFileSync(path.join(home, "plugins", "new"), "");
  assert.ok(existsSync(path.join(own, "plugins", "new")), "what the engine fetches is the user's");

  // as the engine would: by renaming, so that the link is gone
  rmSync(path.join(home, "credentials.json"));
  writeFileSync(path.join(home, "credentials.json"), "{1}");
  rmSync(path.join(own, "plugins"), { recursive: true });
  writeFileSync(path.join(own, "later"), "");
  assert.equal(engineHome(folder, { PULUMI_HOME: own }), home);
  assert.equal(readlinkSync(path.join(home, "credentials.json")), path.join(own, "credentials.json"));
  assert.ok(lstatSync(path.join(home, "later")).isSymbolicLink());
  rmSync(path.join(own, "later"));
  engineHome(folder, { PULUMI_HOME: own });
  assert.equal(lstatSync(path.join(home, "later"), { throwIfNoEntry: false }), undefined);
  assert.equal(engineHome(folder, { PULUMI_HOME: home }), home);
  assert.equal(readlinkSync(path.join(home, "credentials.json")), path.join(own, "credentials.json"), "it is never linked to itself");
  assert.ok(existsSync(path.join(own, "credentials.json")) && existsSync(path.join(own, "logs")), "nothing of the user's is removed");
});

test("where no home can be made, the user's own is used", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, "file"), "");
  assert.equal(engineHome(path.join(folder, "file"), { PULUMI_HOME: path.join(folder, "own") }), undefined);
});
