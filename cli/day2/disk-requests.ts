import { type DiskRequests, diskRequestsSchema } from "../../director/update/disk-requests.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { readSetting } from "./settings.ts";
import { update } from "./states.ts";

const ATTACH = "repave:attach";

/** Updates the environment so that an instance has a certain disk instead of its own; an empty CID is a new one. */
export async function requestDisk(session: Session, context: CommandContext, { group, instanceId }: KnownInstance, disk: string): Promise<number> {
  const before = (await readSetting(session, ATTACH, diskRequestsSchema)) ?? {};
  const wanted: DiskRequests = { ...before, [`${group}/${instanceId}`]: { disk, at: new Date().toISOString() } };
  return update(session, context, { [ATTACH]: JSON.stringify(wanted) });
}
