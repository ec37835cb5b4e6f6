import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import { exportStack } from "../environment/state.ts";
import { cloudsOf, lookAtClouds } from "./clouds.ts";

/** Where what was made without an answer is found again by its name, so that the next update goes on with it. */
const byName = ["kubernetes"];

/** After an update that failed: says what it may have made without knowing. */
export async function reportStrays(session: Session, context: CommandContext): Promise<void> {
  // Reading secrets takes the engine a second: only where there is somebody to ask.
  if (cloudsOf(await exportStack(session, { secrets: false })).every((cloud) => byName.includes(cloud))) return;
  const { vms, disks, strays } = await lookAtClouds(session, await exportStack(session, { secrets: true }), byName);
  const [lostVms, lostDisks] = [vms.filter((vm) => !vm.owned), disks.filter((disk) => !disk.owned)];
  const names = [...lostVms.map(({ name, cid }) => `VM ${name} (${cid})`), ...lostDisks.map(({ name, cid }) => `disk ${name} (${cid})`), ...strays.map(({ about, id }) => `${about} (${id})`)];
  if (names.length === 0) return;
  const resolutions = [...(lostVms.length > 0 ? ["delete_vm"] : []), ...(lostDisks.length > 0 ? ["delete_disk"] : []), ...(strays.length > 0 ? ["delete_object"] : [])];
  context.ui.info(`made without an answer, so that the state does not know: ${names.join(", ")}`);
  context.ui.info(`next: repave repair ${session.environment} --resolution ${resolutions.join(" ")}, if no other environment of this name has them; then repave up ${session.environment}`);
}
