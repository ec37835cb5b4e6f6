import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { heldBack } from "../../director/rotation/index.ts";
import type { Operation, ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { UNKNOWN } from "../rpc/values.ts";
import { isHeld } from "../rpc/write-only.ts";
import { bringVersions, type CertificateVersions, type SigningCa } from "../variables/certificate-versions.ts";
import { bringPasswords, type HeldPassword } from "../variables/password-versions.ts";
import { generateVariable } from "../variables/index.ts";
import { token } from "./tokens.ts";

const keyPair = z.object({ certificate: z.string(), private_key: z.string() }).loose();

const schema = z.object({
  variable: z.string().min(1),
  options: z.record(z.string(), z.any()).default({}),
  /** Signs a certificate that has a `ca` option; never stored. */
  ca: z.union([keyPair, z.string()]).optional(),
  /** What happens when the options change: `converge` makes a new value, `no-overwrite` keeps the old one. */
  updateMode: z.enum(["no-overwrite", "converge", "overwrite"]).default("no-overwrite"),
  /** A higher number makes a new value. */
  generation: z.number().int().min(0).default(0),
  /** A value to start with instead of a generated one; never stored. */
  imported: z.union([z.object({ salt: z.string(), value: z.any() }), z.string()]).optional(),
  /** A version that exists beside the one in use: of a CA trusted and signing nothing, of a password accepted. */
  alongside: z.number().int().min(0).optional(),
  /** The versions of the CA that signs this certificate, where they are not the first. */
  signer: z.object({ generation: z.number().int().min(0), alongside: z.number().int().min(0).optional() }).optional(),
  /** What its value is rendered for: `GROUP/JOB`, whether that gets the private key, and whether it accepts two versions. Only to be listed. */
  usedBy: z.array(z.object({ job: z.string(), key: z.boolean(), accepts: z.boolean().optional() })).optional(),
  /** It signs the certificates of the VMs' agents. */
  signsAgents: z.boolean().optional(),
  /** Stemcells of its deployment, `OS/VERSION`: it keeps its value until all of them have another version. */
  stemcells: z.array(z.string()).optional(),
  /** Of this run alone: it waits for no stemcell. */
  latest: z.boolean().optional(),
});

export type VariableInputs = z.infer<typeof schema>;
export type VariableState = VariableInputs & { value: unknown; versions?: Record<string, unknown> | undefined; createdAt: string };
type VariableType = "password" | "certificate" | "ssh" | "rsa";

/** What a value of each type has at least. */
const valueSchemas: Record<VariableType, z.ZodType> = {
  password: z.string().min(1),
  certificate: keyPair,
  ssh: z.object({ private_key: z.string(), public_key: z.string() }).loose(),
  rsa: z.object({ private_key: z.string(), public_key: z.string() }).loose(),
};

/** Why a value of an older world cannot be taken over for a variable of a type; undefined when it can. Shows nothing of the value. */
export function importProblem(type: string, value: unknown): "unknown type" | (string & {}) | undefined {
  if (!Object.hasOwn(valueSchemas, type)) return "unknown type";
  const parsed = valueSchemas[type as VariableType].safeParse(value);
  if (parsed.success) return undefined;
  return parsed.error.issues.map((issue) => (issue.path.length > 0 ? `'${issue.path.join(".")}' is missing or no text` : `it is ${describe(value)}`)).join(", ");
}

function describe(value: unknown): string {
  if (value === "") return "an empty text";
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value === "object" ? "a map" : `a ${typeof value}`;
}

const tokens: Record<VariableType, string> = {
  password: token("Password"),
  certificate: token("Certificate"),
  ssh: token("SshKey"),
  rsa: token("RsaKey"),
};

/** A generated credential, kept as a secret in the state in the form BOSH gives a variable of its type. */
class Variable<Value> extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<Value>;
  /** Of a CA or a password that has two: its versions, by generation. */
  declare readonly versions: pulumi.Output<Record<string, Value> | undefined>;
  declare readonly createdAt: pulumi.Output<string>;
  constructor(type: VariableType, name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(tokens[type], name, { ...args, imported: sealed(args["imported"]), value: undefined, versions: undefined, createdAt: undefined }, opts);
  }
}

/** The engine gets to see a digest of it; the salt makes that of a weak password worthless. */
function sealed(value: unknown): unknown {
  return value === undefined ? undefined : pulumi.secret({ salt: randomBytes(16).toString("hex"), value });
}

export interface VariableArgs {
  /** The BOSH variable's name. */
  variable: string;
  /** BOSH options of the type (`length`, `common_name`, `is_ca` ...). */
  options?: pulumi.Input<Record<string, unknown>>;
  updateMode?: string;
  generation?: pulumi.Input<number>;
  /** A value of an older world that the first creation takes; ignored from then on, and a rotation makes a new one. */
  imported?: pulumi.Input<unknown>;
  /** A version that exists beside the one in use: of a CA trusted and signing nothing, of a password accepted. */
  alongside?: number;
  /** The versions of the CA that signs this certificate, where they are not the first. */
  signer?: { generation: number; alongside?: number | undefined } | undefined;
  /** What its value is rendered for: `GROUP/JOB`, and whether that gets the private key. */
  usedBy?: readonly { job: string; key: boolean; accepts?: boolean }[];
  /** It signs the certificates of the VMs' agents. */
  signsAgents?: boolean;
  /** Stemcells of its deployment: it keeps its value until all of them have another version. */
  stemcells?: readonly string[];
  /** Of this run alone: it waits for no stemcell. */
  latest?: boolean;
}

export interface CertificateValue {
  ca: string;
  certificate: string;
  private_key: string;
}

/** A random password. */
export class Password extends Variable<string> {
  constructor(name: string, args: VariableArgs, opts?: pulumi.CustomResourceOptions) {
    super("password", name, args as unknown as pulumi.Inputs, opts);
  }
}

/** A certificate with its key: a root CA, an intermediate CA or a leaf, signed by `ca` where that is given. */
export class Certificate extends Variable<CertificateValue> {
  constructor(name: string, args: VariableArgs & { ca?: pulumi.Input<CertificateValue> }, opts?: pulumi.CustomResourceOptions) {
    super("certificate", name, args as unknown as pulumi.Inputs, opts);
  }
}

/** An SSH key pair. */
export class SshKey extends Variable<{ private_key: string; public_key: string; public_key_fingerprint: string }> {
  constructor(name: string, args: VariableArgs, opts?: pulumi.CustomResourceOptions) {
    super("ssh", name, args as unknown as pulumi.Inputs, opts);
  }
}

/** An RSA key pair. */
export class RsaKey extends Variable<{ private_key: string; public_key: string }> {
  constructor(name: string, args: VariableArgs, opts?: pulumi.CustomResourceOptions) {
    super("rsa", name, args as unknown as pulumi.Inputs, opts);
  }
}

function changedOptions(olds: VariableState | undefined, news: VariableInputs): boolean {
  return olds !== undefined && news.updateMode !== "no-overwrite" && changedKeys(olds, news, ["options"]).length > 0;
}

function variableKind(type: VariableType): ResourceKind<VariableInputs, VariableState> {
  const generate = async (news: VariableInputs, ca: SigningCa | undefined, operation: Operation): Promise<unknown> => {
    operation.status(`generating ${type} ${news.variable}`);
    return generateVariable({ definition: { name: news.variable, type, options: news.options }, ca, now: operation.services.now() });
  };
  const make = async (news: VariableInputs, olds: VariableState | undefined, operation: Operation): Promise<VariableState> => {
    const createdAt = operation.services.now().toISOString();
    if (type === "password") {
      const brought = await bringPasswords(news, olds as HeldPassword | undefined, changedOptions(olds, news), async () => (await generate(news, undefined, operation)) as string);
      return { ...news, ...brought, createdAt: olds && brought.value === olds.value ? olds.createdAt : createdAt };
    }
    if (type !== "certificate") return { ...news, value: await generate(news, undefined, operation), createdAt };
    if (isHeld(news.ca)) {
      throw new RepaveError("credential.missing-ca", `The CA of '${news.variable}' is not at hand`, { hint: "run the update again" });
    }
    const wanted = { ...news, isCa: news.options["is_ca"] === true, anew: changedOptions(olds, news) };
    const held = olds && { generation: olds.generation, value: olds.value as CertificateValue, versions: olds.versions as CertificateVersions | undefined };
    const ca = typeof news.ca === "object" ? (news.ca as SigningCa) : undefined;
    const { issued, ...result } = await bringVersions(wanted, held, ca, async (signer) => (await generate(news, signer, operation)) as CertificateValue);
    return { ...news, ...result, createdAt: issued || !olds ? createdAt : olds.createdAt };
  };
  const takeOver = (news: VariableInputs, operation: Operation): VariableState | undefined => {
    if (news.imported === undefined) return undefined;
    if (typeof news.imported === "string") {
      throw new RepaveError("credential.missing-import", `The value of '${news.variable}' that is to be taken over is not at hand`, { hint: "run the update again" });
    }
    const { value } = news.imported;
    const problem = importProblem(type, value);
    if (problem !== undefined) throw new RepaveError("credential.bad-import", `The value given for '${news.variable}' is no ${type}: ${problem}`);
    operation.status(`taking over ${type} ${news.variable}`);
    return { ...news, value: value as unknown, createdAt: operation.services.now().toISOString() };
  };
  return {
    type: tokens[type],
    schema,
    secretOutputs: ["value", "versions"],
    writeOnly: ["ca", "imported"],
    settle: ({ latest, ...news }, olds) => heldBack(news, olds, { latest: latest === true }),
    diff: (_olds, news, oldInputs) => {
      const changed: string[] = changedKeys(oldInputs, news, ["generation", "alongside", "signer"]);
      if (news.updateMode !== "no-overwrite") changed.push(...changedKeys(oldInputs, news, ["options", "ca"]));
      return { changed, replace: changedKeys(oldInputs, news, ["variable"]), deleteBeforeReplace: true };
    },
    create: async (news, operation) => ({ id: news.variable, state: takeOver(news, operation) ?? (await make(news, undefined, operation)) }),
    update: (_id, olds, news, operation) => make(news, olds, operation),
    foresee: (_news, olds) => (olds ? { value: UNKNOWN } : {}),
  };
}

export const variableKinds: readonly ResourceKind<VariableInputs, VariableState>[] = [
  variableKind("password"),
  variableKind("certificate"),
  variableKind("ssh"),
  variableKind("rsa"),
];
