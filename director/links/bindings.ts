import { RepaveError } from "../core/errors.ts";
import type { DeploymentSpec } from "../spec/deployment.ts";
import { own } from "../spec/own.ts";
import { linkConsumers } from "./consumers.ts";
import type { JobLookup } from "./job-definition.ts";
import { linkError } from "./link-error.ts";
import type { LinkConsumer, LinkProvider, StoredLink } from "./model.ts";
import { linkProviders, type Findings } from "./providers.ts";

/** One consumer and what it found: a provider, a manual link (no provider), or nothing because it may do without. */
export interface LinkBinding {
  readonly consumer: LinkConsumer;
  readonly provider?: LinkProvider;
}

export interface LinkBindings {
  readonly bindings: readonly LinkBinding[];
  readonly providers: readonly LinkProvider[];
  /** What is wrong in the manifest's `provides`, `consumes` and custom providers. */
  readonly invalid: readonly string[];
  /** Links without exactly one provider. */
  readonly unresolved: readonly string[];
  readonly warnings: readonly string[];
}

/** What other deployments last stored, by their name: a deployment that provides nothing has an empty list. */
export type OtherDeployments = { readonly [deployment: string]: readonly StoredLink[] };

/** Finds a provider for every consumer; addresses come later, so this needs no placement. */
export function bindLinks(spec: DeploymentSpec, lookup: JobLookup, others: OtherDeployments = {}): LinkBindings {
  const findings: Findings = { errors: [], warnings: [] };
  const providers = linkProviders(spec, lookup, findings);
  const consumers = linkConsumers(spec, lookup, new Set([spec.name, ...Object.keys(others)]), findings);
  const byType = new Map<string, LinkProvider[]>();
  for (const provider of providers) {
    if (provider.consumable) byType.set(provider.type, [...(byType.get(provider.type) ?? []), provider]);
  }
  const unresolved: string[] = [];
  const bindings = consumers.map((consumer): LinkBinding => {
    if (consumer.how === "manual") return { consumer };
    const found = candidates(consumer, spec.name, byType, others);
    if (found.length === 1) {
      if (!onNetwork(consumer, found[0]!, spec, others)) unresolved.push(linkError(consumer, found, consumer.network));
      return { consumer, provider: found[0]! };
    }
    const mayGoWithout = found.length === 0 && consumer.optional && consumer.how !== "explicit";
    if (!mayGoWithout) unresolved.push(linkError(consumer, found, consumer.network));
    return { consumer };
  });
  return { bindings, providers, invalid: findings.errors, unresolved, warnings: findings.warnings };
}

function candidates(consumer: LinkConsumer, deployment: string, byType: ReadonlyMap<string, readonly LinkProvider[]>, others: OtherDeployments): readonly LinkProvider[] {
  if (consumer.how === "blocked") return [];
  const from = consumer.fromDeployment ?? deployment;
  if (from !== deployment) {
    return (own(others, from) ?? [])
      .map((stored) => stored.provider)
      .filter((provider) => provider.consumable && provider.shared && provider.type === consumer.type && provider.name === consumer.name);
  }
  const ofType = byType.get(consumer.type) ?? [];
  return consumer.how === "explicit" ? ofType.filter((provider) => provider.name === consumer.name) : ofType;
}

/** Whether the provider's instances have addresses on the network the consumer asks for. */
function onNetwork(consumer: LinkConsumer, provider: LinkProvider, spec: DeploymentSpec, others: OtherDeployments): boolean {
  const { network } = consumer;
  if (network === undefined) return true;
  if (provider.kind === "disk") return false;
  if (provider.deployment !== spec.name) {
    return (own(others, provider.deployment) ?? []).some((stored) => stored.provider === provider && stored.content.networks?.includes(network));
  }
  const group = spec.instanceGroups.find((item) => item.name === provider.instanceGroup);
  return group?.networks.some((item) => item.name === network) ?? false;
}

/** The one error for everything wrong with a deployment's links, in the Director's words. */
export function linksError(deployment: string, { invalid, unresolved }: { invalid: readonly string[]; unresolved: readonly string[] }): RepaveError {
  const failed = unresolved.length === 0 ? [] : [`Failed to resolve links from deployment '${deployment}'. See errors below:\n  - ${unresolved.join("\n  - ")}`];
  return new RepaveError(invalid.length > 0 ? "link.invalid" : "link.unresolved", [...invalid, ...failed].join("\n"), {
    details: { directorCode: 190016, deployment, invalid, unresolved },
  });
}
