import { renewalReasons } from "../update/renewal-reasons.ts";
import { shortType, type EngineStep } from "./engine-step.ts";

/** What happens to the environment's jumpbox. */
export interface JumpboxChange {
  readonly name: string;
  readonly action: "create" | "recreate" | "delete";
  readonly reasons: readonly string[];
}

export function isJumpbox(step: EngineStep): boolean {
  return shortType(step.type) === "JumpboxRenewal";
}

/** Undefined where it stays. What is its VM, address and so on has its name. */
export function jumpboxChange({ name, op, old, next, changed }: EngineStep, parts: readonly EngineStep[]): JumpboxChange | undefined {
  if (op === "delete") return { name, action: "delete", reasons: ["no longer wanted"] };
  if (op === "create") return { name, action: "create", reasons: ["first of its environment"] };
  const reasons = op === "update" && old && next ? renewalReasons(old.inputs, next, changed.filter((key) => key !== "az"), old.outputs["createdAt"]) : [];
  if (reasons.length > 0) return { name, action: "recreate", reasons };
  const partly = (wanted: EngineStep["op"]) => parts.filter((part) => part.op === wanted).map((part) => shortType(part.type)).join(", ");
  if (partly("create") !== "") return { name, action: "create", reasons: [`not there any more: ${partly("create")}`] };
  return partly("replace") === "" ? undefined : { name, action: "recreate", reasons: [`other inputs: ${partly("replace")}`] };
}

export function describeJumpbox({ action, reasons }: JumpboxChange): string {
  const what = { create: "a VM of its own is made before all others", recreate: "another one is made first, then the old one goes last", delete: "it goes" }[action];
  return `jumpbox: ${what}: ${reasons.join("; ")}`;
}
