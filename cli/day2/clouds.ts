import { descriptionOf } from "../../components/iaas/tags.ts";
import { IaasError } from "../../director/core/errors.ts";
import { clouds } from "../../provider/clouds.ts";
import type { Account, Mark, Seen, SeenDisk, SeenVm, Stray } from "../../provider/seen.ts";
import type { Session } from "../environment/session.ts";
import { clearValues, type StackExport } from "../environment/state.ts";

export interface CloudView {
  vms: SeenVm[];
  disks: SeenDisk[];
  /** What else there is, that no state knows. */
  strays: Stray[];
  /** Every cloud of the environment has answered, and there is one: what is not here is gone. */
  whole: boolean;
  /** Why a cloud could not be asked. */
  mute: string[];
}

/**
 * What the clouds of a stack have of its environments. Those that can't be asked are named; doctor tells more of them.
 *
 * @param except clouds that are not asked
 */
export async function lookAtClouds(session: Pick<Session, "env">, stack: StackExport, except: readonly string[] = []): Promise<CloudView> {
  const marks = (stack.deployment.resources ?? []).filter(({ type }) => type === "repave:index:Environment").map(({ urn }) => markOf(urn.split("::").at(-1)!));
  const found = await Promise.all(accountsOf(session, stack).filter(([cloud]) => !except.includes(cloud)).flatMap(([cloud, account]) => marks.map((mark) => ask(cloud, account, mark))));
  const seen = found.filter((one) => typeof one !== "string");
  const mute = [...new Set(found.filter((one) => typeof one === "string"))];
  // Two providers may lead to the same place.
  const vms = new Map(seen.flatMap((one) => one.vms.map((vm) => [vm.cid, vm])));
  const disks = new Map(seen.flatMap((one) => one.disks.map((disk) => [disk.cid, disk])));
  const strays = new Map(seen.flatMap((one) => one.others.map((stray) => [stray.id, stray])));
  return { vms: [...vms.values()], disks: [...disks.values()], strays: [...strays.values()], whole: seen.length > 0 && mute.length === 0, mute };
}

/** Clouds that a stack has something of. */
export function cloudsOf(stack: StackExport): string[] {
  const types = new Set((stack.deployment.resources ?? []).map(({ type }) => type));
  return Object.keys(clouds).filter((cloud) => types.has(`pulumi:providers:${cloud}`));
}

function markOf(environment: string): Mark {
  return { environment, description: descriptionOf(environment) };
}

/** What the state has of a cloud, it has by providers: each may be of another region. */
function accountsOf({ env }: Pick<Session, "env">, stack: StackExport): [cloud: string, account: Account][] {
  const resources = stack.deployment.resources ?? [];
  const known = new Map<string, Set<string>>();
  for (const { id, type } of resources) if (id !== undefined) known.set(id, (known.get(id) ?? new Set()).add(type));
  return cloudsOf(stack).flatMap((cloud) => {
    const providers = resources.filter(({ type }) => type === `pulumi:providers:${cloud}`).map(({ inputs }) => clearValues(inputs));
    const distinct = new Map(providers.map(({ version: _, ...provider }) => [JSON.stringify(provider), provider]));
    return [...distinct.values()].map((provider): [string, Account] => [cloud, { env, provider, known }]);
  });
}

async function ask(cloud: string, account: Account, mark: Mark): Promise<Seen | string> {
  try {
    return await (await clouds[cloud]!())(account, mark);
  } catch (error) {
    if (error instanceof IaasError) return error.message;
    throw error;
  }
}
