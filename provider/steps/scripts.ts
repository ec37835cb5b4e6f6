import type { NextState } from "../agent/index.ts";
import type { Step } from "./run.ts";
import { unlessSkipped } from "./skip-drain.ts";

/** Runs one lifecycle script of every job that has it. */
const script = (name: string): Step => async ({ agent, operation, label }) => {
  operation.status(`${label} ${name}`);
  await agent.runScript(name);
};

export const preStart = script("pre-start");
export const postStart = script("post-start");
export const postStop = script("post-stop");

/** `pre-stop` is told what comes after: whether the VM and the instance stay or go. */
export const preStop = (next: { vm: NextState; instance: NextState }): Step =>
  unlessSkipped(async ({ agent, operation, label }) => {
    operation.status(`${label} pre-stop`);
    await agent.runScript("pre-stop", { env: { BOSH_VM_NEXT_STATE: next.vm, BOSH_INSTANCE_NEXT_STATE: next.instance, BOSH_DEPLOYMENT_NEXT_STATE: "keep" } });
  });
