import assert from "node:assert/strict";
import test from "node:test";
import { parseManifest } from "../../director/manifest/parse-manifest.ts";
import { changed, cloudOf, goodManifest, issuesOf, lines } from "../support/manifest-fixture.ts";

type Tree = Record<string, unknown>;
const job = { name: "log", release: "web" };

function appliedTo(filters: Tree, options: { runtime?: boolean; teams?: string[] } = {}): readonly string[] {
  const addon = { name: "logs", jobs: [job], ...filters };
  const value = changed((m) => {
    m.instance_groups[1]!["lifecycle"] = "errand";
    if (!options.runtime) m["addons"] = [addon];
  });
  const runtime = options.runtime ? [{ releases: [{ name: "web", version: "1.2" }], addons: [addon] }] : [];
  const spec = parseManifest(value, cloudOf(), runtime, { teams: options.teams ?? [] });
  const groups = spec.instanceGroups.filter((group) => group.jobs.some((item) => item.addon === "logs")).map((group) => group.name);
  assert.deepEqual(spec.addons[0]!.appliedTo, groups);
  return groups;
}

test("an addon without filters goes everywhere, and an empty exclude keeps nothing out", () => {
  assert.deepEqual(appliedTo({}), ["front", "data"]);
  assert.deepEqual(appliedTo({ include: {}, exclude: {} }), ["front", "data"]);
});

const filters: [Tree, string[]][] = [
  [{ instance_groups: ["data"] }, ["data"]],
  [{ jobs: [{ name: "store", release: "db" }] }, ["data"]],
  [{ jobs: [{ name: "store", release: "web" }] }, []],
  [{ stemcell: [{ os: "ubuntu-jammy" }] }, ["front", "data"]],
  [{ stemcell: [{ os: "ubuntu-noble" }] }, []],
  [{ networks: ["default"] }, ["front", "data"]],
  [{ networks: ["floating"] }, []],
  [{ azs: ["z2"] }, ["front"]],
  [{ lifecycle: "errand" }, ["data"]],
  [{ lifecycle: "errand", azs: ["z2"] }, []],
  [{ instance_groups: ["front", "data"], azs: ["z2", "z9"] }, ["front"]],
];

for (const [filter, include] of filters) {
  test(`filter ${JSON.stringify(filter)}: include chooses what exclude keeps out`, () => {
    assert.deepEqual(appliedTo({ include: filter }), include);
    assert.deepEqual(appliedTo({ exclude: filter }), ["front", "data"].filter((name) => !include.includes(name)));
  });
}

test("deployments and teams filter in runtime configs; a manifest ignores teams", () => {
  assert.deepEqual(appliedTo({ include: { deployments: ["shop"] } }, { runtime: true }), ["front", "data"]);
  assert.deepEqual(appliedTo({ include: { deployments: ["other"] } }, { runtime: true }), []);
  assert.deepEqual(appliedTo({ include: { teams: ["a"] } }, { runtime: true, teams: ["b", "a"] }), ["front", "data"]);
  assert.deepEqual(appliedTo({ include: { teams: ["a"] } }, { runtime: true }), []);
  assert.deepEqual(appliedTo({ include: { teams: ["a"] } }), ["front", "data"]);
});

test("a jobs filter sees what earlier addons added", () => {
  const value = changed((m) => {
    m["addons"] = [
      { name: "first", jobs: [job], include: { instance_groups: ["data"] } },
      { name: "second", jobs: [{ name: "more", release: "db" }], include: { jobs: [job] } },
    ];
  });
  assert.deepEqual(parseManifest(value, cloudOf()).addons.map((addon) => addon.appliedTo), [["data"], ["data"]]);
});

test("an addon's job takes its own properties, or else the addon's, and never the group's", () => {
  const value = changed((m) => {
    m["properties"] = { c: 1 };
    m["addons"] = [{ name: "a", properties: { b: 1 }, jobs: [job, { name: "own", release: "web", properties: {} }] }];
  });
  const jobs = parseManifest(value, cloudOf()).instanceGroups[0]!.jobs;
  assert.deepEqual(jobs.slice(1).map((item) => item.properties), [{ b: 1 }, {}]);
});

const wrong: [string, Tree, string[]][] = [
  ["a release that is not listed", { jobs: [{ name: "log", release: "logs" }] }, ["530002 /addons/name=logs/jobs/name=log/release: Manifest specifies job 'log' which is defined in 'logs', but 'logs' is not listed in the deployment releases section."]],
  ["a job the group has already", { jobs: [{ name: "page", release: "web" }] }, ["- /addons/name=logs/jobs/name=page: Colocated job 'page' is already added to the instance group 'front'."]],
  ["a deployments filter", { include: { deployments: ["shop"] } }, ["530006 /addons/name=logs/include/deployments: Deployment filter is not allowed for deployment level addons."]],
  ["half a job in a filter", { include: { jobs: [{ name: "page" }] } }, [`530004 /addons/name=logs/include/jobs/name=page: Job {"name" => "page"} in deployment config's include section must have both name and release.`]],
  ["a stemcell filter without os", { exclude: { stemcell: [{}] } }, ["530005 /addons/name=logs/exclude/stemcell/0: Stemcell {} in deployment config's exclude section must have an os name."]],
];

for (const [name, addon, expected] of wrong) {
  test(`an addon with ${name} is refused`, () => {
    assert.deepEqual(lines(issuesOf(changed((m) => (m["addons"] = [{ name: "logs", ...addon }])))), expected);
  });
}

test("filtering by azs where a group has none is said, not guessed", () => {
  const value = changed((m) => {
    Object.assign(m.instance_groups[0]!, { azs: undefined, networks: [{ name: "cloudy" }] });
    m["addons"] = [{ name: "logs", jobs: [job], include: { azs: ["z1"] } }];
  });
  assert.deepEqual(lines(issuesOf(value)), ["- /addons/name=logs/include/azs: Addon 'logs' filters by azs, but instance group 'front' has none"]);
});

test("runtime configs: releases join with an addon that applies, and only then", () => {
  const runtime = (filter: Tree): Tree => ({ releases: [{ name: "syslog", version: "9" }], addons: [{ name: "s", jobs: [{ name: "fwd", release: "syslog" }], include: filter }] });
  const releases = (filter: Tree): string[] => parseManifest(goodManifest(), cloudOf(), [runtime(filter)]).releases.map((release) => release.name);
  assert.deepEqual(releases({}), ["web", "db", "syslog"]);
  assert.deepEqual(releases({ deployments: ["other"] }), ["web", "db"]);
});

const wrongRuntime: [string, Tree[], string[]][] = [
  ["a latest version", [{ releases: [{ name: "x", version: "latest" }] }], ["530001 /releases/name=x/version: Runtime manifest contains the release 'x' with version as 'latest'. Please specify the actual version string."]],
  ["another version than the manifest", [{ releases: [{ name: "web", version: "9" }], addons: [{ name: "a", jobs: [job] }] }], ["530003 /releases/name=web/version: Runtime manifest specifies release 'web' with version as '9'. This conflicts with version '1.2' specified in the deployment manifest."]],
  ["tags in two configs", [{ tags: {} }, { tags: {} }], ["530006 /tags: Runtime config 'tags' key cannot be defined in multiple runtime configs."]],
  ["a variable the manifest has", [{ variables: [{ name: "v", type: "password" }] }], ["190022 /variables/name=v: Duplicate variable name 'v'"]],
  ["a release of the manifest only", [{ addons: [{ name: "a", jobs: [job] }] }], ["530002 /addons/name=a/jobs/name=log/release: Manifest specifies job 'log' which is defined in 'web', but 'web' is not listed in the runtime releases section."]],
];

for (const [name, runtime, expected] of wrongRuntime) {
  test(`runtime configs with ${name} are refused`, () => {
    const value = changed((m) => (m["variables"] = [{ name: "v", type: "password" }]));
    assert.deepEqual(lines(issuesOf(value, { runtime })), expected);
  });
}
