import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../provider/home.ts";

const INSTALL_MS = 900_000;

export type FoundPython = { python: string; missing?: undefined } | { python?: undefined; missing: string };

export interface PythonPackage {
  /** Of its folder in the cache, with its version. */
  name: string;
  /** For people. */
  what: string;
  /** As pip takes it, pinned. */
  requirement: string;
}

/** A Python that has a package, or why there is none. `install` puts it into the cache, once: from PyPI, in a minute or two. */
export function findPython({ name, what, requirement }: PythonPackage, options: { install: boolean }): FoundPython {
  const home = path.join(cacheFolder(process.env), "tests", name);
  const python = path.join(home, "bin", "python");
  if (existsSync(path.join(home, "complete"))) return { python };
  if (!options.install) return { missing: `${what}, is not in the cache: 'make e2e-clouds' puts it there` };
  mkdirSync(path.dirname(home), { recursive: true, mode: 0o700 });
  const run = (program: string, ...args: string[]) => {
    const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: INSTALL_MS, stdio: ["ignore", "ignore", "pipe"] });
    return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n").at(-1) ?? `${program} ended with ${status}`);
  };
  // An environment of Python can't be moved: a half-made one is made again.
  rmSync(home, { recursive: true, force: true });
  const noPython = run("python3", "-m", "venv", home);
  if (noPython !== undefined) return { missing: `no Python environment for ${what}: ${noPython}` };
  const noPackage = run(python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", requirement);
  if (noPackage !== undefined) return { missing: `${what}, can't be installed from PyPI: ${noPackage}` };
  mkdirSync(path.join(home, "complete.new"));
  renameSync(path.join(home, "complete.new"), path.join(home, "complete"));
  return { python };
}
