import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { interpolate } from "../../director/manifest/interpolation/interpolate.ts";
import { referencesOf, splitReference } from "../../director/manifest/interpolation/references.ts";
import type { JsonObject, VariableSpec } from "../../director/spec/deployment.ts";
import { fromPlain, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import { Certificate, Password, RsaKey, SshKey } from "../../provider/resources/variable.ts";
import type { CertificateValue, VariableArgs } from "../../provider/resources/variable.ts";

/** The deployment's credentials by variable name. */
export class Variables {
  readonly #values = new Map<string, pulumi.Output<unknown>>();
  readonly #deployment: string;

  constructor(deployment: string) {
    this.#deployment = deployment;
  }

  /** Registers a resource for each definition, in order: a CA stands before what it signs. */
  register(definitions: readonly VariableSpec[], options: (definition: VariableSpec) => JsonObject, generations: Readonly<Record<string, number>>, parent: pulumi.Resource): void {
    for (const definition of definitions) {
      const name = `${this.#deployment}.${definition.name}`;
      const wanted = this.fill(options(definition));
      const args: VariableArgs = { variable: definition.name, options: wanted as pulumi.Output<Record<string, unknown>>, updateMode: definition.updateMode, generation: generations[definition.name] };
      this.#values.set(definition.name, this.#make(definition, name, args, { parent }).value as pulumi.Output<unknown>);
    }
  }

  #make(definition: VariableSpec, name: string, args: VariableArgs, opts: pulumi.CustomResourceOptions) {
    switch (definition.type) {
      case "password":
        return new Password(name, args, opts);
      case "ssh":
        return new SshKey(name, args, opts);
      case "rsa":
        return new RsaKey(name, args, opts);
      case "certificate": {
        const ca = definition.options["ca"];
        return new Certificate(name, { ...args, ca: typeof ca === "string" ? (this.#of(ca, definition.name) as pulumi.Output<CertificateValue>) : undefined }, opts);
      }
      default:
        throw new RepaveError("credential.unknown-type", `Variable '${definition.name}' of deployment '${this.#deployment}' has the type '${definition.type}'`, {
          hint: "password, certificate, ssh and rsa can be generated",
        });
    }
  }

  #of(name: string, user: string): pulumi.Output<unknown> {
    const value = this.#values.get(name);
    if (!value) {
      throw new RepaveError("credential.missing", `'${user}' of deployment '${this.#deployment}' needs the variable '${name}', which is not defined before it`, {
        hint: "add it to 'variables', or give its value with 'vars'",
      });
    }
    return value;
  }

  /** Puts values in place of every `((reference))` of a plain value. Waits only for the variables it names. */
  fill<T>(value: T): pulumi.Output<T> {
    const tree = fromPlain(value as PlainValue);
    const roots = [...new Set(referencesOf(tree).map((name) => splitReference(name).root))];
    if (roots.length === 0) return pulumi.output(value as pulumi.Unwrap<T>) as pulumi.Output<T>;
    return pulumi.all(roots.map((root) => this.#of(root, "a property"))).apply((found) => {
      const values = new Map(roots.map((root, i) => [root, fromPlain(found[i] as unknown as PlainValue)]));
      return toPlain(interpolate(tree, (name) => values.get(name))) as T;
    });
  }
}
