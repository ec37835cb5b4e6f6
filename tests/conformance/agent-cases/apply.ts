import assert from "node:assert/strict";
import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { test } from "node:test";
import type { RunningAgent } from "../../support/agent-process.ts";
import { sha, tarOf, type TestPackage, uploadSpec } from "../../support/agent-archives.ts";
import { run } from "../../support/agent-wire.ts";

const JOBS = {
  web: { monit: "check process web with pidfile /tmp/web.pid\n", "bin/ctl": "#!/bin/sh\n", "config/web.yml": "secret: x\n", "extra.monit": "# none\n" },
  metrics: { monit: "# nothing\n", "bin/pre-start": "#!/bin/sh\n" },
};

export function applyCases(agent: () => RunningAgent): void {
  const mode = (...parts: string[]) => (statSync(agent().at(...parts)).mode & 0o777).toString(8);
  const link = (...parts: string[]) => readlinkSync(agent().at(...parts));

  test("apply without a configuration hash only saves the spec", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS, spec: { configuration_hash: "" } });
    await client.apply(spec);
    assert.equal(existsSync(agent().at("jobs", "web")), false);
    assert.equal((await client.getState()).deployment, "dep");
    for (const [field, value] of Object.entries({ id: "instance-id", az: "z1", name: "group", deployment: "dep" })) {
      assert.equal(agent().read("instance", field), value);
    }
  });

  test("prepare installs beside, apply makes current: layout, modes, links", async () => {
    const client = agent().client();
    const packages: TestPackage[] = [
      { name: "golang", version: "7", files: { "bin/go": "go" } },
      { name: "ruby", algorithm: "sha256", files: { "bin/ruby": "ruby" } },
    ];
    const spec = await uploadSpec(client, { jobs: JOBS, packages });
    await client.prepare(spec);
    assert.equal(existsSync(agent().at("jobs", "web")), false);
    assert.equal(existsSync(agent().at("data", "blobs", "templates")), false, "prepare deletes the templates blob");
    await client.apply(spec);
    const digest = spec.rendered_templates_archive!.sha1;
    const bundle = agent().at("data", "jobs", "web", sha("sha1", `1-${digest}`));
    const golang = agent().at("data", "packages", "golang", sha("sha1", `7-${spec.packages.golang!.sha1}`));
    const ruby = agent().at("data", "packages", "ruby", sha("sha1", `1-${spec.packages.ruby!.sha1}`));
    assert.equal(link("jobs", "web"), bundle);
    assert.equal(link("packages", "golang"), golang);
    assert.equal(link("packages", "ruby"), ruby);
    assert.equal(link("jobs", "web", "packages", "golang"), golang);
    assert.equal(link("jobs", "metrics", "packages", "ruby"), ruby);
    assert.deepEqual([mode("jobs", "web", "bin", "ctl"), mode("jobs", "web", "config", "web.yml"), mode("jobs", "web", "config")], ["750", "640", "750"]);
    for (const dir of [["data", "sys", "log", "web"], ["data", "sys", "run", "web"], ["data", "web"]]) assert.equal(mode(...dir), "770");
    assert.equal(agent().read("packages", "golang", "bin", "go"), "go");
  });

  test("the saved spec keeps known keys, networks and resource_pool, and drops the rest", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    const sent = {
      ...spec,
      surprise: 1,
      job: { ...spec.job, extra: true },
      networks: { default: { ...spec.networks.default, mine: { deep: [1, null] } } },
      resource_pool: { keep: { this: "too" } },
      persistent_disk: 1024,
    };
    assert.deepEqual(await run(agent(), "apply", [sent]), { value: "applied" });
    const state = (await client.getState()) as unknown as Record<string, unknown>;
    assert.equal("surprise" in state, false);
    assert.deepEqual(state.networks, sent.networks);
    assert.deepEqual(state.resource_pool, sent.resource_pool);
    assert.equal(state.persistent_disk, 1024);
    assert.deepEqual(state.job, { ...spec.job, release: "" });
    assert.deepEqual(state.rendered_templates_archive, spec.rendered_templates_archive);
  });

  test("an installed bundle needs no archive again; another digest does", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    await client.apply(spec);
    await client.apply(spec);
    const gone = { ...spec, rendered_templates_archive: { blobstore_id: "templates", sha1: sha("sha1", "other") } };
    assert.match((await run(agent(), "apply", [gone])).exception!.message, /web/);
  });

  test("what a spec does not name is removed", async () => {
    const client = agent().client();
    await client.apply(await uploadSpec(client, { jobs: JOBS, packages: [{ name: "golang", files: { a: "a" } }] }));
    await client.apply(await uploadSpec(client, { jobs: { metrics: JOBS.metrics }, packages: [{ name: "other", files: { a: "a" } }] }));
    assert.equal(existsSync(agent().at("jobs", "web")), false);
    assert.equal(existsSync(agent().at("data", "jobs", "web")) && readdirSync(agent().at("data", "jobs", "web")).length > 0, false);
    assert.deepEqual(readdirSync(agent().at("packages")), ["other"]);
    assert.deepEqual(readdirSync(agent().at("jobs", "metrics", "packages")), ["other"]);
  });

  test("templates without an archive are dropped and remove every job", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    await client.apply(spec);
    const { rendered_templates_archive: _, ...without } = spec;
    assert.deepEqual(await run(agent(), "apply", [without]), { value: "applied" });
    assert.deepEqual(readdirSync(agent().at("jobs")), []);
  });

  test("an archive must be gzip, and a digest must fit", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    const plain = await tarOf({ "web/monit": "", "metrics/monit": "" }, { gzip: false });
    await client.putBlob("plain", plain);
    const refuse = async (archive: { blobstore_id: string; sha1: string }) =>
      (await run(agent(), "apply", [{ ...spec, rendered_templates_archive: archive }])).exception!.message;
    assert.match(await refuse({ blobstore_id: "plain", sha1: sha("sha1", plain) }), /gzip: invalid header/);
    assert.match(await refuse({ blobstore_id: "plain", sha1: sha("sha1", "else") }), /Getting job source from blobstore/);
  });

  test("the strongest of several digests counts", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    const archive = await client.readBlob("templates");
    const sha1 = `${sha("sha1", "wrong")};sha512:${sha("sha512", archive)}`;
    await client.apply({ ...spec, rendered_templates_archive: { blobstore_id: "templates", sha1 } });
    assert.equal(link("jobs", "web"), agent().at("data", "jobs", "web", sha("sha1", `1-${sha1}`)));
  });

  test("networks must be the VM's own; `local` on loopback is let through", async () => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs: JOBS });
    const { exception } = await run(agent(), "apply", [{ ...spec, networks: { other: { ip: "10.0.0.1" } } }]);
    assert.match(exception!.message, /Network 'other' is not found in settings/);
    assert.deepEqual(await run(agent(), "apply", [{ ...spec, networks: { local: { ip: "127.0.0.1" } } }]), { value: "applied" });
  });

  test("nothing of the rendered templates stays beside the bundles", async () => {
    if (!agent().program.supervises) return;
    await agent().client().apply(await uploadSpec(agent().client(), { jobs: JOBS }));
    assert.deepEqual(readdirSync(agent().at("data", "tmp", "agent")), []);
  });

  test("packages need a digest", async () => {
    const spec = await uploadSpec(agent().client(), { jobs: JOBS });
    const broken = { ...spec, packages: { p: { name: "p", version: "1", blobstore_id: "x", sha1: "" } } };
    assert.match((await run(agent(), "apply", [broken])).exception!.message, /digest/i);
  });

  test("start registers the monit files, the last job first", async () => {
    const client = agent().client();
    await client.apply(await uploadSpec(client, { jobs: JOBS }));
    assert.equal(existsSync(agent().at("monit", "job")) ? readdirSync(agent().at("monit", "job")).length : 0, 0);
    await client.start();
    // The real agent's stand-alone mode supervises nothing and registers nothing.
    const files = existsSync(agent().at("monit", "job")) ? readdirSync(agent().at("monit", "job")).sort() : [];
    if (files.length > 0) assert.deepEqual(files, ["0000_metrics.monitrc", "0001_web.monitrc", "0001_web_extra.monitrc"]);
  });
}
