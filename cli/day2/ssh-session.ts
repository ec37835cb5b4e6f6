import { type ChildProcess, execFile, spawn, type StdioOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { AccessPath } from "../../provider/resources/connection.ts";

/** What of an agent a session needs. */
export interface SshAgent {
  setUpSsh(user: string, publicKey: string): Promise<{ ip: string; hostPublicKey: string }>;
  cleanUpSsh(userPattern: string): Promise<void>;
}

export interface SshTarget {
  agent: SshAgent;
  /** Names the VM in errors, and to the SSH client. */
  label: string;
  ip: string;
  via: AccessPath;
  /** Default: 22. */
  port?: number;
}

const CLEAN_UP_MS = 10_000;

/**
 * A user of its own on a VM for as long as the session is open, as BOSH makes one: the agent is given the public half of a key that was
 * made for it, and answers with the VM's host key. The SSH client goes the way on which the deployer reaches the agent.
 */
export class SshSession {
  readonly #target: SshTarget;
  readonly #user: string;
  readonly #folder: string;
  #knownHost = false;

  private constructor(target: SshTarget, user: string, folder: string) {
    this.#target = target;
    this.#user = user;
    this.#folder = folder;
  }

  static async open(target: SshTarget, user = `bosh_${randomBytes(8).toString("hex")}`): Promise<SshSession> {
    const session = new SshSession(target, user, await mkdtemp(path.join(os.tmpdir(), "repave-ssh-")));
    try {
      await session.#setUp();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Starts a program there, as root where that is asked; none is a login shell. */
  start(argv: readonly string[], options: { stdio: StdioOptions; tty?: boolean; root?: boolean }): ChildProcess {
    const { via, ip, port = 22, label } = this.#target;
    const client = clientArguments({ user: this.#user, ip, port, via, key: this.#file("key"), knownHosts: this.#file("known_hosts"), alias: aliasOf(label), strict: this.#knownHost, tty: options.tty ?? false });
    const command = [...(options.root && argv.length > 0 ? ["sudo", "-n", "--"] : []), ...argv];
    return spawn("ssh", [...client, ...(command.length > 0 ? [command.map(shellWord).join(" ")] : [])], { stdio: options.stdio });
  }

  async close(): Promise<void> {
    // Best effort: the user has no password and its key goes now.
    await Promise.race([this.#target.agent.cleanUpSsh(`^${this.#user}$`).catch(() => undefined), new Promise((resolve) => setTimeout(resolve, CLEAN_UP_MS).unref())]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #setUp(): Promise<void> {
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", this.#user, "-f", this.#file("key")]).catch((cause: unknown) => {
      throw new RepaveError("setup.no-ssh", `No key for a session on ${this.#target.label} can be made: ${messageOf(cause)}`, { cause, hint: "install an OpenSSH client" });
    });
    const { hostPublicKey } = await this.#target.agent.setUpSsh(this.#user, (await readFile(this.#file("key.pub"), "utf8")).trim());
    this.#knownHost = hostPublicKey.trim() !== "";
    await writeFile(this.#file("known_hosts"), this.#knownHost ? `${aliasOf(this.#target.label)} ${hostPublicKey.trim()}\n` : "", { mode: 0o600 });
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }
}

interface ClientArguments {
  user: string;
  ip: string;
  port: number;
  via: AccessPath;
  key: string;
  knownHosts: string;
  alias: string;
  /** The host's key is known. */
  strict: boolean;
  tty: boolean;
}

/** What the SSH client is called with, up to the command. Nothing of the user's own keys and settings takes part. */
export function clientArguments({ user, ip, port, via, key, knownHosts, alias, strict, tty }: ClientArguments): string[] {
  const settings: Record<string, string> = {
    IdentitiesOnly: "yes",
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    HostKeyAlias: alias,
    StrictHostKeyChecking: strict ? "yes" : "accept-new",
    PasswordAuthentication: "no",
    LogLevel: "ERROR",
    ServerAliveInterval: "30",
    // It hands this line to a shell, and puts address and port in place of %h and %p itself.
    ...(via.kind === "command" ? { ProxyCommand: via.argv.map(shellWord).join(" ") } : {}),
  };
  return ["-F", "/dev/null", "-i", key, "-p", String(port), ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]), tty ? "-t" : "-T", `${user}@${ip}`];
}

/** A word as a POSIX shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w%+,./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function aliasOf(label: string): string {
  return `repave-${label.replaceAll("/", "-")}`;
}
