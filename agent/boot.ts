import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import path from "node:path";
import { PARTIAL_BLOB } from "./blob-store.ts";
import { giveToVcap, readText, remove, writeAtomic } from "./files.ts";
import type { Layout } from "./layout.ts";
import { statProcess } from "./platform/processes.ts";

/** Makes the folders of the layout; what is there stays, but for what a killed agent left half done. */
export function makeLayout(layout: Layout): void {
  const folders: [string, number][] = [
    [layout.bosh, 0o750],
    [layout.agentLogs, 0o750],
    [layout.data, 0o750],
    [layout.dataSys, 0o750],
    [path.join(layout.dataSys, "log"), 0o750],
    [path.join(layout.dataSys, "run"), 0o750],
    [layout.blobs, 0o700],
    [layout.sensitiveBlobs, 0o700],
    [layout.tmp, 0o755],
    [layout.ownTmp, 0o700],
    [layout.compile, 0o755],
    [layout.jobBundles, 0o750],
    [layout.packageBundles, 0o755],
    [layout.jobs, 0o750],
    [layout.packages, 0o755],
    [layout.instance, 0o755],
    [layout.monit, 0o700],
    [layout.monitJobs, 0o700],
    [layout.store, 0o700],
  ];
  mkdirSync(layout.base, { recursive: true, mode: 0o755 });
  remove(layout.ownTmp);
  for (const [dir, mode] of folders) {
    if (existsSync(dir)) continue;
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, mode);
    if (mode !== 0o700) giveToVcap(dir);
  }
  for (const name of readdirSync(layout.blobs)) if (name.endsWith(PARTIAL_BLOB)) remove(path.join(layout.blobs, name));
  if (!existsSync(layout.sys)) symlinkSync(layout.dataSys, layout.sys);
}

/** After a boot of the VM (not of the agent alone) pidfiles of the life before would name strangers. */
export function clearRunDirAfterBoot(layout: Layout): void {
  const identity = `${readlinkSync("/proc/self/ns/pid")} ${statProcess(1)?.startTicks ?? 0} ${(readText("/proc/sys/kernel/random/boot_id") ?? "").trim()}`;
  if (readText(layout.bootIdentity) === identity) return;
  const run = path.join(layout.dataSys, "run");
  for (const entry of readdirSync(run, { withFileTypes: true })) {
    const dir = path.join(run, entry.name);
    remove(dir);
    if (!entry.isDirectory()) continue;
    mkdirSync(dir);
    chmodSync(dir, 0o770);
    giveToVcap(dir);
  }
  writeAtomic(layout.bootIdentity, identity, 0o600);
}
