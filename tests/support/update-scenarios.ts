import type { Scenario, ScenarioRun } from "./simulator/scenario.ts";
import { defaultNetworks, type TestDeployment, type TestGroup } from "./update-fixtures.ts";

const twoZones = ["z1", "z2"];
const day = 86_400_000;

function deploy(...groups: TestGroup[]): TestDeployment {
  return { groups };
}

function first(deployment: TestDeployment): ScenarioRun {
  return { title: "first deploy", deployment };
}

const web = (more: Partial<TestGroup> = {}): TestGroup => ({ name: "web", instances: 3, ...more });
const cell = (more: Partial<TestGroup> = {}): TestGroup => ({ name: "cell", instances: 6, azs: twoZones, update: { maxInFlight: 2 }, ...more });
const database = (more: Partial<TestGroup> = {}): TestGroup => ({ name: "database", instances: 1, diskMb: 10_240, ...more });
const staticNetworks = defaultNetworks().map((network) => ({
  ...network,
  subnets: network.subnets!.map((subnet, i) => ({ ...subnet, static: [`10.${i}.0.10 - 10.${i}.0.19`] })),
}));
const failsToRun = (instance: string) => ({ instance, step: "wait-until-running" as const, text: "job web is failing: exited with 1" });

/** Each is a golden transcript, and each is also played with shuffled completion and with a death at every step. */
export const scenarios: readonly Scenario[] = [
  { name: "first deploy of three groups", runs: [first(deploy({ name: "nats", instances: 2 }, web(), database()))] },
  { name: "nothing changed", runs: [first(deploy(web())), { title: "same again", deployment: deploy(web()) }] },
  { name: "new software in place", runs: [first(deploy(web())), { title: "web 2", deployment: deploy(web({ software: "2" })) }] },
  {
    name: "new stemcell with two in flight over two AZs",
    runs: [first(deploy(cell())), { title: "stemcell 1.2", deployment: deploy(cell({ stemcell: "1.2" })) }],
  },
  {
    name: "canary fails then is fixed",
    runs: [
      first(deploy(web())),
      { title: "web 2, which does not run", deployment: deploy(web({ software: "2" })), failures: [failsToRun("web/0")] },
      { title: "web 3, which does", deployment: deploy(web({ software: "3" })) },
    ],
  },
  {
    name: "canary fails and the operator goes back",
    runs: [
      first(deploy(web())),
      { title: "web 2, which does not run", deployment: deploy(web({ software: "2" })), failures: [failsToRun("web/0")] },
      { title: "web 1 again", deployment: deploy(web()) },
    ],
  },
  {
    name: "scale 3 to 7 over 3 AZs in the middle of a failing update",
    runs: [
      first(deploy(web())),
      { title: "stemcell 1.2, web-1 does not come up", deployment: deploy(web({ stemcell: "1.2" })), failures: [failsToRun("web/1")] },
      { title: "seven instances, the cause is gone", deployment: deploy(web({ instances: 7, stemcell: "1.2" })) },
    ],
  },
  {
    name: "AZ removed",
    runs: [first(deploy(web({ instances: 6 }))), { title: "z3 leaves", deployment: deploy(web({ instances: 6, azs: twoZones })) }],
  },
  {
    name: "AZ added",
    runs: [first(deploy(web({ instances: 6, azs: twoZones }))), { title: "z3 joins", deployment: deploy(web({ instances: 6 })) }],
  },
  {
    name: "AZ drained and given back",
    runs: [
      first(deploy(web())),
      { title: "z2 is drained", deployment: { ...deploy(web()), azs: [{ name: "z1" }, { name: "z2", drain: true }, { name: "z3" }] } },
      { title: "z2 is back", deployment: deploy(web()) },
    ],
  },
  {
    name: "quota hit in wave 3",
    runs: [
      first(deploy(cell())),
      { title: "large VMs, of which the quota allows four", deployment: deploy(cell({ vmType: "large" })), quota: { type: "large", most: 4 } },
      { title: "quota raised", deployment: deploy(cell({ vmType: "large" })), quota: null },
    ],
  },
  {
    name: "quota has no room for new instances",
    runs: [
      first(deploy(cell())),
      { title: "two more cells and a new stemcell, one more than the quota allows", deployment: deploy(cell({ instances: 8, stemcell: "1.2" })), quota: { type: "small", most: 7 } },
      { title: "quota raised", deployment: deploy(cell({ instances: 8, stemcell: "1.2" })), quota: null },
    ],
  },
  {
    name: "create-swap-delete",
    runs: [
      first(deploy(web({ update: { vmStrategy: "create-swap-delete" } }))),
      { title: "stemcell 1.2", deployment: deploy(web({ stemcell: "1.2", update: { vmStrategy: "create-swap-delete" } })) },
    ],
  },
  {
    name: "create-swap-delete fails after the swap",
    runs: [
      first(deploy(web({ update: { vmStrategy: "create-swap-delete" } }))),
      { title: "stemcell 1.2, web-1 does not come up", deployment: deploy(web({ stemcell: "1.2", update: { vmStrategy: "create-swap-delete" } })), failures: [failsToRun("web/1")] },
      { title: "again", deployment: deploy(web({ stemcell: "1.2", update: { vmStrategy: "create-swap-delete" } })) },
    ],
  },
  {
    name: "surge keeps the cell pool whole",
    runs: [
      first(deploy(cell({ update: { maxInFlight: 1, maxSurge: 1 } }))),
      { title: "stemcell 1.2", deployment: deploy(cell({ stemcell: "1.2", update: { maxInFlight: 1, maxSurge: 1 } })) },
    ],
  },
  { name: "disk grows", runs: [first(deploy(database())), { title: "20 GB", deployment: deploy(database({ diskMb: 20_480 })) }] },
  {
    name: "disk type changed with a dead VM",
    runs: [
      first(deploy(database())),
      { title: "20 GB, but the agent is silent", deployment: deploy(database({ diskMb: 20_480 })), silenced: ["database/0"] },
      { title: "20 GB with fix", deployment: deploy(database({ diskMb: 20_480 })), request: { fix: true } },
    ],
  },
  { name: "disk removed", runs: [first(deploy(database())), { title: "no disk", deployment: deploy(database({ diskMb: 0 })) }] },
  {
    name: "VM vanished",
    runs: [first(deploy(web())), { title: "web-2 is gone", deployment: deploy(web()), vanished: ["web/2"] }],
  },
  {
    name: "job fails between updates",
    runs: [first(deploy(web())), { title: "web-1 is failing", deployment: deploy(web()), failing: ["web/1"] }],
  },
  {
    name: "repave of everything older than a week resumes",
    runs: [
      first(deploy(web(), database())),
      {
        title: "repave, web-1 does not come up",
        laterMs: 10 * day,
        deployment: deploy(web(), database()),
        request: { recreate: "all", recreateCreatedBefore: "2026-01-04T00:00:00Z" },
        failures: [failsToRun("web/1")],
      },
      { title: "repave goes on", deployment: deploy(web(), database()), request: { recreate: "all", recreateCreatedBefore: "2026-01-04T00:00:00Z" } },
    ],
  },
  {
    name: "group renamed",
    runs: [
      first(deploy(web())),
      { title: "web becomes frontend", deployment: deploy({ name: "frontend", instances: 3, software: "2", migratedFrom: [{ name: "web" }] }) },
    ],
  },
  { name: "group removed", runs: [first(deploy({ name: "nats", instances: 2 }, web())), { title: "without web", deployment: deploy({ name: "nats", instances: 2 }) }] },
  {
    name: "scale down removes the newest in the fullest AZ last",
    runs: [first(deploy(web({ instances: 7 }))), { title: "three left, and new software", deployment: deploy(web({ instances: 3, software: "2" })) }],
  },
  {
    name: "non-serial groups go together",
    runs: [
      first(deploy({ name: "api", instances: 2, update: { serial: false } }, { name: "uaa", instances: 2, update: { serial: false } }, { name: "router", instances: 2 })),
      {
        title: "stemcell 1.2",
        deployment: deploy(
          { name: "api", instances: 2, stemcell: "1.2", update: { serial: false } },
          { name: "uaa", instances: 2, stemcell: "1.2", update: { serial: false } },
          { name: "router", instances: 2, stemcell: "1.2" },
        ),
      },
    ],
  },
  {
    name: "one of two concurrent groups fails",
    runs: [
      first(deploy({ name: "api", instances: 2, update: { serial: false } }, { name: "uaa", instances: 2, update: { serial: false } }, { name: "router", instances: 1 })),
      {
        title: "software 2, api does not run",
        deployment: deploy(
          { name: "api", instances: 2, software: "2", update: { serial: false } },
          { name: "uaa", instances: 2, software: "2", update: { serial: false } },
          { name: "router", instances: 1, software: "2" },
        ),
        failures: [failsToRun("api/0")],
      },
      {
        title: "again",
        deployment: deploy(
          { name: "api", instances: 2, software: "2", update: { serial: false } },
          { name: "uaa", instances: 2, software: "2", update: { serial: false } },
          { name: "router", instances: 1, software: "2" },
        ),
      },
    ],
  },
  {
    name: "AZs in parallel after the canary",
    runs: [
      first(deploy(cell())),
      { title: "stemcell 1.2", deployment: deploy(cell({ stemcell: "1.2", update: { maxInFlight: 1, azOrder: "parallel" } })) },
    ],
  },
  {
    name: "static addresses move to another group of addresses",
    runs: [
      { title: "first deploy", deployment: { networks: staticNetworks, groups: [web({ azs: twoZones, instances: 2, staticIps: ["10.0.0.10", "10.1.0.10"] })] } },
      { title: "one address changes", deployment: { networks: staticNetworks, groups: [web({ azs: twoZones, instances: 2, staticIps: ["10.0.0.10", "10.1.0.11"] })] } },
    ],
  },
  {
    name: "replacement refused",
    runs: [
      first(deploy(database({ allowReplace: false }))),
      { title: "stemcell 1.2, refused", deployment: deploy(database({ allowReplace: false, stemcell: "1.2" })) },
      { title: "allowed", deployment: deploy(database({ stemcell: "1.2" })) },
    ],
  },
  {
    name: "deployer killed in the middle of a repave",
    runs: [
      first(deploy(cell())),
      { title: "stemcell 1.2, killed", deployment: deploy(cell({ stemcell: "1.2" })), killAt: 60 },
      { title: "again", deployment: deploy(cell({ stemcell: "1.2" })) },
    ],
  },
  {
    name: "two stemcells in a row while the first is half done",
    runs: [
      first(deploy(web())),
      { title: "stemcell 1.2, web-1 does not come up", deployment: deploy(web({ stemcell: "1.2" })), failures: [failsToRun("web/1")] },
      { title: "stemcell 1.3", deployment: deploy(web({ stemcell: "1.3" })) },
    ],
  },
  {
    name: "drain script fails",
    runs: [
      first(deploy(web())),
      { title: "software 2, the drain of web-0 fails", deployment: deploy(web({ software: "2" })), failures: [{ instance: "web/0", step: "drain", text: "drain of job web exited with 3" }] },
      { title: "again", deployment: deploy(web({ software: "2" })) },
    ],
  },
  {
    name: "AZ with a database is drained",
    runs: [
      first(deploy(database({ instances: 3 }))),
      { title: "z3 is drained", deployment: { ...deploy(database({ instances: 3 })), azs: [{ name: "z1" }, { name: "z2" }, { name: "z3", drain: true }] } },
    ],
  },
  {
    name: "first deploy stops half-way and goes on",
    runs: [
      { title: "web-0 does not come up", deployment: deploy({ name: "nats", instances: 2 }, web()), failures: [failsToRun("web/0")] },
      { title: "again", deployment: deploy({ name: "nats", instances: 2 }, web()) },
    ],
  },
  {
    name: "first deploy with all AZs at once",
    runs: [first(deploy(web({ instances: 6, update: { initialDeployAzUpdateStrategy: "parallel", maxInFlight: 5 } })))],
  },
  {
    name: "AZ added while an update is failing",
    runs: [
      first(deploy(web({ instances: 4, azs: twoZones }))),
      { title: "stemcell 1.2, web-2 does not come up", deployment: deploy(web({ instances: 4, azs: twoZones, stemcell: "1.2" })), failures: [failsToRun("web/2")] },
      { title: "z3 joins, the cause is gone", deployment: deploy(web({ instances: 4, stemcell: "1.2" })) },
    ],
  },
  {
    name: "group renamed and grown with its disks",
    runs: [
      first(deploy({ name: "mysql", instances: 1, diskMb: 10_240 })),
      { title: "mysql becomes database, three of them", deployment: deploy(database({ instances: 3, migratedFrom: [{ name: "mysql" }] })) },
    ],
  },
  {
    name: "VM vanishes in the middle of an update",
    runs: [
      first(deploy(web())),
      { title: "software 2, web-1 does not come up", deployment: deploy(web({ software: "2" })), failures: [failsToRun("web/1")] },
      { title: "meanwhile web-1 is gone and so is web-0", deployment: deploy(web({ software: "2" })), vanished: ["web/1", "web/0"] },
    ],
  },
  {
    name: "in flight as a percentage",
    runs: [
      first(deploy(cell({ instances: 8 }))),
      { title: "stemcell 1.2, half of an AZ at a time", deployment: deploy(cell({ instances: 8, stemcell: "1.2", update: { maxInFlight: "50%" } })) },
    ],
  },
  {
    name: "the Director's order removes first",
    runs: [
      first(deploy(web({ instances: 4 }), { name: "old", instances: 1 })),
      { title: "three left, new software, old gone", deployment: deploy(web({ instances: 3, software: "2" })), request: { model: "director" } },
    ],
  },
  {
    name: "scaled to nothing and back",
    runs: [first(deploy(web())), { title: "no instance", deployment: deploy(web({ instances: 0 })) }, { title: "two instances", deployment: deploy(web({ instances: 2 })) }],
  },
  {
    name: "stemcell and disk change together",
    runs: [first(deploy(database())), { title: "stemcell 1.2 and 20 GB", deployment: deploy(database({ stemcell: "1.2", diskMb: 20_480 })) }],
  },
  {
    name: "a failed instance is scaled away",
    runs: [
      first(deploy(web())),
      { title: "software 2, web-2 does not come up", deployment: deploy(web({ software: "2" })), failures: [failsToRun("web/2")] },
      { title: "two instances are enough", deployment: deploy(web({ instances: 2, software: "2" })) },
    ],
  },
];
