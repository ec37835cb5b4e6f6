import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TestPlatform, type Finished } from "./index.ts";

const TYPES = { small: 64, tiny: 1, large: 128, fast: { size: 64, cloudProperties: { type: "ssd" } } };
const MARK = "mkdir -p /var/vcap/store/deep && echo kept > /var/vcap/store/deep/mark && ln /var/vcap/store/deep/mark /var/vcap/store/twin && chown 1000:1000 /var/vcap/store/deep";
const SEEN = "mountpoint -q /var/vcap/store && cat /var/vcap/store/deep/mark && stat -c %h /var/vcap/store/twin && stat -c %u /var/vcap/store/deep && [ ! -e /var/vcap/store_migration_target/deep ] && touch /var/vcap/store/written && echo writable";

/** A group `api` of one instance with a persistent disk that has something on it. */
export class DiskTrial {
  readonly platform: TestPlatform;

  constructor(name: string) {
    this.platform = new TestPlatform(name);
  }

  async begin(): Promise<void> {
    this.deploy("small");
    await this.up();
    await this.inVm(MARK);
  }

  deploy(type: keyof typeof TYPES | undefined): void {
    this.platform.deploy([{ name: "api", instances: 1, ...(type && { persistent_disk_type: type }) }]);
    const program = path.join(this.platform.folder, "index.js");
    writeFileSync(program, readFileSync(program, "utf8").replace("iaas: localIaas(),", `iaas: localIaas(), diskTypes: ${JSON.stringify(TYPES)},`));
  }

  async up(...flags: string[]): Promise<Finished> {
    return this.ran("up", ...flags);
  }

  /** Runs a command that must succeed. */
  async ran(...args: string[]): Promise<Finished> {
    const finished = await this.platform.run(args);
    assert.equal(finished.code, 0, finished.text);
    return finished;
  }

  async vm(): Promise<string> {
    const vms = (await this.platform.iaas.listVms()).filter((vm) => vm.slot.startsWith("api-") && vm.state === "running");
    assert.equal(vms.length, 1, JSON.stringify(vms));
    return vms[0]!.cid;
  }

  /** The disk of the VM, which must be all that is attached. */
  async disk(): Promise<string> {
    const vm = await this.vm();
    const attached = (await this.platform.iaas.listDisks()).filter((disk) => disk.attachedTo === vm);
    assert.equal(attached.length, 1, JSON.stringify(attached));
    return attached[0]!.cid;
  }

  async killVm(): Promise<string> {
    const cid = await this.vm();
    process.kill((await this.platform.iaas.findVm(cid))!.pid!, "SIGKILL");
    while ((await this.platform.iaas.findVm(cid))?.state === "running") await sleep(20);
    return cid;
  }

  async inVm(script: string): Promise<string> {
    const child = await this.platform.iaas.exec(await this.vm(), ["/bin/sh", "-c", script]);
    let output = "";
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 0, `${script}: ${output}`);
    return output.trim();
  }

  /** The job runs, on a disk with all that was put there at the beginning, which can be written. */
  async assertKept(): Promise<void> {
    assert.deepEqual((await this.inVm(SEEN)).split("\n"), ["kept", "2", "1000", "writable"]);
    await this.inVm("kill -0 $(cat /var/vcap/sys/run/sleeper/sleeper.pid)");
  }

  async assertOrphan(cid: string): Promise<void> {
    const disk = (await this.platform.iaas.findDisk(cid))!;
    assert.ok(disk.orphanedAt !== undefined, `${cid} is an orphan`);
    assert.equal(disk.attachedTo, undefined);
    assert.match(disk.owner?.instance ?? "", /^api\/\S+$/);
  }

  close(): Promise<void> {
    return this.platform.close();
  }
}
