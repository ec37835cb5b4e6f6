import path from "node:path";
import { emitYaml, type YamlValue } from "../../../director/yaml/index.ts";

export interface ProjectSketch {
  /** Name of the deployment. */
  name: string;
  /** Absolute path of the new project. */
  folder: string;
  manifest: string;
  opsFiles: readonly string[];
  varsFiles: readonly string[];
  varsStore: string | undefined;
  cloudConfigs: readonly string[];
  runtimeConfigs: readonly string[];
  releases: string | undefined;
  /** Given on the command line. */
  vars: ReadonlyMap<string, YamlValue>;
  /** Versions of this package and of the SDK it was made with. */
  versions: { repave: string; pulumi: string };
}

export interface ProjectFile {
  name: string;
  text: string;
  /** Readable by its owner only. */
  private?: boolean;
}

const valuesFile = "vars.yml";

/** The files of a Pulumi project that deploys what the documents say. They are referred to where they are; nothing of them is copied. */
export function projectFiles(sketch: ProjectSketch): ProjectFile[] {
  const project = sketch.name.replace(/[^A-Za-z0-9_.-]/g, "-");
  const manifest = { name: project, private: true, dependencies: { "@pulumi/pulumi": sketch.versions.pulumi, repave: sketch.versions.repave } };
  return [
    { name: "Pulumi.yaml", text: pulumiYaml(project, sketch.name) },
    { name: "package.json", text: `${JSON.stringify(manifest, null, 2)}\n` },
    { name: ".gitignore", text: `node_modules/\n${valuesFile}\n` },
    { name: "index.js", text: program(sketch) },
    ...(sketch.vars.size === 0 ? [] : [{ name: valuesFile, text: emitYaml(new Map(sketch.vars)), private: true }]),
  ];
}

function pulumiYaml(project: string, deployment: string): string {
  return emitYaml(
    new Map<string, YamlValue>([
      ["name", project],
      ["description", `Deployment '${deployment}', brought over from BOSH`],
      ["runtime", new Map<string, YamlValue>([["name", "nodejs"], ["options", new Map([["typescript", false]])]])],
      ["main", "index.js"],
      ["plugins", new Map([["providers", [new Map([["name", "repave"], ["path", "node_modules/repave/provider/plugin"]])]]])],
    ]),
  );
}

function program(sketch: ProjectSketch): string {
  const { name, varsStore, releases, opsFiles, runtimeConfigs, cloudConfigs } = sketch;
  const at = (file: string): string => JSON.stringify(path.relative(sketch.folder, file));
  const document = (file: string): string => `file(${at(file)})`;
  const list = (files: readonly string[]): string => (files.length > 2 ? `[\n${files.map((file) => `      ${document(file)},\n`).join("")}    ]` : `[${files.map(document).join(", ")}]`);
  const varsFiles = [...sketch.varsFiles, ...(sketch.vars.size === 0 ? [] : [path.join(sketch.folder, valuesFile)])];
  const values = varsFiles.length === 0 ? [] : [`    varsFiles: ${list(varsFiles)},`];
  return [
    "// Written by 'repave import', yours from now on. The documents are read where they are, on each run.",
    'const path = require("node:path");',
    'const { Deployment, Environment, localIaas } = require("repave");',
    "",
    "const file = (name) => ({ file: path.resolve(__dirname, name) });",
    "",
    "module.exports = async () => {",
    `  const environment = new Environment(${JSON.stringify(name)}, {`,
    "    iaas: localIaas(),",
    `    cloudConfig: ${list(cloudConfigs)},`,
    ...values,
    "  });",
    `  const deployment = new Deployment(${JSON.stringify(name)}, {`,
    "    environment,",
    `    manifest: ${document(sketch.manifest)},`,
    ...(opsFiles.length === 0 ? [] : [`    opsFiles: ${list(opsFiles)},`]),
    ...values,
    ...(varsStore === undefined ? [] : ["    // Until the first update is done: IMPORT.md says what is taken over.", `    varsStore: path.resolve(__dirname, ${at(varsStore)}),`]),
    ...(runtimeConfigs.length === 0 ? [] : [`    runtimeConfigs: ${list(runtimeConfigs)},`]),
    ...(releases === undefined ? [] : [`    releases: path.resolve(__dirname, ${at(releases)}),`]),
    "    strict: false,",
    "  });",
    "  return { urls: deployment.urls, instances: deployment.instances };",
    "};",
    "",
  ].join("\n");
}
