import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../../provider/home.ts";

const DOWNLOAD_MS = 300_000;
// As packages, not installed: that would start an SSH server here.
const PACKAGES = ["openssh-server", "libwrap0"];

export type FoundSshd = { folder: string; missing?: undefined } | { folder?: undefined; missing: string };

/** A folder with Debian's sshd and the libraries that only it needs, or why there is none. `install` puts it into the cache, once. */
export function findSshd({ install }: { install: boolean }): FoundSshd {
  const folder = path.join(cacheFolder(process.env), "tests", "openssh-server");
  if (!existsSync(folder)) {
    if (!install) return { missing: "sshd is not in the cache: 'make e2e-clouds' puts it there" };
    const failed = unpackInto(folder);
    if (failed !== undefined) return { missing: `no openssh-server of Debian: ${failed}` };
  }
  // It knows no such option, and says then which version it is.
  const { stderr, error } = spawnSync(path.join(folder, "usr", "sbin", "sshd"), ["-?"], { encoding: "utf8", env: { LD_LIBRARY_PATH: librariesIn(folder) } });
  return stderr?.includes("OpenSSH") ? { folder } : { missing: `Debian's sshd does not run here: ${error?.message ?? stderr.trim()}` };
}

/** Where its libraries are, below the folder or a copy of it. */
export function librariesIn(folder: string): string {
  return path.join(folder, "usr", "lib", process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu");
}

function unpackInto(folder: string): string | undefined {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
  const fresh = mkdtempSync(`${folder}-`);
  try {
    const run = (program: string, ...args: string[]) => {
      const { status, error, stderr } = spawnSync(program, args, { cwd: fresh, encoding: "utf8", timeout: DOWNLOAD_MS, stdio: ["ignore", "ignore", "pipe"] });
      return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n").at(-1) ?? `${program} ended with ${status}`);
    };
    const failed = run("apt-get", "download", ...PACKAGES) && (run("apt-get", "update") ?? run("apt-get", "download", ...PACKAGES));
    if (failed !== undefined) return failed;
    for (const file of readdirSync(fresh).filter((name) => name.endsWith(".deb"))) {
      const unpacked = run("dpkg-deb", "--extract", file, "root");
      if (unpacked !== undefined) return unpacked;
    }
    renameSync(path.join(fresh, "root"), folder);
    return undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
