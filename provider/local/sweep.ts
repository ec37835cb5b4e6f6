import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { balancerLock, balancerRecords, balancerSocket } from "./balancer.ts";
import { removeStrayGroups } from "./cgroup.ts";
import { isHalfMade } from "./disk-record.ts";
import { gatewayLock, gatewayRecord, type GatewayRecord } from "./gateway.ts";
import { tryLock } from "./lock.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { isAlive } from "./process-table.ts";
import { readRecord } from "./record.ts";
import { removeTree } from "./remove-tree.ts";
import { destroyVm } from "./vm.ts";
import { readVm, slotLock, slotKeyOf, vmFolders } from "./vm-record.ts";

/** Removes what killed commands left half made. What some running command is making is left alone. */
export async function sweep(paths: EnvironmentPaths): Promise<void> {
  for (const cid of await vmFolders(paths)) {
    if ((await readVm(paths, cid))?.init !== undefined) continue;
    await tryLock(paths.root, slotLock(slotKeyOf(cid)), async () => {
      if ((await readVm(paths, cid))?.init === undefined) await destroyVm(paths, cid);
    });
  }
  for (const cid of await readdir(paths.disks).catch(() => [])) {
    if (!(await isHalfMade(paths, cid))) continue;
    await tryLock(paths.root, `disk ${cid}`, async () => {
      if (await isHalfMade(paths, cid)) await removeTree(paths.disk(cid));
    });
  }
  for (const { folder } of await balancerRecords(paths)) {
    await tryLock(paths.root, balancerLock(folder), async () => {
      const record = (await balancerRecords(paths)).find((b) => b.folder === folder)?.record;
      if (record?.process === undefined) await rm(folder, { recursive: true, force: true });
      else if (!isAlive(record.process)) await rm(balancerSocket(folder), { force: true });
    });
  }
  await tryLock(paths.root, gatewayLock, async () => {
    if (!isAlive((await readRecord<GatewayRecord>(gatewayRecord(paths)))?.process)) await rm(paths.gateway, { recursive: true, force: true });
  });
  await removeStrayGroups(paths.token, (cid) => existsSync(paths.vm(cid)));
  for (const folder of [paths.root, paths.programs, paths.gateway, paths.addresses]) {
    await tryLock(paths.root, `drafts of ${folder}`, () => removeDrafts(folder));
  }
}

/** Drafts of files that were never put in place; a draft younger than a minute may still be at work. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    if (name.endsWith(".tmp") && Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now()) > 60_000) await rm(file, { force: true });
  }
}
