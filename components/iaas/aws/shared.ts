import * as pulumi from "@pulumi/pulumi";
import type { OpenArgs, Tags } from "../port.ts";
import type { AwsIaasArgs, AwsSettings } from "./args.ts";
import type { AwsSdk } from "./sdk.ts";

/** What every part of an environment has at hand. */
export interface Shared {
  sdk: AwsSdk;
  /** Name of the environment's resources. */
  name: string;
  settings: AwsSettings;
  access: NonNullable<AwsIaasArgs["access"]>;
  open: OpenArgs;
  provider: pulumi.ProviderResource;
  /** Of what the environment itself makes: its parent and provider. */
  opts: pulumi.CustomResourceOptions;
  /** Zone of each AZ. */
  zones: ReadonlyMap<string, string>;
}

/** Names of AWS objects take no slashes, dots or spaces. */
export function dashed(...parts: string[]): string {
  return parts.join("-").replace(/[^A-Za-z0-9-]+/g, "-");
}

const LONGEST_KEY = 127;
const LONGEST_VALUE = 255;

/** Tags with AWS's own for what a thing is called; keys that AWS keeps for itself are left out. */
export function named(name: string, tags: Tags, own: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const all = Object.entries({ ...own, ...tags, Name: name }).filter(([key]) => !/^aws:/i.test(key));
  return Object.fromEntries(all.map(([key, value]) => [key.slice(0, LONGEST_KEY), String(value).slice(0, LONGEST_VALUE)]));
}
