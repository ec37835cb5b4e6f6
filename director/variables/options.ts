import { RepaveError } from "../core/errors.ts";
import { fromPlain, IntegralFloat, isMap, type YamlValue } from "../yaml/value.ts";

export interface CertificateOptions {
  commonName: string;
  organization: string;
  alternativeNames: string[];
  isCa: boolean;
  /** Name of the variable that signs; empty for a self-signed CA. */
  ca: string;
  extendedKeyUsage: string[];
  /** Days; 365 when zero or less. */
  duration: number;
  /** Bits of the RSA key. */
  keyLength: number;
}

const keyLengths = [2048, 3072, 4096];
const defaultKeyLength = 3072;
const defaultPasswordLength = 20;

function fail(message: string): never {
  throw new RepaveError("credential.options", message);
}

/** Reads the options of a `password`. @throws RepaveError `credential.options` with BOSH's words. */
export function passwordLength(options: unknown): number {
  const reader = read("password", options, ["length"]);
  const length = reader.integer("length");
  if (length < 0) fail("Failed to generate password, 'length' param cannot be negative");
  return length === 0 ? defaultPasswordLength : length;
}

/** Reads the options of a `certificate`. @throws RepaveError `credential.options` with BOSH's words. */
export function certificateOptions(options: unknown): CertificateOptions {
  const known = ["common_name", "organization", "alternative_names", "is_ca", "ca", "extended_key_usage", "duration", "key_length"];
  const reader = read("certificate", options, known);
  const keyLength = reader.integer("key_length") || defaultKeyLength;
  const result: CertificateOptions = {
    commonName: reader.text("common_name"),
    organization: reader.text("organization") || "Cloud Foundry",
    alternativeNames: reader.texts("alternative_names"),
    isCa: reader.flag("is_ca"),
    ca: reader.text("ca"),
    extendedKeyUsage: reader.texts("extended_key_usage"),
    duration: reader.integer("duration"),
    keyLength,
  };
  if (!keyLengths.includes(keyLength)) fail(`Invalid key_length: ${keyLength}.  Must be one of: [${keyLengths.join(" ")}]`);
  return result;
}

function read(type: string, options: unknown, known: readonly string[]): OptionReader {
  const prefix = `Failed to generate ${type}, parameters are invalid`;
  const value = fromPlain(options);
  if (value !== null && !isMap(value)) fail(`${prefix}: Expected input to be deserializable: options have to be a map`);
  const map = value ?? new Map<YamlValue, YamlValue>();
  for (const key of map.keys()) if (!known.includes(String(key))) fail(`${prefix}: Unsupported parameter '${String(key)}'`);
  return new OptionReader(map, prefix);
}

/** Takes what BOSH's reader takes: numbers as text, null as absent. */
class OptionReader {
  private readonly map: Map<YamlValue, YamlValue>;
  private readonly prefix: string;

  constructor(map: Map<YamlValue, YamlValue>, prefix: string) {
    this.map = map;
    this.prefix = prefix;
  }

  text(name: string): string {
    return this.asText(name, this.get(name));
  }

  texts(name: string): string[] {
    const value = this.get(name);
    if (value === null) return [];
    if (!Array.isArray(value)) return this.mismatch(name, "a list of strings");
    return value.map((item) => this.asText(name, item));
  }

  integer(name: string): number {
    const value = this.get(name);
    if (value === null) return 0;
    const number = value instanceof IntegralFloat ? value.value : value;
    return typeof number === "number" && Number.isFinite(number) ? Math.trunc(number) : this.mismatch(name, "an integer");
  }

  flag(name: string): boolean {
    const value = this.get(name) ?? false;
    return typeof value === "boolean" ? value : this.mismatch(name, "true or false");
  }

  private get(name: string): YamlValue {
    return this.map.get(name) ?? null;
  }

  private asText(name: string, value: YamlValue): string {
    if (Array.isArray(value) || isMap(value)) return this.mismatch(name, "a string");
    return value === null ? "" : String(value);
  }

  private mismatch(name: string, wanted: string): never {
    return fail(`${this.prefix}: Expected input to be deserializable: '${name}' has to be ${wanted}`);
  }
}
