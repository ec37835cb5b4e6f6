import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { interpolate } from "../../director/manifest/interpolation/interpolate.ts";
import { referencesOf, splitReference } from "../../director/manifest/interpolation/references.ts";
import { credentialId, versionsOf, type CredentialConfig, type CredentialVersions } from "../../director/rotation/index.ts";
import type { DeploymentSpec, JsonObject, VariableSpec } from "../../director/spec/deployment.ts";
import { fromPlain, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import { Certificate, Password, RsaKey, SshKey } from "../../provider/resources/variable.ts";
import type { CertificateValue, VariableArgs } from "../../provider/resources/variable.ts";
import { acceptedOf, withAccepted } from "./accepted-passwords.ts";
import { credentialUsers } from "./credential-users.ts";

export interface VariableValues {
  /** Values that are given and need no resource. */
  given: ReadonlyMap<string, pulumi.Input<unknown>>;
  /** Values of an older world that resources start with. */
  imported: ReadonlyMap<string, PlainValue>;
}

/** The deployment's credentials by variable name. */
export class Variables {
  readonly #values = new Map<string, pulumi.Output<unknown>>();
  readonly #certificates = new Map<string, { resource: Certificate; versions: CredentialVersions }>();
  readonly #accepted = new Map<string, pulumi.Output<string[]>>();
  readonly #deployment: string;
  readonly #given: VariableValues["given"];
  readonly #imported: VariableValues["imported"];

  constructor(deployment: string, { given, imported }: VariableValues) {
    this.#deployment = deployment;
    this.#given = given;
    this.#imported = imported;
  }

  /** Registers a resource for each definition, in order, but a CA always before what it signs. */
  register({ spec, options, config, parent }: RegisterArgs): void {
    const definitions = spec.variables;
    const users = credentialUsers(spec);
    const stemcells = [...new Set(spec.stemcells.map((s) => `${s.os ?? s.name ?? ""}/${s.version}`))].sort();
    const latest = new pulumi.Config("repave").getBoolean("forceLatestVariables") === true;
    const byName = new Map(definitions.map((definition) => [definition.name, definition]));
    const open = new Set<string>();
    const register = (definition: VariableSpec): void => {
      const { name } = definition;
      if (definition.type === "password" && this.#given.has(name)) this.#accepted.set(name, pulumi.output(this.#given.get(name) as pulumi.Input<string>).apply((value) => [value]));
      if (this.#values.has(name) || this.#given.has(name)) return;
      if (open.has(name)) throw new RepaveError("credential.circle", `Certificate '${name}' of deployment '${this.#deployment}' is to be signed by what it signs itself`);
      open.add(name);
      const signer = byName.get(signerOf(definition) ?? "");
      if (signer) register(signer);
      const args: VariableArgs & CredentialVersions = {
        variable: name,
        options: this.fill(options(definition)) as pulumi.Output<Record<string, unknown>>,
        updateMode: definition.updateMode,
        ...versionsOf(credentialId(this.#deployment, name), name, config),
        ...(definition.update?.strategy === "on-stemcell-change" ? { stemcells, ...(latest ? { latest } : {}) } : {}),
        ...(users.has(name) ? { usedBy: users.get(name)! } : {}),
        ...(this.#imported.has(name) ? { imported: this.#imported.get(name) } : {}),
      };
      this.#values.set(name, this.#make(definition, `${this.#deployment}.${name}`, args, { parent }).value as pulumi.Output<unknown>);
    };
    definitions.forEach(register);
  }

  #make(definition: VariableSpec, name: string, args: VariableArgs & CredentialVersions, opts: pulumi.CustomResourceOptions) {
    switch (definition.type) {
      case "password": {
        const resource = new Password(name, args, opts);
        // An output that the state does not have is unknown in a preview, so it is asked for only where it is there.
        const versions = args.alongside === undefined ? pulumi.output(undefined) : resource.versions;
        this.#accepted.set(definition.name, pulumi.all([resource.value, versions]).apply(([value, known]) => [...new Set([value, ...Object.values(known ?? {})])]));
        return resource;
      }
      case "ssh":
        return new SshKey(name, args, opts);
      case "rsa":
        return new RsaKey(name, args, opts);
      case "certificate": {
        const resource = new Certificate(name, { ...args, ...this.#signer(definition) }, opts);
        const { generation, alongside } = args;
        this.#certificates.set(definition.name, { resource, versions: { generation, ...(alongside === undefined ? {} : { alongside }) } });
        return resource;
      }
      default:
        throw new RepaveError("credential.unknown-type", `Variable '${definition.name}' of deployment '${this.#deployment}' has the type '${definition.type}'`, {
          hint: "password, certificate, ssh and rsa can be generated; give its value with 'vars' or 'varsStore'",
        });
    }
  }

  /** The CA of a certificate: its value with every version of it, and which of them signs. */
  #signer(definition: VariableSpec): Pick<VariableArgs, "signer"> & { ca?: pulumi.Output<CertificateValue> } {
    const name = signerOf(definition);
    if (name === undefined) return {};
    const value = this.#of(name, definition.name) as pulumi.Output<CertificateValue>;
    const known = this.#certificates.get(name);
    if (known?.versions.alongside === undefined) return { ca: value, ...(known && known.versions.generation > 0 ? { signer: known.versions } : {}) };
    return { ca: pulumi.all([value, known.resource.versions]).apply(([ca, versions]) => ({ ...ca, versions })), signer: known.versions };
  }

  #of(name: string, user: string): pulumi.Output<unknown> {
    const value = this.#accepted.get(acceptedOf(name) ?? "") ?? this.#values.get(name) ?? (this.#given.has(name) ? pulumi.output(this.#given.get(name)) : undefined);
    if (!value) {
      throw new RepaveError("credential.missing", `'${user}' of deployment '${this.#deployment}' needs the variable '${name}', which is not defined before it`, {
        hint: "add it to 'variables', or give its value with 'vars'",
      });
    }
    return value;
  }

  /** Puts values in place of every `((reference))` of a plain value. Waits only for the variables it names. */
  fill<T>(value: T): pulumi.Output<T> {
    const tree = withAccepted(fromPlain(value as PlainValue), (name) => this.#accepted.has(name));
    const roots = [...new Set(referencesOf(tree).map((name) => splitReference(name).root))];
    if (roots.length === 0) return pulumi.output(value as pulumi.Unwrap<T>) as pulumi.Output<T>;
    return pulumi.all(roots.map((root) => this.#of(root, "a property"))).apply((found) => {
      const values = new Map(roots.map((root, i) => [root, fromPlain(found[i] as unknown as PlainValue)]));
      return toPlain(interpolate(tree, (name) => values.get(name))) as T;
    });
  }
}

interface RegisterArgs {
  spec: DeploymentSpec;
  options(definition: VariableSpec): JsonObject;
  config: CredentialConfig;
  parent: pulumi.Resource;
}

function signerOf({ options }: VariableSpec): string | undefined {
  return typeof options["ca"] === "string" ? options["ca"] : undefined;
}
