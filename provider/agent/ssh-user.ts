import { randomBytes } from "node:crypto";
import { newSshKeyPair } from "./ssh-key.ts";

const LEAVE_MS = 10_000;

/** What of an agent's client a user needs. */
export interface SshAgent {
  setUpSsh(user: string, publicKey: string): Promise<{ ip: string; hostPublicKey: string }>;
  cleanUpSsh(userPattern: string, options?: { deadline?: number }): Promise<void>;
}

/**
 * A user of its own on a VM for as long as a session lasts, as BOSH makes one: the agent is given the public half of a key that was made for
 * it and is kept nowhere, and answers with the VM's host key. Always let it `leave`.
 */
export class SshUser {
  readonly name: string;
  /** OpenSSH's format. */
  readonly privateKey: string;
  /** `TYPE BASE64`; undefined where the agent knows none: the embedded one of a VM without sshd. */
  readonly hostKey: string | undefined;
  readonly #agent: SshAgent;

  private constructor(agent: SshAgent, name: string, privateKey: string, hostKey: string | undefined) {
    this.#agent = agent;
    this.name = name;
    this.privateKey = privateKey;
    this.hostKey = hostKey;
  }

  static async admit(agent: SshAgent): Promise<SshUser> {
    const name = `bosh_${randomBytes(8).toString("hex")}`;
    const pair = newSshKeyPair();
    try {
      const { hostPublicKey } = await agent.setUpSsh(name, `${pair.public} ${name}`);
      return new SshUser(agent, name, pair.private, hostPublicKey.trim().split(/\s+/).slice(0, 2).join(" ") || undefined);
    } catch (error) {
      // It may be there all the same.
      await dismissed(agent, name);
      throw error;
    }
  }

  /** Best effort: one that stays has no password, and a key that nobody has any more. */
  leave(): Promise<void> {
    return dismissed(this.#agent, this.name);
  }
}

async function dismissed(agent: SshAgent, name: string): Promise<void> {
  await Promise.race([agent.cleanUpSsh(`^${name}$`, { deadline: LEAVE_MS }).catch(() => undefined), new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref())]);
}
