import type { Policy, PolicyConfigSchema, PolicyResource, ResourceValidationPolicy, ResourceValidationArgs, StackValidationArgs, StackValidationPolicy } from "@pulumi/policy";
import { knownPart } from "./known-part.ts";

/** What a rule reads of a resource: its inputs when checked alone, its outputs when checked with the whole stack. */
export interface CheckedResource {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  opts: { protect: boolean; additionalSecretOutputs: readonly string[] };
  /** Resources that a property was made from; known when a whole stack is checked. */
  madeFrom?(property: string): readonly CheckedResource[];
}

export interface Violation {
  message: string;
  /** The resource at fault, when a whole stack is checked. */
  urn?: string;
}

/** What is wrong, or why the rule has nothing to say here. */
export type Verdict = readonly Violation[] | { notApplicable: string };

type ConfigProperty = PolicyConfigSchema["properties"][string];

export interface RuleDefinition<Config extends object> {
  name: string;
  description: string;
  /** JSON schema of each setting, with its default. */
  config: { [Key in keyof Config]: ConfigProperty & { default: Config[Key] } };
  /** Pure: one resource before it is made. */
  checkResource?(resource: CheckedResource, config: Config): Verdict;
  /** Pure: all resources once they are known. */
  checkStack?(resources: readonly CheckedResource[], config: Config, now: Date): Verdict;
  remediateResource?: ResourceValidationPolicy["remediateResource"];
}

/** A policy for any pack, whose checks can be called without an engine. */
export interface Rule<Config extends object> extends Policy {
  readonly defaults: Config;
  checkResource?(resource: CheckedResource, config?: Partial<Config>): Verdict;
  checkStack?(resources: readonly CheckedResource[], config: Partial<Config> | undefined, now: Date): Verdict;
  readonly validateResource?: ResourceValidationPolicy["validateResource"];
  readonly validateStack?: StackValidationPolicy["validateStack"];
  readonly remediateResource?: ResourceValidationPolicy["remediateResource"];
}

/** Makes a policy of a rule: advisory unless the pack's settings say otherwise, with its defaults under whatever is configured. */
export function defineRule<Config extends object>(definition: RuleDefinition<Config>): Rule<Config> {
  const { name, description, config, checkResource, checkStack, remediateResource } = definition;
  const defaults = Object.fromEntries(Object.entries<{ default: unknown }>(config).map(([key, property]) => [key, property.default])) as Config;
  const settings = (given?: Partial<Config>): Config => ({ ...defaults, ...given });
  const rule = {
    name,
    description,
    enforcementLevel: "advisory" as const,
    configSchema: { properties: config },
    defaults,
    ...(remediateResource ? { remediateResource } : {}),
    ...(checkResource ? resourcePart((resource, given?: Partial<Config>) => checkResource(resource, settings(given))) : {}),
    ...(checkStack ? stackPart((resources, given: Partial<Config> | undefined, now) => checkStack(resources, settings(given), now)) : {}),
  };
  return rule as unknown as Rule<Config>;
}

function resourcePart<Given extends object>(check: (resource: CheckedResource, given?: Given) => Verdict) {
  const validateResource: ResourceValidationPolicy["validateResource"] = (args, report) => tell(check(checked(args), args.getConfig<Given>()), args, report);
  return { checkResource: check, validateResource };
}

function stackPart<Given extends object>(check: (resources: readonly CheckedResource[], given: Given | undefined, now: Date) => Verdict) {
  const validateStack: StackValidationPolicy["validateStack"] = (args, report) => tell(check(args.resources.map(checked), args.getConfig<Given>(), new Date()), args, report);
  return { checkStack: check, validateStack };
}

function tell(verdict: Verdict, args: Pick<ResourceValidationArgs | StackValidationArgs, "notApplicable">, report: (message: string, urn?: string) => void): void {
  if ("notApplicable" in verdict) return args.notApplicable(verdict.notApplicable);
  for (const { message, urn } of verdict) report(message, urn);
}

/** Properties are copied when a rule asks for them, and without what a preview can't know yet. */
function checked(args: Pick<ResourceValidationArgs, "type" | "name" | "urn" | "props" | "opts"> & Partial<Pick<PolicyResource, "propertyDependencies">>): CheckedResource {
  const { type, name, urn, opts } = args;
  return {
    type,
    name,
    urn,
    opts: { protect: opts.protect, additionalSecretOutputs: opts.additionalSecretOutputs },
    madeFrom: (property) => (args.propertyDependencies?.[property] ?? []).map(checked),
    get props() {
      return knownPart(args.props) as Record<string, unknown>;
    },
  };
}
