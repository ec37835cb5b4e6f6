import type { DeploymentFacts, GroupFacts } from "../components/deployment/facts.ts";
import type { CheckedResource } from "./rule.ts";

/** The facts of an instance group, if that is what the resource is. */
export function groupOf(resource: CheckedResource): GroupFacts | undefined {
  return resource.type === "repave:index:InstanceGroup" ? (resource.props as unknown as GroupFacts) : undefined;
}

/** The facts of a deployment, if that is what the resource is. */
export function deploymentOf(resource: CheckedResource): DeploymentFacts | undefined {
  return resource.type === "repave:index:Deployment" ? (resource.props as unknown as DeploymentFacts) : undefined;
}

/** A resource of the local IaaS. */
export function isLocal(resource: CheckedResource): boolean {
  return /^repave:index:Local[A-Z]/.test(resource.type);
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
