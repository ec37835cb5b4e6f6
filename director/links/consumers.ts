import type { DeploymentSpec, Json, JsonObject } from "../spec/deployment.ts";
import { own } from "../spec/own.ts";
import { isHash } from "../spec/read.ts";
import type { JobLookup } from "./job-definition.ts";
import type { LinkConsumer } from "./model.ts";
import { jobsInOrder, warnUnknown, type Findings } from "./providers.ts";

/** Every link the deployment's variables and jobs want. */
export function linkConsumers(spec: DeploymentSpec, lookup: JobLookup, deployments: ReadonlySet<string>, findings: Findings): LinkConsumer[] {
  const consumers: LinkConsumer[] = spec.variables.flatMap((variable) =>
    Object.entries(variable.consumes).map(([originalName, wish]): LinkConsumer => {
      const names = { instanceGroup: "", job: variable.name, originalName, name: wish.from ?? originalName, type: wish.linkType ?? "address" };
      return { kind: "variable", ...names, optional: false, how: "explicit", wildcard: wish.wildcard };
    }),
  );
  for (const { group, job } of jobsInOrder(spec)) {
    const definition = job && lookup(job.release, job.name);
    if (job === undefined || definition === undefined) continue;
    const unused = new Set(Object.keys(job.consumes));
    for (const link of definition.consumes) {
      unused.delete(link.name);
      const base = { kind: "job" as const, instanceGroup: group.name, job: job.name, originalName: link.name, name: link.name, type: link.type, optional: link.optional };
      const said = own(job.consumes, link.name);
      const consumer: LinkConsumer | undefined = said === undefined ? { ...base, how: "implicit" } : readConsume(said, base, spec.name, deployments, findings);
      if (consumer !== undefined) consumers.push(consumer);
    }
    warnUnknown("consumer", job.name, [...unused], findings);
  }
  return consumers;
}

const manualKeys = ["instances", "properties", "address"] as const;

function readConsume(said: Json, base: Omit<LinkConsumer, "how">, deployment: string, deployments: ReadonlySet<string>, findings: Findings): LinkConsumer | undefined {
  if (said === "nil") return { ...base, how: "blocked" };
  const where = `in job '${base.job}' in instance group '${base.instanceGroup}'`;
  if (!isHash(said)) {
    findings.errors.push(`Consumer '${base.originalName}' ${where} specified in the manifest should only be a hash or string 'nil'`);
    return undefined;
  }
  if (!consumeIsRight(said, `for link '${base.originalName}' ${where}`, findings)) return undefined;
  if (manualKeys.some((key) => said[key] !== undefined)) {
    const manual = { ...Object.fromEntries(manualKeys.map((key) => [key, said[key] ?? null])), deployment_name: deployment };
    return { ...base, how: "manual", manual: manual as JsonObject };
  }
  const alias = said["from"] === undefined ? base.name : String(said["from"]);
  const from = said["deployment"];
  if (from && !deployments.has(String(from))) {
    const instance = `in job '${base.job}' from instance group '${base.instanceGroup}'`;
    findings.errors.push(`Link '${alias}' ${instance} consumes from deployment '${String(from)}', but the deployment does not exist.`);
    return undefined;
  }
  return {
    ...base,
    // the old form DEPLOYMENT.ALIAS: only what follows the last dot counts
    name: alias.split(".").at(-1)!,
    how: "explicit",
    ...(from ? { fromDeployment: String(from) } : {}),
    ...(typeof said["network"] === "string" ? { network: said["network"] } : {}),
    ...(typeof said["ip_addresses"] === "boolean" ? { ipAddresses: said["ip_addresses"] } : {}),
  };
}

function consumeIsRight(said: Record<string, unknown>, what: string, findings: Findings): boolean {
  const before = findings.errors.length;
  const has = (key: string): boolean => said[key] !== undefined;
  for (const key of ["instances", "properties"]) {
    if (has(key) && has("from")) findings.errors.push(`Cannot specify both '${key}' and 'from' keys ${what}.`);
  }
  if (has("properties") && !has("instances")) findings.errors.push(`Cannot specify 'properties' without 'instances' ${what}.`);
  if (has("ip_addresses") && typeof said["ip_addresses"] !== "boolean") {
    findings.errors.push(`Cannot specify non boolean values for 'ip_addresses' field ${what}.`);
  }
  if (has("name") || has("type")) {
    findings.errors.push(`Cannot specify 'name' or 'type' properties in the manifest ${what}. Please provide these keys in the release only.`);
  }
  return findings.errors.length === before;
}
