import { chmodSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DiskHint } from "../director/protocol/index.ts";
import { asString } from "./decode.ts";
import { pointLink, readText, remove, writeAtomic } from "./files.ts";
import type { Layout } from "./layout.ts";
import type { AgentLog } from "./log.ts";
import { bindMounter, isSameDir, linkMounter, type Mounter } from "./platform/mounts.ts";
import { runCommand } from "./run-command.ts";
import type { SettingsStore } from "./settings-store.ts";

const UNMOUNT_TRIES = 600;

/** Persistent disks: folders that the IaaS puts below `devices`, one per disk cid. */
export class Disks {
  readonly #layout: Layout;
  readonly #settings: SettingsStore;
  readonly #log: AgentLog;
  readonly #devices: string;
  readonly #mounter: Mounter;

  constructor(options: { layout: Layout; settings: SettingsStore; log: AgentLog; devices: string; mode: "bind" | "link" }) {
    this.#layout = options.layout;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#devices = options.devices;
    this.#mounter = options.mode === "bind" ? bindMounter : linkMounter;
  }

  /** Mounts the disk that was mounted before the VM or the agent started anew. */
  async resume(): Promise<void> {
    const known = Object.keys(this.#settings.disks());
    const last = readText(this.#layout.managedDisk) ?? "";
    if (last !== "" && !known.includes(last)) {
      this.#log.warn("disks", `disk ${last} is not attached any more`);
      remove(this.#layout.managedDisk);
    }
    const expected = Math.max(1, this.#settings.diskAssociations.length);
    if (known.length > expected && last === "") throw new Error(`Unexpected disk attached: ${known.join(", ")}`);
    const cid = known.includes(last) ? last : known.length === 1 && this.#settings.diskAssociations.length === 0 ? known[0] : undefined;
    if (cid !== undefined && existsSync(this.#device(cid))) await this.mount(cid);
    else if (cid !== undefined && cid === last) throw new Error(`Persistent disk with volume id '${cid}' is not at ${this.#device(cid)}`);
  }

  async mount(cid: string): Promise<void> {
    const device = this.#device(cid);
    if (!existsSync(device)) throw new Error(`Mounting persistent disk: disk '${cid}' is not at '${device}'`);
    const { store, migrationTarget } = this.#layout;
    if (!isSameDir(device, store) && !isSameDir(device, migrationTarget)) {
      const target = this.#mountedAt(store) === undefined ? store : migrationTarget;
      chmodSync(device, 0o700);
      await this.#mounter.mount(device, target);
    }
    this.#remember(cid);
  }

  async unmount(cid: string): Promise<boolean> {
    const device = this.#device(cid);
    const target = [this.#layout.store, this.#layout.migrationTarget].find((dir) => isSameDir(device, dir));
    if (target === undefined) return false;
    await this.#unmountPatiently(target);
    return true;
  }

  /** Copies what is at `store` to the disk mounted second, and puts that one in its place. */
  async migrate(): Promise<void> {
    const { store, migrationTarget } = this.#layout;
    const next = this.#mountedAt(migrationTarget);
    if (next === undefined) throw new Error("Migrating persistent disk: no second disk is mounted");
    await this.#mounter.makeReadOnly(store);
    const { exitCode, stderr } = await runCommand("cp", ["-a", "--sparse=auto", `${store}/.`, `${migrationTarget}/`], { keepBytes: 2000 });
    if (exitCode !== 0) throw new Error(`Migrating persistent disk: Copying files: cp exited with ${exitCode}: ${stderr.trim()}`);
    await this.#unmountPatiently(store);
    await this.#mounter.unmount(migrationTarget);
    await this.#mounter.mount(this.#device(next), store);
    this.#remember(next);
  }

  mounted(): string[] {
    const places = [this.#layout.store, this.#layout.migrationTarget];
    return Object.keys(this.#settings.disks()).filter((cid) => places.some((place) => isSameDir(this.#device(cid), place)));
  }

  associate(name: string, cid: string): void {
    if (!/^[^/\0]+$/.test(name)) throw new Error(`'${name}' is not a disk name`);
    mkdirSync(this.#layout.diskLinks, { recursive: true, mode: 0o755 });
    pointLink(path.join(this.#layout.diskLinks, name), this.#device(cid));
  }

  /** The IaaS takes it away; it must be unmounted. */
  forget(cid: string): void {
    this.#settings.removeDisk(cid);
    // The real agent keeps the note and then can't boot again.
    if (readText(this.#layout.managedDisk) === cid) remove(this.#layout.managedDisk);
  }

  #mountedAt(place: string): string | undefined {
    return Object.keys(this.#settings.disks()).find((cid) => isSameDir(this.#device(cid), place));
  }

  #device(cid: string): string {
    const hint: DiskHint | undefined = this.#settings.disks()[cid];
    if (hint === undefined) throw new Error(`Persistent disk with volume id '${cid}' could not be found`);
    const named = typeof hint === "string" ? hint : hint.path;
    if (named?.startsWith("/") && existsSync(named)) return named;
    return path.join(this.#devices, checkedCid(cid));
  }

  #remember(cid: string): void {
    writeAtomic(this.#layout.managedDisk, cid, 0o640);
  }

  async #unmountPatiently(target: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#mounter.unmount(target);
      } catch (error) {
        if (attempt >= UNMOUNT_TRIES) throw error;
        if (attempt === 1) this.#log.warn("disks", `${target} is in use: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(1000);
      }
    }
  }
}

export function checkedCid(value: unknown): string {
  const cid = asString(value, "disk cid");
  if (!/^[^/\0]+$/.test(cid) || cid === "." || cid === "..") throw new Error(`'${cid}' is not a disk cid`);
  return cid;
}
