import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { sha256OfFile } from "../release/files.ts";
import { clientError, runClient } from "./run.ts";
import type { PypiSource } from "./lock.ts";

const gone = /No matching distribution found|HTTP error 404|404 Client Error/;

/** Fetches the locked wheel into `dir` and answers its file. Nothing is installed and none of its code runs. */
export async function fetchPypi(source: PypiSource, dir: string, signal?: AbortSignal): Promise<string> {
  const requirements = path.join(dir, "requirements.txt");
  await writeFile(requirements, `${source.pypi}==${source.version} --hash=sha256:${source.sha256}\n`);
  return download(["--require-hashes", "-r", requirements], source.pypi, source.version, source.platform, dir, signal);
}

/** The newest version with a wheel for the platform. */
export async function latestPypi(name: string, platform: string, dir: string, signal?: AbortSignal): Promise<PypiSource> {
  const file = await download([name], name, "", platform, dir, signal);
  const version = path.basename(file).split("-")[1] ?? "";
  return { pypi: name, version, platform, sha256: (await sha256OfFile(file)).slice("sha256:".length) };
}

async function download(what: string[], name: string, version: string, platform: string, dir: string, signal: AbortSignal | undefined): Promise<string> {
  const args = ["-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--only-binary", ":all:", "--platform", platform, "--dest", dir, ...what];
  const run = await runClient("python3", args, { cwd: dir, signal });
  if (/No module named '?pip/.test(run.stderr)) throw new RepaveError("setup.missing-tool", `pip is needed to fetch PyPI ${name}, and python3 has none`, { hint: "install python3-pip" });
  if (/DO NOT MATCH THE HASHES/.test(run.stderr)) {
    throw new RepaveError("release.digest-mismatch", `PyPI ${name} ${version} is not the file that was locked`, { hint: "the registry gave other content than was locked; find out why before running 'repave release relock DIR'" });
  }
  const file = (await readdir(dir)).find((f) => f.endsWith(".whl"));
  if (run.code !== 0 || file === undefined) throw clientError(`PyPI ${name} ${version}`.trimEnd(), run, gone);
  return path.join(dir, file);
}
