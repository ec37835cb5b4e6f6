import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { Deployment, Environment, localIaas } from "../../components/index.ts";
import { fitsVersion, resolveVersion } from "../../director/release/version.ts";
import { LocalBlobstore } from "../../provider/blobstore/index.ts";
import { createRelease } from "../../provider/release/index.ts";
import { ReleaseShelf } from "../../provider/release-shelf.ts";
import type { ReleaseRequest } from "../../provider/resources/release-query.ts";
import { runShop, shopManifest, shopRelease, typedCloud } from "../support/component-scene.ts";
import { recordProgram } from "../support/recorded-program.ts";
import { makeTree, smallRelease, temporaryFolder } from "../support/release-tree.ts";

test("`latest` and `PREFIX.latest` take the greatest version at hand, and a prefix ends with a component", () => {
  const versions = ["1", "1.2", "1.10", "1.10-rc.1", "1+dev.3", "12", "2.0"];
  assert.equal(resolveVersion("latest", versions), "12");
  assert.equal(resolveVersion("1.latest", versions), "1.10");
  assert.equal(resolveVersion("1.10.latest", versions), "1.10");
  assert.equal(resolveVersion("3.latest", versions), undefined);
  assert.equal(resolveVersion("1.2", versions), "1.2");
  assert.deepEqual(versions.filter((version) => fitsVersion(version, "1.latest")), ["1", "1.2", "1.10", "1.10-rc.1", "1+dev.3"]);
});

test("a deployment takes the greatest tarball of its folder of releases", async (t) => {
  const folder = temporaryFolder(t);
  for (const file of ["r-1.9.tgz", "r-1.10.tgz", "r-2.tgz", "r-tools-99.tgz", "r.tgz"]) writeFileSync(path.join(folder, file), "");
  const locationOf = async (version: string): Promise<string> => {
    const asked: ReleaseRequest[] = [];
    const manifest = shopManifest.replace('version: "1", url: /releases/r', `version: "${version}"`);
    await recordProgram(
      () => {
        const environment = new Environment("env", { iaas: localIaas(), ...typedCloud });
        return new Deployment("shop", { environment, manifest, vars: { domain: "d" }, releases: folder }).instances;
      },
      { release: (request) => (asked.push(request), shopRelease(request)) },
    );
    return path.basename(asked[0]!.url);
  };
  assert.equal(await locationOf("latest"), "r-2.tgz");
  assert.equal(await locationOf("1.latest"), "r-1.10.tgz");
  assert.equal(await locationOf("1.9"), "r-1.9.tgz");
  assert.equal(await locationOf("7"), "r.tgz");
});

test("a tarball of another version is refused, and so is a folder that no Director would take", async (t) => {
  const folder = temporaryFolder(t);
  const source = path.join(folder, "small");
  makeTree(source, smallRelease);
  const { manifest, tarball } = await createRelease(source, { cacheDir: path.join(folder, "cache"), tarball: path.join(folder, "small.tgz") });
  const shelf = new ReleaseShelf(new LocalBlobstore(path.join(folder, "store")));
  const { name, version } = manifest;
  assert.equal((await shelf.facts({ name, version: "latest", url: tarball! })).version, version);
  await assert.rejects(shelf.facts({ name, version: "7", url: tarball! }), new RegExp(`is '${name}/.*', not '${name}/7'`));
  assert.equal((await shelf.facts({ name, version: "create", url: source })).name, name);

  const broken = path.join(folder, "broken");
  makeTree(broken, smallRelease);
  mkdirSync(path.join(broken, "jobs/bare/templates"), { recursive: true });
  writeFileSync(path.join(broken, "jobs/bare/spec"), "name: bare\ntemplates: {}\npackages: []\n");
  await assert.rejects(shelf.facts({ name, version: "create", url: broken }), /cannot be deployed: Job 'bare' is missing monit file \(80004\)/);
});

test("two contents of one package on one group stop a deployment before anything is made", async () => {
  const manifest = shopManifest
    .replace("releases: [", 'releases: [{ name: other, version: "1", url: /releases/other }, ')
    .replace("{ name: page, release: r,", "{ name: log, release: other }, { name: page, release: r,");
  const release = (request: ReleaseRequest) => {
    const facts = shopRelease(request);
    const jobs = facts.jobs.map((job) => ({ ...job, packages: job.name === "page" || job.name === "log" ? ["golang"] : [] }));
    return { ...facts, jobs, packages: [{ name: "golang", fingerprint: `golang of ${request.name}`, dependencies: [] }] };
  };
  const { errors, of } = await recordProgram(
    () => {
      const environment = new Environment("env", { iaas: localIaas(), ...typedCloud });
      return new Deployment("shop", { environment, manifest, vars: { domain: "d" } }).instances;
    },
    { release },
  );
  assert.match(errors.join("\n"), /Package name collision detected in instance group 'web': job 'other\/log' depends on package 'other\/golang'/);
  assert.deepEqual(of("LocalVm"), []);
});

test("two deployments of an environment whose names are one in DNS are refused", async () => {
  const both = (second: string) =>
    recordProgram(
      () => {
        const environment = new Environment("env", { iaas: localIaas(), ...typedCloud });
        const make = (name: string) => new Deployment(name, { environment, manifest: shopManifest.replace("name: shop", `name: ${name}`), vars: { domain: "d" } }).instances;
        return [make("my-shop"), make(second)];
      },
      { release: shopRelease },
    );
  await assert.rejects(both("My_Shop"), /Invalid deployment name 'My_Shop', canonical name already taken \('my-shop'\)/);
  assert.deepEqual((await both("your-shop")).errors, []);
  assert.deepEqual((await runShop({ manifest: shopManifest, vars: { domain: "d" } })).errors, []);
});
