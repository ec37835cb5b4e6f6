import { readFileSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { confine, groupsNamed, removeGroups } from "./cgroup.ts";
import { RepaveError, messageOf } from "../../director/core/errors.ts";
import { ensureHolder, killHolder, runInside } from "./holder.ts";
import { currentIdMaps } from "./id-maps.ts";
import { EnvironmentPaths } from "./paths.ts";
import { run } from "./staged.ts";

export interface Check {
  name: string;
  ok: boolean;
  /** Whether VMs can run without it. */
  required: boolean;
  found: string;
  /** What to do about it; empty when there is nothing to do. */
  fix: string;
}

const needMemoryMiB = 1024;
const needDiskMiB = 4096;

/** Looks whether this machine and this user can run a local environment, mostly by trying it. Changes nothing that stays. */
export async function probe(stateDir: string): Promise<Check[]> {
  const tools = await probeTools();
  const trial = tools.every((t) => t.ok || !t.required) ? await tryEnvironment() : [];
  return [...tools, ...trial, await probeCgroups(), await probeIds(), probeMemory(), await probeDisk(stateDir)];
}

const tools: { name: string; args: string[]; from: string; required: boolean }[] = [
  ...["unshare", "nsenter", "mount", "umount", "mountpoint"].map((name) => ({ name, args: ["--version"], from: "util-linux", required: true })),
  { name: "ip", args: ["-V"], from: "iproute2", required: true },
  { name: "pivot_root", args: ["--version"], from: "util-linux", required: true },
  { name: "setpriv", args: ["--version"], from: "util-linux", required: false },
  // what fetching and compiling our own releases takes; blobs fetched before need neither
  { name: "unzip", args: ["-v"], from: "unzip", required: false },
  { name: "pip3", args: ["--version"], from: "python3-pip", required: false },
];

async function probeTools(): Promise<Check[]> {
  return Promise.all(
    tools.map(async ({ name, args, from, required }) => {
      try {
        const found = (await run("probe", name, name, args)).split("\n")[0]!.trim();
        return { name, ok: true, required, found, fix: "" };
      } catch {
        return { name, ok: false, required, found: "not found", fix: `apt-get install ${from}` };
      }
    }),
  );
}

/** Starts a whole environment without VMs in a temporary folder, and looks from inside. */
async function tryEnvironment(): Promise<Check[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "repave-probe-"));
  const paths = new EnvironmentPaths(folder, "probe");
  const check = (name: string, error?: unknown): Check =>
    error === undefined
      ? { name, ok: true, required: true, found: "works", fix: "" }
      : { name, ok: false, required: true, found: messageOf(error), fix: namespaceFix(error instanceof RepaveError ? error.code : "") };
  try {
    const holder = await ensureHolder(paths);
    const namespaces = check("namespaces");
    const attempt = async (name: string, script: string): Promise<Check> =>
      runInside(holder, "probe", name, script, [holder.hall, currentIdMaps().single ? "--preserve-credentials" : "--setuid=0"]).then(
        () => check(name),
        (error: unknown) => check(name, error),
      );
    return [
      namespaces,
      await attempt("bridge and cable", "ip link add name probe0 type bridge && ip link add name probe1 master probe0 type veth peer name probe2 && ip link del probe1 && ip link del probe0"),
      await attempt("mounts in a nested namespace", "nsenter --user=$1/tenant $2 unshare --mount --pid --fork mount -t proc proc /proc"),
      { ...(await attempt("AZ partitions", "ip rule add pref 99 iif lo to 192.0.2.0/24 unreachable && ip rule del pref 99")), required: false },
    ];
  } catch (error) {
    return [check("namespaces", error)];
  } finally {
    await killHolder(paths).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

function setting(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return undefined;
  }
}

/** The setting that stands in the way, for each distribution that has one of its own. */
function namespaceFix(code: string): string {
  if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1" && process.geteuid!() !== 0) {
    return "Ubuntu's AppArmor restricts user namespaces: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (keep it with a file in /etc/sysctl.d), or run as root";
  }
  if (setting("/proc/sys/kernel/unprivileged_userns_clone") === "0") return "sudo sysctl -w kernel.unprivileged_userns_clone=1, or run as root";
  if (setting("/proc/sys/user/max_user_namespaces") === "0") return "sudo sysctl -w user.max_user_namespaces=15000";
  if (code === "iaas.local-missing-tool") return "apt-get install util-linux iproute2";
  return "inside a container: start it with --privileged, or with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined";
}

async function probeCgroups(): Promise<Check> {
  const name = `repave-probe-${process.pid}`;
  const { limits, folders } = await confine([name, "vm"], { cpus: 1, memoryMiB: 64 }, []);
  await removeGroups(folders);
  await removeGroups(await groupsNamed(name));
  const ok = !Object.values(limits).some((l) => l.startsWith("not enforced"));
  return {
    name: "memory and CPU limits",
    ok,
    required: false,
    found: ok ? "enforced" : `memory ${limits.memory}; cpu ${limits.cpu}`,
    fix: ok ? "" : "VMs run without limits; run as root, or with systemd: systemd-run --user --scope -p Delegate=yes <command>",
  };
}

async function probeIds(): Promise<Check> {
  const { single } = currentIdMaps();
  return {
    name: "user ids in VMs",
    ok: !single,
    required: false,
    found: single ? "one: everybody in a VM is this user" : "65536",
    fix: single ? "jobs that must not be root run through /var/vcap/bosh/bin/as-vcap; root has all ids" : "",
  };
}

function probeMemory(): Check {
  const free = Number(/^MemAvailable:\s*(\d+)/m.exec(setting("/proc/meminfo") ?? "")?.[1] ?? 0) / 1024;
  const ok = free >= needMemoryMiB;
  return { name: "free memory", ok, required: false, found: `${Math.round(free)} MiB`, fix: ok ? "" : `the local environment needs about ${needMemoryMiB} MiB` };
}

async function probeDisk(stateDir: string): Promise<Check> {
  let at = path.resolve(stateDir);
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(at);
      const free = (bavail * bsize) / 1024 / 1024;
      const ok = free >= needDiskMiB;
      return { name: "free disk space", ok, required: false, found: `${Math.round(free)} MiB at ${at}`, fix: ok ? "" : `the local environment needs about ${needDiskMiB} MiB` };
    } catch (error) {
      if (path.dirname(at) === at) return { name: "free disk space", ok: false, required: false, found: messageOf(error), fix: "choose another state folder" };
      at = path.dirname(at);
    }
  }
}
