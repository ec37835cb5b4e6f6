import { RepaveError } from "../../director/core/errors.ts";
import { isGeneratedType, type Signer, type VariableDefinition } from "../../director/variables/definition.ts";
import { generateVariable } from "../../director/variables/generate.ts";
import type { VariableSource } from "../../director/manifest/interpolation/evaluate.ts";
import { fromPlain, isMap, type YamlValue } from "../../director/yaml/value.ts";
import { keyPool } from "./key-pool.ts";
import { systemKeys } from "./system-keys.ts";
import type { VarsStore } from "./vars-store.ts";

export interface StoreGeneratorInput {
  store: VarsStore;
  /** Where CAs are looked for, the store among them. */
  sources: readonly VariableSource[];
  now: () => Date;
}

/** Generates variables into a vars store. */
export interface StoreGenerator {
  /** Starts to make the RSA keys of all definitions without a value; their order still decides what is generated when. */
  expect(definitions: readonly VariableDefinition[]): void;
  generate(definition: VariableDefinition): Promise<void>;
  /** Waits until the store is on the disk; call it also after an error, since earlier values are kept. */
  close(): Promise<void>;
}

export function storeGenerator({ store, sources, now }: StoreGeneratorInput): StoreGenerator {
  const keys = keyPool(systemKeys);
  const find = (name: string): YamlValue | undefined => {
    for (const source of sources) {
      const value = source.find(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return {
    expect: (definitions) => keys.expect(definitions.flatMap((definition) => (find(definition.name) === undefined ? keyBits(definition) : []))),
    async generate(definition) {
      const value = await generateVariable({ definition, ca: (name) => signer(name, find(name)), now: now(), keys });
      store.set(definition.name, fromPlain(value));
    },
    async close() {
      keys.close();
      await store.written();
    },
  };
}

const plainKeyBits = 2048;
const certificateKeyBits = 3072;

function keyBits({ type, options }: VariableDefinition): number[] {
  if (!isGeneratedType(type) || type === "password") return [];
  if (type !== "certificate") return [plainKeyBits];
  const length = isMap(options) ? (options.get("key_length") ?? 0) : 0;
  if (length === 0) return [certificateKeyBits];
  return length === 2048 || length === 3072 || length === 4096 ? [length] : [];
}

/** What a variable holds as a CA; fields that are no text count as empty, which then is no PEM. */
function signer(name: string, value: YamlValue | undefined): Signer | undefined {
  if (value === undefined) return undefined;
  if (value !== null && !isMap(value)) {
    throw new RepaveError("credential.ca", `Expected variable '${name}' to be deserializable: it has to be a map with certificate and private_key`);
  }
  const text = (key: string): string => {
    const field = value?.get(key);
    return typeof field === "string" ? field : "";
  };
  return { certificate: text("certificate"), private_key: text("private_key") };
}
