import assert from "node:assert/strict";
import { test } from "node:test";
import { readManifest } from "../../director/manifest/parse-manifest.ts";

const manifest = (stemcell: object): object => ({
  name: "d",
  releases: [],
  stemcells: [{ alias: "s", ...stemcell }],
  update: { canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1 },
});

const atHand: Record<string, string[]> = { "ubuntu-noble": ["1.9", "1.100", "1.20", "2.1"], "ubuntu-xenial": ["3_10", "3.9"] };

function read(stemcell: object, versions: ((os: string) => string[] | undefined) | undefined = (os) => atHand[os] ?? []) {
  const { partial, issues } = readManifest(manifest(stemcell), undefined, [], versions === undefined ? {} : { stemcellVersions: versions });
  return { stemcell: partial.stemcells[0], issues: issues.map(({ message, directorCode, pointer }) => ({ message, directorCode, pointer })) };
}

const found: [stemcell: object, version: string][] = [
  [{ os: "ubuntu-noble", version: "latest" }, "2.1"],
  [{ os: "ubuntu-noble", version: "1.latest" }, "1.100"],
  [{ os: "ubuntu-noble", version: "1.9.latest" }, "1.9"],
  [{ os: "ubuntu-noble", version: "1.9" }, "1.9"],
  [{ os: "ubuntu-noble", version: "7.7" }, "7.7"],
  [{ os: "ubuntu-xenial", version: "3.latest" }, "3_10"],
  [{ name: "bosh-vsphere-esxi-ubuntu-noble-go_agent", version: "latest" }, "2.1"],
];

for (const [stemcell, version] of found) {
  test(`${JSON.stringify(stemcell)} is version ${version}`, () => {
    assert.deepEqual(read(stemcell).issues, []);
    assert.equal(read(stemcell).stemcell?.version, version);
  });
}

test("what was asked for stays known beside what was found", () => {
  assert.deepEqual(read({ os: "ubuntu-noble", version: "1.latest" }).stemcell, { alias: "s", os: "ubuntu-noble", version: "1.100", wanted: "1.latest" });
  assert.equal(read({ os: "ubuntu-noble", version: "1.9" }).stemcell?.wanted, undefined);
});

test("a stemcell or a version that is not there is an issue in the Director's words", () => {
  const at = { directorCode: 50003, pointer: "/stemcells/alias=s/version" };
  assert.deepEqual(read({ os: "windows2019", version: "latest" }).issues, [{ message: "Stemcell with Operating System 'windows2019' doesn't exist", ...at }]);
  assert.deepEqual(read({ name: "own", version: "latest" }).issues, [{ message: "Stemcell 'own' doesn't exist", ...at, pointer: "/stemcells/name=own/version" }]);
  assert.deepEqual(read({ os: "ubuntu-noble", version: "9.latest" }).issues, [{ message: "Stemcell with Operating System 'ubuntu-noble' exists, but version with prefix '9' not found.", ...at }]);
});

test("where every version can be had the prefix is one; without versions at hand nothing is looked for", () => {
  assert.equal(read({ os: "local", version: "latest" }, () => undefined).stemcell?.version, "1");
  assert.equal(read({ os: "local", version: "621.latest" }, () => undefined).stemcell?.version, "621");
  assert.equal(readManifest(manifest({ os: "local", version: "latest" })).partial.stemcells[0]?.version, "latest");
});

test("a release exported from a stemcell is held against the version that was found", () => {
  const value = {
    ...manifest({ os: "ubuntu-noble", version: "latest" }),
    releases: [{ name: "r", version: "1", exported_from: [{ os: "ubuntu-noble", version: "1.9" }] }],
    instance_groups: [{ name: "g", instances: 1, vm_type: "t", stemcell: "s", networks: [{ name: "n" }], jobs: [{ name: "j", release: "r" }] }],
  };
  const { issues } = readManifest(value, undefined, [], { stemcellVersions: (os) => atHand[os] });
  assert.deepEqual(issues.map((issue) => issue.directorCode), [80015]);
});
