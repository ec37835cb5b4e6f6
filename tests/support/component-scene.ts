import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { Deployment, Environment, localIaas, type CloudArgs, type CloudConfigArgs, type DeploymentArgs } from "../../components/index.ts";
import type { JobFacts, ReleaseFacts, ReleaseRequest } from "../../provider/resources/release-query.ts";
import { recordProgram, type RecordedRun } from "./recorded-program.ts";

/** A deployment small enough to know by heart: a provider of a link, three consumers of it, an errand. */
export const shopManifest = `name: shop
releases: [{ name: r, version: "1", url: /releases/r }]
stemcells: [{ alias: default, os: local, version: "1" }]
update: { canaries: 1, max_in_flight: 2, canary_watch_time: 1000, update_watch_time: 1000 }
instance_groups:
- name: db
  instances: 1
  azs: [z1]
  vm_type: default
  stemcell: default
  persistent_disk_type: default
  networks: [{ name: default }]
  jobs: [{ name: store, release: r, properties: { password: ((db_password)), tls: ((db_tls)) } }]
- name: web
  instances: 3
  azs: [z1, z2]
  vm_type: default
  stemcell: default
  networks: [{ name: default }]
  jobs: [{ name: page, release: r, properties: { domain: ((domain)) } }]
- name: check
  lifecycle: errand
  instances: 1
  azs: [z1]
  vm_type: default
  stemcell: default
  networks: [{ name: default }]
  jobs: [{ name: look, release: r }]
variables:
- { name: db_tls, type: certificate, options: { ca: db_ca, common_name: db } }
- { name: db_ca, type: certificate, options: { is_ca: true, common_name: ca } }
- { name: db_password, type: password }
`;

/** The same on a cloud: three of each group over three AZs, `db` with disks, `web` behind the VM extension `lb`. */
export function cloudShopManifest({ web, db }: { web?: object | undefined; db?: object | undefined } = {}): object {
  const common = { azs: ["z1", "z2", "z3"], vm_type: "default", stemcell: "default", networks: [{ name: "default" }] };
  return {
    name: "shop",
    tags: { owner: "platform" },
    releases: [{ name: "r", version: "1", url: "/releases/r" }],
    stemcells: [{ alias: "default", os: "ubuntu-noble", version: "1.484" }],
    update: { canaries: 1, max_in_flight: 1, canary_watch_time: 1000, update_watch_time: 1000 },
    instance_groups: [
      { name: "db", instances: 3, persistent_disk_type: "default", jobs: [{ name: "store", release: "r", properties: { password: "x" } }], ...common, ...db },
      { name: "web", instances: 3, vm_extensions: ["lb"], jobs: [{ name: "look", release: "r" }], ...common, ...web },
    ],
  };
}

const jobs: Record<string, Partial<JobFacts>> = {
  store: { provides: [{ name: "db", type: "sql", properties: ["password"] }], properties: [{ name: "password", hasDefault: false }] },
  page: { consumes: [{ name: "db", type: "sql", optional: false }] },
  look: {},
  log: {},
};

export function shopRelease({ name, version }: ReleaseRequest): ReleaseFacts {
  const facts = Object.entries(jobs).map(([job, more]) => ({ name: job, fingerprint: `print-${job}`, packages: [], templates: [], properties: [], provides: [], consumes: [], logs: {}, ...more }));
  return { name, version, location: `/releases/${name}`, jobs: facts, packages: [] };
}

export const typedCloud = { azs: [{ name: "z1", range: "10.1.0.0/24" }, { name: "z2", range: "10.2.0.0/24" }] };

export interface ShopRun extends RecordedRun {
  instances: { instance: string; az: string | null; ip: string }[];
}

/** Runs a program of one environment and one deployment. */
export async function runShop(args: Omit<DeploymentArgs, "environment">, cloud: CloudArgs | CloudConfigArgs = typedCloud): Promise<ShopRun> {
  let instances: ShopRun["instances"] = [];
  const run = await recordProgram(
    () => {
      const environment = new Environment("env", { iaas: localIaas(), ...cloud });
      const deployment = new Deployment("shop", { environment, ...args });
      deployment.instances.apply((rows) => (instances = rows));
      return deployment.instances;
    },
    { release: shopRelease },
  );
  return { ...run, instances };
}

/** A folder for documents that goes with the test. */
export function documents(t: TestContext, files: Record<string, string>): (name: string) => string {
  const dir = mkdtempSync(path.join(tmpdir(), "repave-components-"));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
  return (name) => path.join(dir, name);
}
