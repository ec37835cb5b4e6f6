import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { clientError, runClient, type ClientRun } from "./run.ts";
import type { DebianSource } from "./lock.ts";

const gone = /Version '.*' for '.*' was not found|Unable to locate package|404\s+Not Found|Can't find a source to download|No packages found/;

/**
 * apt as an ordinary user: downloads without installing, with the system's sources and keys. Where the system's package lists are absent
 * or too old it reads fresh ones into a folder of its own, so that no right to change the system is needed.
 */
export class AptClient {
  private readonly dir: string;
  private readonly signal: AbortSignal | undefined;
  private fresh: Promise<void> | undefined;

  /** @param dir a private folder that outlives the calls. */
  constructor(dir: string, signal?: AbortSignal) {
    this.dir = dir;
    this.signal = signal;
  }

  /** Fetches the `.deb` into a folder of its own and answers its file. apt checks it against the signed lists. */
  async fetch(source: DebianSource): Promise<string> {
    const what = `Debian ${source.debian}:${source.arch} ${source.version}`;
    const target = path.join(this.dir, "debs", `${source.debian}_${source.arch}_${source.sha256.slice(0, 12)}`);
    await mkdir(target, { recursive: true });
    const query = `${source.debian}:${source.arch}=${source.version}`;
    let run = await this.apt("apt-get", ["download", query], target, false);
    if (run.code !== 0) {
      await this.refresh(what);
      run = await this.apt("apt-get", ["download", query], target, true);
    }
    const file = (await readdir(target)).find((name) => name.endsWith(".deb"));
    if (run.code !== 0 || file === undefined) throw clientError(what, run, gone);
    return path.join(target, file);
  }

  /** The version apt would install now, and its sha256, from fresh lists. */
  async latest(name: string, arch: string): Promise<DebianSource> {
    const what = `Debian ${name}:${arch}`;
    await this.refresh(what);
    const run = await this.apt("apt-cache", ["show", "--no-all-versions", `${name}:${arch}`], this.dir, true);
    const field = (key: string): string | undefined => new RegExp(`^${key}: (.+)$`, "m").exec(run.stdout)?.[1];
    const [version, sha256] = [field("Version"), field("SHA256")];
    if (run.code !== 0 || version === undefined || sha256 === undefined) throw clientError(what, run, gone);
    return { debian: name, version, arch, sha256 };
  }

  /** Fresh package lists, once per client. */
  private refresh(what: string): Promise<void> {
    this.fresh ??= (async () => {
      await mkdir(path.join(this.dir, "state", "lists", "partial"), { recursive: true });
      await mkdir(path.join(this.dir, "cache", "archives", "partial"), { recursive: true });
      const run = await this.apt("apt-get", ["update"], this.dir, true);
      // apt answers 0 even when it could reach nothing; then it has no list.
      const lists = (await readdir(path.join(this.dir, "state", "lists"))).filter((f) => /Packages/.test(f));
      if (run.code !== 0 || lists.length === 0) throw clientError(what, { ...run, code: run.code || 1 }, /$^/);
    })();
    return this.fresh;
  }

  private async apt(program: string, args: string[], cwd: string, own: boolean): Promise<ClientRun> {
    const config = path.join(this.dir, own ? "own.conf" : "system.conf");
    await mkdir(this.dir, { recursive: true });
    const lines = ['APT::Sandbox::User "";', 'Acquire::Retries "2";'];
    if (own) lines.push(`Dir::State "${this.dir}/state";`, `Dir::State::lists "${this.dir}/state/lists";`, `Dir::Cache "${this.dir}/cache";`, 'Dir::State::status "/var/lib/dpkg/status";');
    else lines.push(`Dir::Cache "${this.dir}/system-cache";`);
    await mkdir(path.join(this.dir, "system-cache", "archives", "partial"), { recursive: true });
    await writeFile(config, `${lines.join("\n")}\n`);
    return runClient(program, ["-q", ...args], { cwd, env: { APT_CONFIG: config, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" }, signal: this.signal });
  }
}

