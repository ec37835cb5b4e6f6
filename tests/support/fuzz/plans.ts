import { readCloudConfig } from "../../../director/config/cloud-config.ts";
import { parseJobSpec } from "../../../director/release/job-spec.ts";
import { asDirectorReads } from "../../../director/manifest/as-director-reads.ts";
import { readManifest } from "../../../director/manifest/parse-manifest.ts";
import { offlinePlanJson, planOffline } from "../../../director/offline-plan/plan-offline.ts";
import { problemsOf } from "../../../director/offline-plan/problem.ts";
import { describePlan } from "../../../director/update/index.ts";
import { emitYaml, fromPlain, parseYaml, toPlain } from "../../../director/yaml/index.ts";
import { goodCloudConfig, goodManifest } from "../manifest-fixture.ts";
import type { FuzzTarget } from "./campaign.ts";
import { yamlPieces } from "./documents.ts";
import { mutatedText, mutatedTree } from "./mutate.ts";

const specs: Record<string, string> = {
  "web/page": "name: page\ntemplates: {}\npackages: []\nproperties: {port: {default: 1}, name: {}}\nprovides: [{name: page, type: http, properties: [port]}]\nconsumes: [{name: db, type: sql}, {name: cache, type: kv, optional: true}]\n",
  "db/store": "name: store\ntemplates: {}\npackages: []\nprovides: [{name: db, type: sql}]\nproperties: {}\n",
};

const manifest: object = {
  ...goodManifest(),
  features: { use_dns_addresses: true },
  tags: { team: "a" },
  variables: [
    { name: "ca", type: "certificate", options: { is_ca: true, common_name: "ca" } },
    { name: "tls", type: "certificate", options: { ca: "ca", common_name: "x" }, consumes: { alternative_name: { from: "page" } } },
  ],
  addons: [{ name: "a", jobs: [{ name: "store", release: "db" }], include: { azs: ["z2"], instance_groups: ["nobody"] } }],
};

const runtimeConfig = { releases: [{ name: "db", version: "3" }], addons: [{ name: "r", jobs: [{ name: "store", release: "db" }], exclude: { lifecycle: "service" } }], tags: { r: 1 } };

/** A manifest, a cloud config and a runtime config, one of them mutated as text or as data, planned as far as they go. */
export const planTarget: FuzzTarget = {
  name: "manifests",
  slowest: 5000,
  async round(random) {
    const which = [0, 0, 0, 1, 2][random(5)];
    const texts = [manifest, goodCloudConfig(), runtimeConfig].map((value, i) => {
      const changed = i === which && random(3) > 0 ? mutatedTree(value, random) : value;
      const text = emitYaml(fromPlain(changed));
      return i === which && changed === value ? mutatedText(text, random, yamlPieces) : text;
    });
    const [m, c, r] = texts.map((text) => toPlain(asDirectorReads(parseYaml(text, { file: "f.yml" }).value)));
    const cloud = readCloudConfig(c);
    const reading = readManifest(m, cloud.partial, [r]);
    const problems = [...problemsOf("cloud-config", cloud.issues), ...problemsOf("manifest", reading.issues)];
    const plan = planOffline({ spec: reading.partial, cloud: cloud.partial, lookup: (release, job) => (Object.hasOwn(specs, `${release}/${job}`) ? parseJobSpec(specs[`${release}/${job}`]!) : undefined), problems });
    const again = plan.baseline && planOffline({ spec: reading.partial, cloud: cloud.partial, lookup: () => undefined, previous: plan.baseline });
    if (again?.update) describePlan(again.update);
    return { answer: JSON.stringify(offlinePlanJson(plan, reading.partial)) };
  },
};
