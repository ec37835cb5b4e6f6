import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import { dialerOf, openAgent } from "../../provider/agents.ts";
import { localIaasOf } from "../../provider/local-environments.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { SshSession } from "./ssh-session.ts";

/** A way to run programs on an instance's VM; close it. */
export interface Shell {
  /** `root`: elsewhere than on local VMs, where everything is, through sudo. */
  start(argv: readonly string[], options: { stdio: StdioOptions; tty?: boolean; root?: boolean }): Promise<ChildProcess>;
  close(): Promise<void>;
}

/** Through its namespaces where the VM is local; elsewhere through SSH, on the way on which its agent is reached. */
export async function openShell(session: Session, instance: KnownInstance): Promise<Shell> {
  const { access, vmCid } = instance;
  const label = `${instance.group}/${instance.index}`;
  if (instance.state === "detached") throw new RepaveError("cli.no-vm", `${label} has no VM: it was stopped with --hard`, { hint: `repave start ${label}` });
  if (access.via.kind === "local") {
    const iaas = localIaasOf(session.home, access.via.environment);
    return { start: (argv, { stdio, tty }) => iaas.exec(vmCid, argv.length > 0 ? argv : ["/bin/bash"], { stdio, tty }), close: async () => undefined };
  }
  const agent = openAgent(session.home, access, label);
  // The SSH client knows nothing of a session with the jumpbox: that one is this process's.
  const forward = access.via.kind === "jumpbox" ? await forwardTo(dialerOf(session.home, access), access.ip, SSH_PORT) : undefined;
  const leave = () => {
    forward?.close();
    agent.close();
  };
  try {
    const ssh = await SshSession.open({ agent, label, ...(forward ? { ip: "127.0.0.1", port: forward.port, via: { kind: "direct" } } : { ip: access.ip, via: access.via }) });
    return {
      start: async (argv, options) => ssh.start(argv, options),
      close: async () => {
        await ssh.close();
        leave();
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

const SSH_PORT = 22;

/** A port of this computer, for this computer alone, that leads to one elsewhere. */
export async function forwardTo(dial: (ip: string, port: number) => Promise<Duplex>, ip: string, port: number): Promise<{ port: number; close(): void }> {
  const listener = createServer((socket) => {
    socket.on("error", () => undefined);
    dial(ip, port).then(
      (there) => pipeline(socket, there, socket, () => there.destroy()),
      () => socket.destroy(),
    );
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return { port: (listener.address() as AddressInfo).port, close: () => listener.close() };
}

/** Opens a shell for some work and closes it whatever comes of that. */
export async function withShell<T>(session: Session, instance: KnownInstance, work: (shell: Shell) => Promise<T>): Promise<T> {
  const shell = await openShell(session, instance);
  try {
    return await work(shell);
  } finally {
    await shell.close();
  }
}
