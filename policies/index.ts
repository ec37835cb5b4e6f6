/** Rules for environments, each a policy that any pack may take. @packageDocumentation */
import { azSpread } from "./az-spread.ts";
import { backupRequired } from "./backup-required.ts";
import { canaryRequired } from "./canary-required.ts";
import { drainRequired } from "./drain-required.ts";
import { networkDenyDefault } from "./network-deny-default.ts";
import { noSingleInstance } from "./no-single-instance.ts";
import { persistentDiskProtect } from "./persistent-disk-protect.ts";
import { pinnedArtifacts } from "./pinned-artifacts.ts";
import { quota } from "./quota.ts";
import { repaveAge } from "./repave-age.ts";
import { rotationAge } from "./rotation-age.ts";
import { secretHygiene } from "./secret-hygiene.ts";
import { tagAndCost } from "./tag-and-cost.ts";
import { tlsEverywhere } from "./tls-everywhere.ts";

export {
  azSpread,
  backupRequired,
  canaryRequired,
  drainRequired,
  networkDenyDefault,
  noSingleInstance,
  persistentDiskProtect,
  pinnedArtifacts,
  quota,
  repaveAge,
  rotationAge,
  secretHygiene,
  tagAndCost,
  tlsEverywhere,
};
export { defineRule, type CheckedResource, type Rule, type RuleDefinition, type Verdict, type Violation } from "./rule.ts";

/** Every rule, in the order of the reference. */
export const allRules = [
  azSpread,
  noSingleInstance,
  tlsEverywhere,
  secretHygiene,
  pinnedArtifacts,
  canaryRequired,
  drainRequired,
  backupRequired,
  persistentDiskProtect,
  rotationAge,
  repaveAge,
  quota,
  networkDenyDefault,
  tagAndCost,
];
