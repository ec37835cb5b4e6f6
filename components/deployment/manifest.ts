import { RepaveError } from "../../director/core/errors.ts";
import { interpolate } from "../../director/manifest/interpolation/interpolate.ts";
import { fromPlain, parseYaml, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import type { InstanceGroup } from "../instance-group.ts";
import { mergeDefinitions } from "../instance-group.ts";

export interface ManifestArgs {
  /** A BOSH manifest, as an object. */
  manifest?: Record<string, unknown>;
  /** Typed instance groups, in the order in which they are updated. */
  instanceGroups?: InstanceGroup[];
  /** Values for `((references))` that no variable generates. */
  vars?: Record<string, unknown>;
  /** Update limits for all groups that do not say otherwise. */
  update?: Record<string, unknown>;
}

/** What is used where neither the manifest nor the arguments say: BOSH's shape, sizes for a small platform. */
const defaultUpdate = { canaries: 1, max_in_flight: 1, canary_watch_time: "1000-120000", update_watch_time: "1000-120000", serial: true };

/** Both faces of a deployment become one manifest value. */
export function manifestOf(name: string, args: ManifestArgs): Record<string, unknown> {
  if ((args.manifest === undefined) === (args.instanceGroups === undefined)) {
    throw new RepaveError("manifest.invalid", `Deployment '${name}' needs either 'manifest' or 'instanceGroups'`, { hint: "give one of the two" });
  }
  const value: Record<string, unknown> = args.manifest ?? { name, stemcells: [{ alias: "default", os: "local", version: "1" }], ...mergeDefinitions(args.instanceGroups ?? []) };
  const whole = { ...value, update: { ...defaultUpdate, ...(value["update"] as object | undefined), ...args.update } };
  const vars = new Map(Object.entries(args.vars ?? {}).map(([key, item]) => [key, fromPlain(item as PlainValue)]));
  return toPlain(interpolate(fromPlain(whole as PlainValue), (key) => vars.get(key))) as Record<string, unknown>;
}

/** Reads a manifest by BOSH's YAML rules. */
export function readManifestText(text: string): Record<string, unknown> {
  return toPlain(parseYaml(text).value) as Record<string, unknown>;
}
