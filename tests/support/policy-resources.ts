import type { PolicyResourceOptions, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import type { DeploymentFacts, GroupFacts } from "../../components/deployment/facts.ts";
import type { CheckedResource, Rule } from "../../policies/index.ts";

type Sketch = Partial<Omit<CheckedResource, "opts">> & { type: string; props?: Record<string, unknown>; opts?: Partial<CheckedResource["opts"]> };

/** A resource as the engine shows it to a policy. */
export function resource({ type, name = "it", props = {}, opts = {} }: Sketch): CheckedResource {
  return { type, name, urn: `urn:pulumi:test::test::${type}::${name}`, props, opts: { protect: false, additionalSecretOutputs: [], ...opts } };
}

/** A well-made instance group: three instances over three AZs, with a canary, and a job that drains. */
export function groupResource(facts: Partial<GroupFacts> = {}): CheckedResource {
  const good: GroupFacts = {
    deployment: "dep",
    iaas: "aws",
    group: "api",
    instances: 3,
    azs: ["z1", "z2", "z3"],
    vmType: "small",
    memoryMiB: 1024,
    persistentDiskMiB: 0,
    jobs: [{ name: "server", release: "r", drains: true, backsUp: false }],
    takesTraffic: false,
    canaries: 1,
    maxInFlight: 1,
    plaintext: [],
    tags: {},
  };
  return resource({ type: "repave:index:InstanceGroup", name: `dep.${facts.group ?? good.group}`, props: { ...good, ...facts } as unknown as Record<string, unknown> });
}

export function deploymentResource(facts: Partial<DeploymentFacts> = {}): CheckedResource {
  const good: DeploymentFacts = { deployment: "dep", iaas: "aws", releases: [], stemcells: [{ alias: "default", os: "ubuntu-jammy", version: "1.10" }], tags: {}, inPlainText: [] };
  return resource({ type: "repave:index:Deployment", name: "dep", props: { ...good, ...facts } as unknown as Record<string, unknown> });
}

class NotApplicable extends Error {}

const notApplicable = (reason?: string): never => {
  throw new NotApplicable(reason);
};

/** Calls the policy as the SDK does; answers its messages, or why it does not apply. */
export function askResource<Config extends object>(rule: Rule<Config>, about: CheckedResource, config: Partial<Config> = {}): string[] | { notApplicable: string } {
  const args = { ...about, opts: about.opts as PolicyResourceOptions, getConfig: () => config, notApplicable } as unknown as ResourceValidationArgs;
  const validations = [rule.validateResource!].flat();
  return collect((report) => validations.forEach((validate) => void validate(args, report)));
}

export function askStack<Config extends object>(rule: Rule<Config>, resources: CheckedResource[], config: Partial<Config> = {}): string[] | { notApplicable: string } {
  const args = { resources, getConfig: () => config, notApplicable } as unknown as StackValidationArgs;
  return collect((report) => void rule.validateStack!(args, report));
}

function collect(work: (report: (message: string) => void) => void): string[] | { notApplicable: string } {
  const found: string[] = [];
  try {
    work((message) => found.push(message));
  } catch (error) {
    if (error instanceof NotApplicable) return { notApplicable: error.message };
    throw error;
  }
  return found;
}
