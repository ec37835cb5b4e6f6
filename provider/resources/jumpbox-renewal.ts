import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isTooOld, renewalReasons } from "../../director/update/renewal-reasons.ts";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { UNKNOWN } from "../rpc/values.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  az: z.string(),
  /** What makes another VM: image, size, AZ. */
  fingerprint: z.record(z.string(), z.any()),
  env: z.record(z.string(), z.any()).optional(),
  ntp: z.array(z.string()).optional(),
  /** One that was made before this time (ISO 8601) is made anew. */
  repaveBefore: z.string().optional(),
});

export type JumpboxRenewalInputs = z.infer<typeof schema>;
export type JumpboxRenewalState = JumpboxRenewalInputs & { mark: string; createdAt: string };

/**
 * Says when the jumpbox is made anew. What takes `mark` into its name (address, interface, settings, VM) is then made beside what there is,
 * which goes when the update is through: until then the old jumpbox leads to the VMs whose instances still know it.
 */
export class JumpboxRenewal extends pulumi.CustomResource {
  declare readonly mark: pulumi.Output<string>;
  declare readonly createdAt: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("JumpboxRenewal"), name, { ...args, mark: undefined, createdAt: undefined }, opts);
  }
}

const ofTheVm = ["fingerprint", "env", "ntp"] as const;

const isDue = (olds: JumpboxRenewalState, oldInputs: Partial<JumpboxRenewalInputs>, news: JumpboxRenewalInputs): boolean => changedKeys(oldInputs, news, ofTheVm).length > 0 || isTooOld(news, olds.createdAt);

export const jumpboxRenewalKind: ResourceKind<JumpboxRenewalInputs, JumpboxRenewalState> = {
  type: token("JumpboxRenewal"),
  schema,
  diff(olds, news, oldInputs, operation) {
    const keys: string[] = changedKeys(oldInputs, news, ofTheVm);
    const reasons = renewalReasons(oldInputs, news, keys, olds.createdAt);
    if (reasons.length > 0) operation.status(`another jumpbox, then the old one goes: ${reasons.join("; ")}`);
    return { changed: [...keys, ...(isTooOld(news, olds.createdAt) ? ["repaveBefore"] : []), ...changedKeys(oldInputs, news, ["az"])], replace: [], deleteBeforeReplace: false };
  },
  async create(news, { name, services }) {
    return { id: name, state: fresh(news, services.now()) };
  },
  async update(_id, olds, news, { services }) {
    return isDue(olds, olds, news) ? fresh(news, services.now()) : { ...olds, ...news };
  },
  foresee: (news, olds) => (olds === undefined ? {} : isDue(olds, olds, news) ? { mark: UNKNOWN, createdAt: UNKNOWN } : {}),
};

function fresh(news: JumpboxRenewalInputs, now: Date): JumpboxRenewalState {
  return { ...news, mark: randomBytes(4).toString("hex"), createdAt: now.toISOString() };
}
