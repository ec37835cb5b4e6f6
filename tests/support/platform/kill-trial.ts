import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findEngine } from "../../../cli/environment/engine-binary.ts";
import { runAndKill, seededRandom, strays, type Killed, type Victim } from "./kill.ts";
import { TestPlatform, type InstanceRow } from "./index.ts";

/** A platform whose commands are killed, and what must hold after the next one. */
export class KillTrial {
  readonly platform: TestPlatform;
  readonly #random: () => number;
  readonly #tmp: string;
  readonly #env: Record<string, string>;
  /** Milliseconds that each command took when nobody killed it. */
  readonly #typical: Record<string, number> = { up: 8_000, repave: 15_000, rotate: 15_000, down: 4_000 };
  #marks: Record<string, string> = {};

  constructor(name: string, seed: number) {
    this.platform = new TestPlatform(name);
    this.#random = seededRandom(seed);
    this.#tmp = path.join(this.platform.folder, "tmp");
    mkdirSync(this.#tmp, { mode: 0o700 });
    // A cache of its own, so that the package is compiled here, on a compilation VM.
    this.#env = { TMPDIR: this.#tmp, REPAVE_CACHE: path.join(this.platform.folder, "cache"), PATH: `${findEngine(process.env).folder}:${process.env["PATH"] ?? ""}` };
    addPackage(path.join(this.platform.folder, "release"));
  }

  /** Also with a password that changes at once (`note_password`), and one whose old value is accepted for a while (`bus_password`). */
  deploy(note: string): void {
    const properties = { note, password: "((note_password))", accepted: "((bus_password.accepted))" };
    const variables = ["note_password", "bus_password"].map((name) => ({ name, type: "password" }));
    this.platform.deploy([{ name: "api", instances: 3, disk: 64, properties }], { update: { max_in_flight: 2 }, variables });
  }

  /** What the job has of its passwords, the same on every instance. */
  async passwords(): Promise<{ note: string; accepted: string[] }> {
    const files = Object.values(await vmsById(this.platform)).map((cid) => this.#inVm(cid, "cd /var/vcap/jobs/sleeper/config && tail -n 1 note && cat accepted"));
    const all = [...new Set(await Promise.all(files))];
    assert.equal(all.length, 1, "every instance has the same");
    const [note = "", accepted = ""] = all[0]!.split("\n");
    return { note: note.split(" ").at(-1)!, accepted: accepted.split(" ").filter(Boolean) };
  }

  /** No rotation is under way. */
  async rotated(): Promise<void> {
    const { code, stdout, text } = await this.platform.run(["credentials", "--json"], this.#env);
    assert.equal(code, 0, text);
    assert.deepEqual((JSON.parse(stdout) as { name: string; phase: string }[]).filter(({ phase }) => phase !== "-"), []);
  }

  /** Runs a command to its end and expects success. */
  async finish(args: readonly string[]): Promise<string> {
    const started = Date.now();
    const { code, text } = await this.platform.run(args, this.#env);
    assert.equal(code, 0, `${args.join(" ")}: ${text}`);
    this.#typical[args[0]!] = Date.now() - started;
    return text;
  }

  /** Kills a command at a random moment of its usual length; one that is quicker than usual is not counted. */
  async kill(args: readonly string[], victim: Victim, t: TestContext): Promise<Killed> {
    return this.#kill(args, { victim, afterMs: Math.round(this.#random() * (this.#typical[args[0]!] ?? 5_000)) }, t);
  }

  /** Kills a command at a random moment after its output first matched. */
  killSoonAfter(args: readonly string[], victim: Victim, from: RegExp, withinMs: number, t: TestContext): Promise<Killed> {
    return this.#kill(args, { victim, from, afterMs: Math.round(this.#random() * withinMs) }, t);
  }

  async #kill(args: readonly string[], how: { victim: Victim; afterMs: number; from?: RegExp }, t: TestContext): Promise<Killed> {
    const { victim, afterMs } = how;
    const result = await runAndKill(this.platform, args, { ...how, env: this.#env });
    const last = result.text.trim().split("\n").pop() ?? "";
    t.diagnostic(`${args.join(" ")}: ${result.killed ? `killed ${victim} after ${afterMs} ms` : "was done before"} at '${last.trim().slice(0, 110)}'`);
    return result;
  }

  choose<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  /** Every instance runs on exactly one VM, disks are as they were, and there is nothing without an owner. */
  async inOrder(): Promise<InstanceRow[]> {
    const rows = await this.platform.instances();
    assert.deepEqual(rows.map((r) => [r.instance, r.state]), [["api/0", "running"], ["api/1", "running"], ["api/2", "running"]]);
    const vms = await this.platform.iaas.listVms();
    assert.deepEqual(vms.map((v) => v.cid).sort(), rows.map((r) => r.vm).sort(), "one VM for each instance and no other");
    for (const { instance, vm } of rows) {
      const mark = await this.#inVm(vm, "cat /var/vcap/store/mark 2>/dev/null; true");
      if (this.#marks[instance] === undefined) {
        this.#marks[instance] = `${instance} ${this.#random()}`;
        await this.#inVm(vm, `echo '${this.#marks[instance]}' > /var/vcap/store/mark`);
      } else assert.equal(mark, this.#marks[instance], `the disk of ${instance} is the same`);
    }
    assert.deepEqual(await this.leftovers(), []);
    return rows;
  }

  /** After `down`: nothing at all. */
  async allGone(): Promise<void> {
    assert.deepEqual(await this.platform.iaas.scan(), []);
    assert.deepEqual(await this.leftovers(), []);
    this.#marks = {};
  }

  /** What dies with its command may take a moment to be gone. */
  async leftovers(): Promise<string[]> {
    for (const until = Date.now() + 8_000; ; await sleep(200)) {
      const left = await strays(this.platform, this.#tmp);
      if (left.length === 0 || Date.now() > until) return left;
    }
  }

  async #inVm(cid: string, command: string): Promise<string> {
    const child = await this.platform.iaas.exec(cid, ["/bin/sh", "-c", command]);
    let output = "";
    child.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    return output.trim();
  }

  close(): Promise<void> {
    return this.platform.close();
  }
}

/** Ids of the instances that an output says were done on their new VM. */
export function finishedIn(text: string): string[] {
  return [...text.matchAll(/repave:index:Instance dep\.api\.(\S+) created replacement/g)].map((m) => m[1]!);
}

/** VM of each slot's instance id. */
export async function vmsById(platform: TestPlatform): Promise<Record<string, string>> {
  return Object.fromEntries((await platform.iaas.listVms()).filter((v) => v.slot.startsWith("api-")).map((v) => [v.slot.slice("api-".length), v.cid]));
}

/** Gives the job a package that takes a moment to compile. */
function addPackage(release: string): void {
  mkdirSync(path.join(release, "src"), { recursive: true });
  const folder = path.join(release, "packages", "tool");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "spec"), "---\nname: tool\ndependencies: []\nfiles: []\n");
  writeFileSync(path.join(folder, "packaging"), "set -e\nsleep 2\necho tool > ${BOSH_INSTALL_TARGET}/tool\n");
  const job = path.join(release, "jobs", "sleeper", "spec");
  writeFileSync(job, readFileSync(job, "utf8").replace("packages: []", "packages: [tool]"));
}
