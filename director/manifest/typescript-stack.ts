import type { CloudConfigSpec, SubnetSpec } from "../spec/cloud-config.ts";

export interface StackSource {
  /** Name of the deployment. */
  name: string;
  /** The manifest, ops files applied. */
  manifest: unknown;
  /** Variables that are referred to, but neither given nor defined: they become configuration of the stack. */
  undefinedVariables: readonly string[];
  /** With one, the environment is written too, as far as it can be. */
  cloud?: CloudConfigSpec;
}

/** A TypeScript module with the manifest as a typed object and the deployment made from it. */
export function typescriptStack(source: StackSource): { code: string; notes: string[] } {
  const { name, manifest, undefinedVariables, cloud } = source;
  const notes: string[] = [];
  const vars = undefinedVariables.map((variable) => `${propertyKey(variable)}: config.require(${JSON.stringify(variable)})`);
  const environment = cloud === undefined ? undefined : environmentArgs(cloud, notes);
  const imports = environment === undefined ? "Deployment, type Environment, type Manifest" : "Deployment, Environment, type IaasAdapter, type Manifest";
  const made = `new Deployment(${JSON.stringify(name)}, { environment, manifest${vars.length === 0 ? "" : `, vars: { ${vars.join(", ")} }`} })`;
  const lines = [
    ...(vars.length === 0 ? [] : ['import * as pulumi from "@pulumi/pulumi";']),
    `import { ${imports} } from "repave";`,
    "",
    ...(vars.length === 0 ? [] : [`const config = new pulumi.Config(${JSON.stringify(name)});`, ""]),
    ...(environment === undefined ? [] : environmentFunction(name, environment, notes)),
    `export const manifest = ${literal(manifest, "")} satisfies Manifest;`,
    "",
    `export function ${identifier(name)}Deployment(environment: Environment): Deployment {`,
    `  return ${made};`,
    "}",
    "",
  ];
  return { code: lines.join("\n"), notes };
}

function environmentFunction(name: string, args: object, notes: readonly string[]): string[] {
  return [
    ...notes.map((note) => `// not carried over: ${note}`),
    `export function ${identifier(name)}Environment(iaas: IaasAdapter): Environment {`,
    `  return new Environment(${JSON.stringify(name)}, ${literal({ iaas: new Code("iaas"), ...args }, "  ")});`,
    "}",
    "",
  ];
}

/** What an environment knows of a cloud config; the rest is noted. */
function environmentArgs(cloud: CloudConfigSpec, notes: string[]): object {
  const network = cloud.networks.find((item) => item.type === "manual" && item.name === "default") ?? cloud.networks.find((item) => item.type === "manual");
  for (const other of cloud.networks) if (other !== network) notes.push(`network '${other.name}' (${other.type})`);
  if (network !== undefined && network.name !== "default") notes.push(`the name '${network.name}' of the network: an environment's is 'default'`);
  const azs = cloud.azs.flatMap((az) => {
    const subnets = (network?.subnets ?? []).filter((subnet) => subnet.azs?.includes(az.name));
    const subnet = subnets[0];
    if (subnet?.range === undefined) {
      notes.push(`AZ '${az.name}', which has no subnet`);
      return [];
    }
    noteSubnets(az.name, subnets, notes);
    const properties = { ...az.cloudProperties, ...subnet.cloudProperties };
    return [{ name: az.name, range: subnet.range, ...(subnet.gateway === undefined ? {} : { gateway: subnet.gateway }), ...(Object.keys(properties).length === 0 ? {} : { cloudProperties: properties }) }];
  });
  for (const type of cloud.diskTypes) if (Object.keys(type.cloudProperties).length > 0) notes.push(`cloud properties of disk type '${type.name}'`);
  return {
    azs,
    vmTypes: Object.fromEntries(cloud.vmTypes.map((type) => [type.name, type.cloudProperties])),
    vmExtensions: Object.fromEntries(cloud.vmExtensions.map((type) => [type.name, type.cloudProperties])),
    diskTypes: Object.fromEntries(cloud.diskTypes.map((type) => [type.name, type.diskSize])),
  };
}

function noteSubnets(az: string, subnets: readonly SubnetSpec[], notes: string[]): void {
  if (subnets.length > 1) notes.push(`further subnets of AZ '${az}'`);
  if (subnets[0]!.azs!.length > 1) notes.push(`one subnet for several AZs ('${az}' among them): give each AZ a range of its own`);
  if (subnets[0]!.reserved.length > 0) notes.push(`reserved addresses of AZ '${az}': ${subnets[0]!.reserved.join(", ")}`);
  if (subnets[0]!.static.length > 0) notes.push(`static addresses of AZ '${az}': ${subnets[0]!.static.join(", ")}`);
}

/** Text that goes into the module as it is. */
class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const width = 120;

/** A value as TypeScript source: short ones on one line, others item by item. */
function literal(value: unknown, indent: string): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const list = Array.isArray(value);
  const deeper = `${indent}  `;
  const items = list
    ? value.map((item) => literal(item, deeper))
    : Object.entries(value).map(([key, item]) => (item instanceof Code && item.text === key ? key : `${propertyKey(key)}: ${literal(item, deeper)}`));
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  if (items.length === 0) return `${open}${close}`;
  const inline = list ? `[${items.join(", ")}]` : `{ ${items.join(", ")} }`;
  if (indent.length + inline.length <= width && !inline.includes("\n")) return inline;
  return `${open}\n${items.map((item) => `${deeper}${item},\n`).join("")}${indent}${close}`;
}

function propertyKey(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function identifier(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word, i) => (i === 0 ? word[0]!.toLowerCase() : word[0]!.toUpperCase()) + word.slice(1)).join("");
  return /^[0-9]/.test(joined) || joined === "" ? `the${joined}` : joined;
}
