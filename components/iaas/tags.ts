import type { Tags } from "./port.ts";

const LONGEST = 255;

/** The names that whatever an adapter makes carries: those of BOSH's VM metadata, with the environment in the director's place. */
export interface Owner {
  environment: string;
  deployment?: string;
  group?: string;
  instance?: { id: string; index: number };
}

/** Whose something is, in its description: where tags are put on in a second call, it has this from the first. */
export function descriptionOf(environment: string): string {
  return `of the repave environment ${environment}`;
}

/** Tags of what belongs to an owner; a manifest's own tags can't replace them. Values are cut to what every cloud takes. */
export function tagsOf({ environment, deployment, group, instance }: Owner, own: Readonly<Record<string, unknown>> = {}): Tags {
  const ofOwner = {
    environment,
    ...(deployment === undefined ? {} : { deployment }),
    ...(group === undefined ? {} : { instance_group: group }),
    ...(instance === undefined ? {} : { id: instance.id, index: String(instance.index) }),
  };
  const texts = Object.entries({ ...own, ...ofOwner }).map(([key, value]) => [key, String(value).slice(0, LONGEST)]);
  return Object.fromEntries(texts) as Tags;
}
