// Compiles the package to dist/ when a source is newer than the last build.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(import.meta.dirname, "..");
const sources = ["stacks", "components", "director", "provider", "agent", "policies", "cli", "scripts"];
const stamp = path.join(root, "dist", ".sources");

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? filesBelow(path.join(folder, e.name)) : [path.join(folder, e.name)]))
    .sort();
}

// The engine writes the settings of stacks between the sources; they are none.
const isSource = (file) => !/^Pulumi\..+\.yaml$/.test(path.basename(file));

function sourcesDigest() {
  const hash = createHash("sha256");
  for (const file of [...sources.flatMap((s) => filesBelow(path.join(root, s))).filter(isSource), path.join(root, "package-lock.json"), path.join(root, "tsconfig.json")]) {
    hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Whether dist/ holds what the sources say now. */
export function isBuilt() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesDigest();
}

export async function build() {
  const digest = sourcesDigest();
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const compiled = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (compiled.status !== 0) throw new Error("the TypeScript compiler found errors");
  // Files that the sources read at run time and that the compiler does not carry over.
  for (const folder of sources) {
    for (const file of filesBelow(path.join(root, folder)).filter((f) => /\.(rb|sh|json|html|css|yml)$|\/PulumiPolicy\.yaml$/.test(f) && folder !== "scripts")) {
      const to = path.join(root, "dist", path.relative(root, file));
      mkdirSync(path.dirname(to), { recursive: true });
      copyFileSync(file, to);
      chmodSync(to, statSync(file).mode);
    }
  }
  const agent = path.join(root, "scripts", "build-agent.mjs");
  if (existsSync(agent)) {
    const bundled = spawnSync(process.execPath, [agent], { cwd: root, stdio: ["ignore", 2, 2] });
    if (bundled.status !== 0) throw new Error("the agent could not be bundled");
  }
  writeFileSync(stamp, digest);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !isBuilt()) await build();
