import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { readBlobEntries } from "../../../provider/registry/lock.ts";
import { fetchBlobs } from "../../../provider/registry/fetch.ts";
import { collect } from "./lab.ts";

const releases = path.join(__dirname, "../../../releases");

interface PackageSpec {
  name: string;
  dependencies?: string[];
  files: string[];
}

/** Compiles every package of a release as an agent does: offline, in its source folder, into /var/vcap/packages/NAME. */
export async function compileInto(release: string, target: string, scratch: string): Promise<void> {
  const root = path.join(releases, release);
  const blobs = new Map((await readBlobEntries(root)).length > 0 ? (await fetchBlobs(root)).map((b) => [b.blob, b.path]) : []);
  const specs = readdirSync(path.join(root, "packages")).map((name) => parse(readFileSync(path.join(root, "packages", name, "spec"), "utf8")) as PackageSpec);
  const done = new Set<string>();
  const compile = async (spec: PackageSpec): Promise<void> => {
    if (done.has(spec.name)) return;
    done.add(spec.name);
    for (const name of spec.dependencies ?? []) await compile(specs.find((s) => s.name === name) as PackageSpec);
    // Releases may carry the same package; here the first one serves all.
    if (existsSync(path.join(target, spec.name))) return;
    await compileOne(root, spec, blobs, target, scratch);
  };
  for (const spec of specs) await compile(spec);
}

async function compileOne(root: string, spec: PackageSpec, blobs: ReadonlyMap<string, string>, target: string, scratch: string): Promise<void> {
  const source = path.join(scratch, "compile", path.basename(root), spec.name);
  const files = new Map<string, string>(blobs);
  if (existsSync(path.join(root, "src"))) for (const file of readdirSync(path.join(root, "src"), { recursive: true }) as string[]) files.set(file, path.join(root, "src", file));
  for (const glob of spec.files) {
    const matching = [...files].filter(([name]) => matches(glob, name));
    if (matching.length === 0) throw new Error(`${spec.name}: no file matches ${glob}`);
    for (const [name, from] of matching) {
      mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
      copyFileSync(from, path.join(source, name));
    }
  }
  copyFileSync(path.join(root, "packages", spec.name, "packaging"), path.join(source, "packaging"));
  mkdirSync(path.join(target, spec.name), { recursive: true });
  const script = `mount -t tmpfs tmpfs /var/vcap && mkdir /var/vcap/packages && mount --bind ${target} /var/vcap/packages && exec bash -x packaging`;
  const env = { ...process.env, BOSH_COMPILE_TARGET: source, BOSH_INSTALL_TARGET: `/var/vcap/packages/${spec.name}`, BOSH_PACKAGE_NAME: spec.name, BOSH_PACKAGE_VERSION: "0" };
  // Without a network, as nothing may be fetched while compiling.
  const outcome = await collect(spawn("unshare", ["--mount", "--net", "bash", "-c", script], { cwd: source, env }), "");
  if (outcome.code !== 0) throw new Error(`compiling ${spec.name} exited with ${outcome.code}: ${outcome.stderr.slice(-3000)}`);
}

function matches(glob: string, name: string): boolean {
  const pattern = glob
    .split("**/")
    .map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*"))
    .join("(?:.*/)?");
  return new RegExp(`^${pattern}$`).test(name);
}
