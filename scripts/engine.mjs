// Finds the Pulumi engine, or gets it: an installed one that is new enough, the official download, or a build of the
// pinned versions from the Go module proxy. Kept outside the checkout, shared by all checkouts of this user.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

export const pinned = { engine: "3.259.0", languageHost: "3.68.0", oldest: "3.227.0" };
const root = path.resolve(import.meta.dirname, "..");

export function cacheFolder(env = process.env) {
  return path.resolve(env.REPAVE_CACHE ?? path.join(env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "repave"));
}

function atLeast(found, wanted) {
  const [a, b] = [found, wanted].map((v) => v.replace(/^v/, "").split(/[.-]/).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] > b[i];
  return true;
}

function versionOf(binary) {
  const run = spawnSync(binary, ["version"], { encoding: "utf8", env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

const onPath = (name, env) =>
  (env.PATH ?? "").split(":").filter(Boolean).map((d) => path.join(d, name)).find((f) => existsSync(f));

/** The folder whose `pulumi` to use, or undefined. Says what it found. */
export function findEngine(env = process.env) {
  const installed = onPath("pulumi", env);
  const installedVersion = installed && versionOf(installed);
  if (installedVersion && atLeast(installedVersion, pinned.oldest)) return { folder: path.dirname(installed), version: installedVersion, origin: "installed" };
  const cached = path.join(cacheFolder(env), `pulumi-${pinned.engine}`, "bin");
  const version = existsSync(path.join(cached, "pulumi")) ? versionOf(path.join(cached, "pulumi")) : undefined;
  if (version) return { folder: cached, version, origin: "cached" };
  return undefined;
}

export async function getEngine(env = process.env) {
  const folder = path.join(cacheFolder(env), `pulumi-${pinned.engine}`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(folder), ".engine-"));
  try {
    const how = (await download(work)) ?? (await buildFromModules(work, env));
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
    return how;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The SDK's own installer, which runs the official script; given up after a short while where its site is out of reach. */
async function download(work) {
  if (process.env.REPAVE_ENGINE === "build") return undefined;
  process.stderr.write("    trying the official download\n");
  const require = createRequire(path.join(root, "package.json"));
  const script = `require(${JSON.stringify(require.resolve("@pulumi/pulumi/automation"))}).PulumiCommand.install({root:process.argv[1],version:new (require(${JSON.stringify(require.resolve("semver", { paths: [require.resolve("@pulumi/pulumi")] }))}).SemVer)(process.argv[2])}).then(()=>process.exit(0),()=>process.exit(1))`;
  const ok = await new Promise((resolve) => {
    const child = spawn(process.execPath, ["-e", script, work, pinned.engine], { stdio: "ignore", detached: true });
    const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 240_000);
    child.on("exit", (code) => (clearTimeout(timer), resolve(code === 0)));
  });
  return ok && existsSync(path.join(work, "bin", "pulumi")) ? `downloaded ${pinned.engine}` : undefined;
}

async function buildFromModules(work, env) {
  const go = spawnSync("go", ["version"], { encoding: "utf8" });
  if (go.status !== 0) {
    throw Object.assign(new Error("no Pulumi engine: none is installed, its download site is out of reach, and there is no Go to build it with"), {
      next: "install Pulumi (3.227 or newer) or Go (1.25 or newer), then run this again",
    });
  }
  process.stderr.write("    out of reach: building it from the Go module proxy (about 6 minutes, once)\n");
  const bin = path.join(work, "bin");
  mkdirSync(bin, { recursive: true });
  const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pinned.engine}`;
  await goBuild("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", path.join(bin, "pulumi"), `-s -w ${stamp}`, env);
  await goBuild("language-nodejs", "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs", path.join(bin, "pulumi-language-nodejs"), "-s -w", env);
  return `built ${pinned.engine}`;
}

async function goBuild(wrapper, target, to, ldflags, env) {
  // A copy, because the go command may want to write beside go.mod and the checkout may be read-only.
  const at = mkdtempSync(path.join(os.tmpdir(), "repave-engine-"));
  try {
    cpSync(path.join(root, "scripts", "engine", wrapper), at, { recursive: true });
    const code = await new Promise((resolve) =>
      spawn("go", ["build", "-mod=readonly", "-trimpath", "-ldflags", ldflags, "-o", to, target], { cwd: at, stdio: ["ignore", 2, 2], env }).on("exit", resolve),
    );
    if (code !== 0) throw Object.assign(new Error(`go build of ${wrapper} failed`), { next: "see the lines above; the Go module proxy must be reachable" });
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}
