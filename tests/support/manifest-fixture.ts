import { readCloudConfig } from "../../director/config/cloud-config.ts";
import { readManifest, type ManifestOptions } from "../../director/manifest/parse-manifest.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { Issue } from "../../director/spec/issues.ts";

type Tree = Record<string, unknown>;

/** A small deployment that is right in every respect; tests break one thing at a time. */
export function goodManifest(): Tree {
  return {
    name: "shop",
    releases: [
      { name: "web", version: "1.2" },
      { name: "db", version: 3 },
    ],
    stemcells: [{ alias: "default", os: "ubuntu-jammy", version: "1.80" }],
    update: { canaries: 1, max_in_flight: "10%", canary_watch_time: "1000-30000", update_watch_time: 5000 },
    instance_groups: [
      {
        name: "front",
        instances: 2,
        azs: ["z1", "z2"],
        jobs: [{ name: "page", release: "web", properties: { port: 80 } }],
        vm_type: "small",
        stemcell: "default",
        networks: [{ name: "default" }],
      },
      {
        name: "data",
        instances: 1,
        azs: ["z1"],
        jobs: [{ name: "store", release: "db" }],
        vm_resources: { cpu: 2, ram: 2048, ephemeral_disk_size: 10240 },
        persistent_disk_type: "large",
        stemcell: "default",
        networks: [{ name: "default", static_ips: ["10.0.0.20"] }],
        update: { serial: false },
      },
    ],
  };
}

export function goodCloudConfig(): Tree {
  return {
    azs: [{ name: "z1", cloud_properties: { zone: "a" } }, { name: "z2" }],
    vm_types: [{ name: "small", cloud_properties: { cpu: 1, ram: 512 } }],
    vm_extensions: [{ name: "public", cloud_properties: { ram: 1024 } }],
    disk_types: [{ name: "large", disk_size: 10240 }],
    networks: [
      {
        name: "default",
        subnets: [
          { range: "10.0.0.0/24", gateway: "10.0.0.1", azs: ["z1"], static: ["10.0.0.20 - 10.0.0.30"], reserved: "10.0.0.2-10.0.0.5", dns: ["10.0.0.2"] },
          { range: "10.0.1.0/24", gateway: "10.0.1.1", az: "z2" },
        ],
      },
      { name: "floating", type: "vip" },
      { name: "cloudy", type: "dynamic", cloud_properties: { vpc: 1 } },
    ],
    compilation: { workers: 2, network: "default", az: "z1", vm_type: "small" },
  };
}

export function cloudOf(value: unknown = goodCloudConfig()): CloudConfigSpec {
  const { config, issues } = readCloudConfig(value);
  if (config === undefined) throw new Error(`the cloud config of the test is wrong: ${JSON.stringify(issues)}`);
  return config;
}

/** The good manifest after one change. */
export function changed(change: (manifest: Tree & { instance_groups: Tree[] }) => void, base: () => Tree = goodManifest): Tree {
  const manifest = base() as Tree & { instance_groups: Tree[] };
  change(manifest);
  return manifest;
}

export function issuesOf(value: unknown, options: ManifestOptions & { runtime?: readonly unknown[]; cloud?: CloudConfigSpec } = {}): Issue[] {
  return readManifest(value, options.cloud ?? cloudOf(), options.runtime ?? [], options).issues;
}

/** `NUMBER pointer: message`, one line per issue. */
export function lines(issues: readonly Issue[]): string[] {
  return issues.map((issue) => `${issue.directorCode ?? "-"} ${issue.pointer}: ${issue.message}`);
}
