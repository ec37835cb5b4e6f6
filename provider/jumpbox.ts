import type { Duplex } from "node:stream";
import { Client, type ClientChannel, type ServerHostKeyAlgorithm } from "ssh2";
import { MBUS_PORT } from "../director/network/port-table.ts";
import { AgentClient, SshUser } from "./agent/index.ts";

/** A VM that leads to others, and how its own agent is reached: the deployer dials that itself. */
export interface JumpboxAccess {
  ip: string;
  agentPort?: number | undefined;
  sshPort?: number | undefined;
  agentId: string;
  password: string;
  /** PEM of the CAs that may vouch for its agent. */
  ca: string;
}

const SSH_PORT = 22;
/** Agents are asked again and again, so a session outlives the last question for a moment. */
const IDLE_MS = 2000;
const READY_MS = 30_000;

const sessions = new Map<string, Promise<Session>>();

/**
 * Connects to an address that only the jumpbox reaches. One SSH session for each jumpbox carries all connections of this process; its agent is
 * asked to let a key pair in that was made for the session and is known to nobody else, so there is no SSH key to keep or to rotate.
 */
export async function dialThrough(jumpbox: JumpboxAccess, ip: string, port: number): Promise<Duplex> {
  const name = `${jumpbox.ip} ${jumpbox.agentId}`;
  let opening = sessions.get(name);
  if (opening === undefined) {
    const forget = () => {
      if (sessions.get(name) === opening) sessions.delete(name);
    };
    opening = Session.open(jumpbox, forget);
    opening.catch(forget);
    sessions.set(name, opening);
  }
  return (await opening).forward(ip, port);
}

/** Ends every session of this process at once: nobody else takes their users away. */
export async function leaveJumpboxes(): Promise<void> {
  await Promise.allSettled([...sessions.values()].map(async (opening) => (await opening).end()));
}

class Session {
  readonly #client: Client;
  readonly #end: () => Promise<void>;
  #open = 0;
  #idle: NodeJS.Timeout | undefined;

  private constructor(client: Client, end: () => Promise<void>) {
    this.#client = client;
    this.#end = end;
  }

  static async open(jumpbox: JumpboxAccess, forget: () => void): Promise<Session> {
    const agent = new AgentClient({ instance: "jumpbox", address: { ip: jumpbox.ip, port: jumpbox.agentPort ?? MBUS_PORT }, user: "mbus", password: jumpbox.password, ca: jumpbox.ca, serverName: jumpbox.agentId });
    let user: SshUser | undefined;
    const leave = async () => {
      forget();
      await user?.leave();
      agent.close();
    };
    try {
      user = await SshUser.admit(agent);
      const client = await connected(jumpbox, user);
      client.once("close", forget);
      return new Session(client, async () => {
        await leave();
        client.end();
      });
    } catch (cause) {
      await leave();
      throw new Error(`the jumpbox ${jumpbox.ip} lets nobody through: ${(cause as Error).message}`, { cause });
    }
  }

  end(): Promise<void> {
    clearTimeout(this.#idle);
    return this.#end();
  }

  forward(ip: string, port: number): Promise<Duplex> {
    clearTimeout(this.#idle);
    this.#open++;
    return new Promise((resolve, reject) => {
      const closed = () => {
        if (--this.#open === 0) this.#idle = setTimeout(() => void this.#end(), IDLE_MS);
      };
      const refuse = (error: unknown) => {
        closed();
        reject(new Error(`the jumpbox does not reach ${ip}:${port}: ${(error as Error).message}`));
      };
      try {
        this.#client.forwardOut("127.0.0.1", 0, ip, port, (error, channel) => {
          if (error) return refuse(error);
          channel.once("close", closed);
          resolve(drainedWhenDestroyed(channel));
        });
      } catch (error) {
        // The session has just broken off.
        refuse(error);
      }
    });
  }
}

function connected({ ip, sshPort }: JumpboxAccess, { name: username, privateKey, hostKey }: SshUser): Promise<Client> {
  const [type = "", wanted = ""] = hostKey?.split(" ") ?? [];
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.on("error", reject);
    client.once("ready", () => resolve(client));
    client.connect({
      host: ip,
      port: sshPort ?? SSH_PORT,
      username,
      privateKey,
      readyTimeout: READY_MS,
      keepaliveInterval: 15_000,
      // Where the agent knows no host key: what goes through is TLS to agents, which are verified by themselves.
      ...(hostKey === undefined ? {} : { algorithms: { serverHostKey: hostKeyAlgorithms(type) }, hostVerifier: (key: Buffer) => key.toString("base64") === wanted }),
    });
  });
}

/** An SSH server shows the kind of key it is asked for. */
function hostKeyAlgorithms(type: string): ServerHostKeyAlgorithm[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ServerHostKeyAlgorithm];
}

/** Its close is told only once all was read, and who destroys a stream reads no more. */
function drainedWhenDestroyed(channel: ClientChannel): ClientChannel {
  const destroy = channel.destroy.bind(channel);
  channel.destroy = () => {
    destroy();
    return channel.resume();
  };
  return channel;
}
