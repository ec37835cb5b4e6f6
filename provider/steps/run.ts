import type { ApplySpec } from "../../director/protocol/index.ts";
import type { AgentClient } from "../agent/index.ts";
import { openAgent } from "../agents.ts";
import type { Operation } from "../resource-kind.ts";
import type { InstanceInputs } from "../resources/instance.ts";

/** One pass over an instance: what the steps share. */
export interface Run {
  instance: InstanceInputs;
  /** `router/0`, as people say it. */
  label: string;
  agent: AgentClient;
  operation: Operation;
}

export type Step = (run: Run) => Promise<void>;

/** Carries out steps one after another; after a cancellation the running one ends and no further one begins. */
export async function carryOut(instance: InstanceInputs, operation: Operation, steps: readonly Step[]): Promise<void> {
  const label = `${instance.group}/${instance.index}`;
  const agent = openAgent(operation.services.home, instance.access, label);
  try {
    for (const step of steps) {
      operation.signal.throwIfAborted();
      await step({ instance, label, agent, operation });
    }
  } finally {
    agent.close();
  }
}

/** The spec that the agent is told, without the templates: those are uploaded for each use. */
export function applySpec({ instance }: Run): Omit<ApplySpec, "rendered_templates_archive" | "packages"> & { packages: ApplySpec["packages"] } {
  return {
    deployment: instance.deployment,
    name: instance.group,
    index: instance.index,
    id: instance.instanceId,
    az: instance.az ?? "",
    job: {
      name: instance.group,
      template: instance.jobs[0]?.name ?? "",
      version: instance.jobs[0]?.version ?? "",
      release: "",
      templates: instance.jobs.map(({ name, version }) => ({ name, version })),
    },
    packages: Object.fromEntries(instance.packages.map((p) => [p.name, { name: p.name, version: p.version, sha1: p.digest, blobstore_id: blobId(p.blob) }])),
    networks: instance.networks,
    resource_pool: {},
    persistent_disk: instance.diskSize,
    configuration_hash: instance.configurationHash,
    properties: {},
  };
}

/** A blob's name on the agent: the hex part of its digest. */
export function blobId(digest: string): string {
  return digest.replace(/^.*:/, "");
}
