import { RepaveError } from "../../director/core/errors.ts";
import type { Operation } from "../resource-kind.ts";
import type { InstanceInputs } from "../resources/instance.ts";
import { apply, prepare } from "./apply.ts";
import { attachDisk, detachDisk, endVm } from "./attach.ts";
import { mountDisk, unmountDisks } from "./disks.ts";
import { setDns } from "./dns.ts";
import { drain } from "./drain.ts";
import { carryOut, type Step } from "./run.ts";
import { postStart, postStop, preStart, preStop } from "./scripts.ts";
import { start, watch } from "./start.ts";
import { stop } from "./stop.ts";
import { waitForAgent } from "./wait-for-agent.ts";

const stopForUpdate: readonly Step[] = [preStop({ vm: "keep", instance: "keep" }), drain("update"), stop, postStop];
const ready: readonly Step[] = [waitForAgent, setDns, prepare];
const begin: readonly Step[] = [attachDisk, mountDisk, apply, preStart, start, watch, postStart];

/**
 * A new instance, or one on a new VM. The stop steps do nothing on a fresh VM, and what is right on one that an earlier,
 * cut-off run got half way through.
 */
export function startInstance(instance: InstanceInputs, operation: Operation): Promise<void> {
  return carryOut(instance, operation, [...ready, ...stopForUpdate, ...begin]);
}

/** An instance that changes where it is. */
export function updateInstance(instance: InstanceInputs, before: InstanceInputs, operation: Operation): Promise<void> {
  // A larger disk is mounted anew: only then does the agent grow the file system.
  const diskChanges = instance.disk !== before.disk || (instance.disk !== "" && instance.diskSize !== before.diskSize);
  const stopping: readonly Step[] = diskChanges
    ? [preStop({ vm: "keep", instance: "keep" }), drain("shutdown"), stop, postStop, unmountDisks]
    : before.state === "stopped"
      ? [stop]
      : stopForUpdate;
  return carryOut(instance, operation, [...ready, ...stopping, ...begin]);
}

/** An instance that is to stand still: it gets what its next start needs, and its jobs stay as they are. */
export function prepareInstance(instance: InstanceInputs, operation: Operation): Promise<void> {
  return carryOut(instance, operation, ready);
}

/** Stops the jobs and keeps the VM. */
export function stopInPlace(instance: InstanceInputs, operation: Operation): Promise<void> {
  return carryOut(instance, operation, [...ready, preStop({ vm: "keep", instance: "keep" }), drain("shutdown"), stop, postStop]);
}

/**
 * An instance that goes to another VM, made beside the one it has. All that can be done on the new one is done before the old one
 * stops; `moving` is called before anything stops, `moved` once the new VM has what the old one had.
 */
export async function swapInstance(instance: InstanceInputs, before: InstanceInputs, operation: Operation, progress: { moving(): void; moved(): void }): Promise<void> {
  await carryOut(instance, operation, ready);
  progress.moving();
  if (before.vmCid !== "") await stopInstance(before, { instanceGoes: false }, operation);
  progress.moved();
  if (instance.state === undefined) await carryOut(instance, operation, [...stopForUpdate, ...begin]);
  if (instance.endsOldVm && before.vmCid !== "") await endVm(before, operation);
}

/** An instance whose VM, or that itself, goes. A VM that does not answer is left to the IaaS. */
export async function stopInstance(instance: InstanceInputs, { instanceGoes }: { instanceGoes: boolean }, operation: Operation): Promise<void> {
  const next = { vm: "delete", instance: instanceGoes ? "delete" : "keep" } as const;
  try {
    await carryOut(instance, operation, [answers, preStop(next), drain("shutdown"), stop, postStop, unmountDisks]);
  } catch (error) {
    if (!isGone(error)) throw error;
    operation.warn(`${instance.group}/${instance.index}: its agent does not answer, so its jobs were not drained`);
  }
  await detachDisk(instance, operation);
}

const ANSWER_MS = 5_000;

const answers: Step = async ({ agent, operation, label }) => {
  operation.status(`${label} looking for its agent`);
  await agent.ping({ signal: operation.signal, deadline: ANSWER_MS });
};

/** No agent, or another VM's agent at the old address. */
function isGone(error: unknown): boolean {
  return error instanceof RepaveError && /^agent\.(unreachable|unauthorized|certificate|timeout)$/.test(error.code);
}
