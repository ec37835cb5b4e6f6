import { type ChildProcess, execFile, spawn, type StdioOptions } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { type SshAgent, SshUser } from "../../provider/agent/index.ts";
import type { AccessPath } from "../../provider/resources/connection.ts";

export interface SshTarget {
  agent: SshAgent;
  /** Names the VM in errors, and to the SSH client. */
  label: string;
  ip: string;
  via: AccessPath;
  /** Default: 22. */
  port?: number;
}

/** A user on a VM for as long as the session is open. The SSH client goes the way on which the deployer reaches the agent. */
export class SshSession {
  readonly #target: SshTarget;
  readonly #user: SshUser;
  #folder = "";

  private constructor(target: SshTarget, user: SshUser) {
    this.#target = target;
    this.#user = user;
  }

  static async open(target: SshTarget): Promise<SshSession> {
    await promisify(execFile)("ssh", ["-V"]).catch((cause: unknown) => {
      throw new RepaveError("setup.no-ssh", `There can be no session on ${target.label}: ${messageOf(cause)}`, { cause, hint: "install an OpenSSH client" });
    });
    const session = new SshSession(target, await SshUser.admit(target.agent));
    try {
      await session.#writeFiles();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Starts a program there, as root where that is asked; none is a login shell. */
  start(argv: readonly string[], options: { stdio: StdioOptions; tty?: boolean; root?: boolean }): ChildProcess {
    const { via, ip, port = 22, label } = this.#target;
    const client = clientArguments({ user: this.#user.name, ip, port, via, key: this.#file("key"), knownHosts: this.#file("known_hosts"), alias: aliasOf(label), strict: this.#user.hostKey !== undefined, tty: options.tty ?? false });
    const command = [...(options.root && argv.length > 0 ? ["sudo", "-n", "--"] : []), ...argv];
    return spawn("ssh", [...client, ...(command.length > 0 ? [command.map(shellWord).join(" ")] : [])], { stdio: options.stdio });
  }

  async close(): Promise<void> {
    await this.#user.leave();
    if (this.#folder !== "") await rm(this.#folder, { recursive: true, force: true });
  }

  /** The SSH client takes keys from files only. */
  async #writeFiles(): Promise<void> {
    this.#folder = await mkdtemp(path.join(os.tmpdir(), "repave-ssh-"));
    const { privateKey, hostKey } = this.#user;
    await writeFile(this.#file("key"), privateKey, { mode: 0o600 });
    await writeFile(this.#file("known_hosts"), hostKey === undefined ? "" : `${aliasOf(this.#target.label)} ${hostKey}\n`, { mode: 0o600 });
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
