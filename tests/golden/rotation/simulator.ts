import assert from "node:assert/strict";
import { abort, advance, credentialId, describePhase, goesOn, startRotation, versionsOf, type CredentialConfig, type CredentialSpec, type Rotation } from "../../../director/rotation/index.ts";
import { bringVersions, type CertificateVersions } from "../../../provider/variables/certificate-versions.ts";
import { bringPasswords } from "../../../provider/variables/password-versions.ts";

interface Held {
  generation: number;
  value: { ca: string; certificate: string; private_key: string };
  versions?: CertificateVersions | undefined;
  /** Of a password: what is accepted now, the one in use first. */
  accepted?: string[];
  passwords?: Record<string, string> | undefined;
}

/** Thrown where a run is killed. */
class Killed extends Error {}

export interface Definition {
  variable: string;
  ca?: string;
  isCa?: boolean;
  password?: boolean;
  /** Instances accept two versions of the password at a time. */
  overlaps?: boolean;
}

const NOW = "2026-01-31T00:00:00.000Z";

/**
 * An environment in memory: variables that are brought to their versions by the real rules, and instances that are updated
 * one after another and each serve and trust what they were last rendered with. After every step it checks that every
 * instance trusts what every instance serves.
 */
export class RotationSimulator {
  readonly lines: string[] = [];
  config: CredentialConfig = { generations: {}, rotation: undefined };
  readonly #definitions: readonly Definition[];
  readonly #held = new Map<string, Held>();
  readonly #signers = new Map<string, string>();
  readonly #rendered: { ca: string; certificate: string; password: string; accepted: string[] }[] = [];
  #serial = 0;
  #killAfter = Number.POSITIVE_INFINITY;
  /** Steps that this run has taken. */
  steps = 0;

  constructor(definitions: readonly Definition[], instances = 3) {
    this.#definitions = definitions;
    for (let i = 0; i < instances; i++) this.#rendered.push({ ca: "", certificate: "", password: "", accepted: [] });
  }

  /** The first update. */
  async deploy(): Promise<void> {
    await this.#update(() => undefined, false);
    this.lines.length = 0;
    this.steps = 0;
  }

  /** Runs a command; it is killed after so many steps. Answers whether it came to its end. */
  async rotate(names: readonly string[], options: { abort?: boolean; killAfter?: number } = {}): Promise<boolean> {
    this.#killAfter = options.killAfter ?? Number.POSITIVE_INFINITY;
    this.steps = 0;
    this.lines.push(`$ repave rotate ${options.abort ? "--abort" : names.join(" ")}`.trimEnd());
    try {
      await this.#run(names, options.abort === true);
      return true;
    } catch (error) {
      if (error instanceof Killed) {
        this.lines.push("  killed");
        return false;
      }
      this.lines.push(`  error: ${(error as Error).message}`);
      return true;
    } finally {
      this.#killAfter = Number.POSITIVE_INFINITY;
    }
  }

  /** What is in use and trusted, as one line for each variable. */
  summary(): string[] {
    return [...this.#held].map(([name, held]) => describe(name, held));
  }

  /** What each instance was last rendered with. */
  get rendered(): readonly string[] {
    return this.#rendered.map((r) => `serves ${names(r.certificate)}, trusts ${names(r.ca)}, password ${r.password}${r.accepted.length > 1 ? `, accepts ${r.accepted.join("+")}` : ""}`);
  }

  async #run(asked: readonly string[], back: boolean): Promise<void> {
    let rotation = this.#begin(asked, back);
    for (;;) {
      this.#step(`phase is written down: ${describePhase(rotation)}`);
      this.config = { ...this.config, rotation };
      await this.#update((line) => this.#step(line), true);
      const next = advance({ ...this.config, rotation });
      if (next.done) {
        this.#step("done: generations are written down");
        this.config = { ...this.config, generations: next.generations };
        this.#step("the rotation is struck out");
        this.config = { ...this.config, rotation: undefined };
        return;
      }
      rotation = next.rotation;
    }
  }

  #begin(asked: readonly string[], back: boolean): Rotation {
    const { rotation, generations } = this.config;
    if (back) return abort(rotation!);
    if (rotation) {
      goesOn(rotation, asked);
      return rotation;
    }
    return startRotation({ credentials: this.#credentials(), generations, request: { names: asked }, asked, now: NOW }).rotation!;
  }

  #credentials(): CredentialSpec[] {
    return this.#definitions.map(({ variable, ca, isCa = false, password, overlaps = false }) => ({
      id: credentialId("dep", variable),
      deployment: "dep",
      variable,
      kind: password ? "password" : "certificate",
      isCa,
      overlaps,
      ...(ca === undefined ? {} : { signedBy: credentialId("dep", ca) }),
      signsAgents: false,
      createdAt: NOW,
      generation: 0,
      usedBy: [],
      keyUsedBy: [],
    }));
  }

  /** One update: variables first, each only if it differs, then the instances one by one. */
  async #update(step: (line: string) => void, check: boolean): Promise<void> {
    for (const definition of this.#definitions) {
      const next = await this.#bring(definition);
      const held = this.#held.get(definition.variable);
      if (JSON.stringify(held) === JSON.stringify(next)) continue;
      // A run killed here has made the value and lost it.
      step(`variable ${describe(definition.variable, next)}`);
      this.#held.set(definition.variable, next);
    }
    const leaf = this.#held.get(this.#definitions.find((d) => d.ca && !d.isCa)!.variable)!.value;
    const { value: { certificate: password }, accepted = [] } = this.#held.get(this.#definitions.find((d) => d.password)!.variable)!;
    for (const [i, rendered] of this.#rendered.entries()) {
      const wanted = { ca: leaf.ca, certificate: leaf.certificate, password, accepted };
      if (JSON.stringify(rendered) === JSON.stringify(wanted)) continue;
      this.#rendered[i] = wanted;
      if (check) this.#everyoneTrustsEveryone();
      if (check && this.#definitions.some((d) => d.overlaps)) this.#everyoneLetsEveryoneIn();
      // A run killed here has updated the instance and does not know it.
      step(`api/${i} ${this.rendered[i]}`);
    }
  }

  async #bring({ variable, ca, isCa = false, password }: Definition): Promise<Held> {
    const versions = versionsOf(credentialId("dep", variable), variable, this.config);
    const held = this.#held.get(variable);
    if (password) {
      const known = held && { generation: held.generation, value: held.value.certificate, versions: held.passwords };
      const { value, versions: passwords } = await bringPasswords(versions, known, false, () => Promise.resolve(`${variable}#${++this.#serial}`));
      return { generation: versions.generation, value: { ca: "", certificate: value, private_key: "" }, passwords, accepted: [...new Set([value, ...Object.values(passwords ?? {})])] };
    }
    const signer = ca === undefined ? undefined : this.#held.get(ca)!;
    const signerVersions = ca === undefined ? undefined : versionsOf(credentialId("dep", ca), ca, this.config);
    const { value, versions: all } = await bringVersions(
      { ...versions, signer: signerVersions, isCa, anew: false },
      held,
      signer && { ...signer.value, versions: signer.versions },
      (by) => {
        const certificate = pem(`${variable}#${++this.#serial}`);
        const signer = by ? names(by.certificate).split("+")[0]! : names(certificate);
        this.#signers.set(certificate, signer);
        return Promise.resolve({ ca: pem(signer), certificate, private_key: certificate });
      },
    );
    return { generation: versions.generation, value, ...(all ? { versions: all } : {}) };
  }

  #everyoneTrustsEveryone(): void {
    for (const consumer of this.#rendered) {
      for (const server of this.#rendered) {
        const signer = this.#signers.get(server.certificate)!;
        assert.ok(names(consumer.ca).split("+").includes(signer), `a consumer that trusts ${names(consumer.ca)} meets ${names(server.certificate)}, signed by ${signer}\n${this.lines.join("\n")}`);
      }
    }
  }

  #everyoneLetsEveryoneIn(): void {
    for (const { password } of this.#rendered) {
      for (const { accepted } of this.#rendered) assert.ok(accepted.includes(password), `${password} is shown to who accepts ${accepted.join(", ")}\n${this.lines.join("\n")}`);
    }
  }

  #step(line: string): void {
    if (this.steps >= this.#killAfter) throw new Killed();
    this.steps++;
    this.lines.push(`  ${line}`);
  }
}

function describe(name: string, { value, accepted = [] }: Held): string {
  return value.private_key === "" ? `${name}: ${value.certificate}${accepted.length > 1 ? `, accepted ${accepted.join("+")}` : ""}` : `${name}: ${names(value.certificate)}, trust in ${names(value.ca)}`;
}

function pem(name: string): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(name).toString("base64")}\n-----END CERTIFICATE-----\n`;
}

/** The names in a bundle: `ca#1+ca#2`. */
function names(bundle: string): string {
  return [...bundle.matchAll(/-----BEGIN CERTIFICATE-----\n(.*)\n/g)].map((m) => Buffer.from(m[1]!, "base64").toString()).join("+");
}
