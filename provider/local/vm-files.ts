import { chmod, chown, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { vmInit } from "./vm-script.ts";

/** What of the host's /etc programs need and nobody minds sharing. Everything else of /etc is the VM's own. */
export const sharedEtc = [
  ...["alternatives", "ca-certificates", "ca-certificates.conf", "ssl/certs", "ssl/openssl.cnf", "pki", "crypto-policies", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"],
  ...["debian_version", "os-release", "localtime", "locale.alias", "mime.types", "protocols", "services", "rpc", "terminfo", "inputrc", "magic", "gai.conf"],
  ...["perl", "python3", "java-17-openjdk", "java-21-openjdk", "fonts", "xattr.conf", "login.defs", "skel", "pam.d", "pam.conf", "security"],
];

export interface VmIdentity {
  hostname: string;
  ip: string;
  nameservers: string[];
  /** The whole agent settings, secrets included. */
  settings: unknown;
  stemcell: { os: string; version: string };
  /** Several user ids in the VM, or only root. */
  single: boolean;
  owner: { uid: number; gid: number };
  nodeFlags: string[];
}

/** Writes the VM's own folders and files below `fs`: what of its root folder is not the host's. */
export async function writeVmFiles(fs: string, vm: VmIdentity): Promise<void> {
  const own = async (at: string): Promise<void> => chown(at, vm.owner.uid, vm.owner.gid);
  const folder = async (name: string, mode: number): Promise<void> => {
    await mkdir(path.join(fs, name), { mode });
    await own(path.join(fs, name));
  };
  const file = async (name: string, content: string, mode = 0o644): Promise<void> => {
    await writeFile(path.join(fs, name), content, { mode, flag: "wx" });
    await own(path.join(fs, name));
  };
  await mkdir(fs, { recursive: true, mode: 0o755 });
  for (const name of ["etc", "etc/ssl", "etc/logrotate.d", "var", "var/lib", "var/log", "var/cache", "var/spool", "var/vcap", "var/vcap/bosh", "home"]) await folder(name, 0o755);
  for (const name of ["var/vcap/bosh/bin", "var/vcap/bosh/etc", "var/vcap/bosh/log", "var/vcap/devices"]) await folder(name, 0o755);
  await folder("root", 0o700);
  await folder("home/vcap", 0o755);
  for (const name of ["tmp", "var/tmp"]) {
    await folder(name, 0o1777);
    await chmod(path.join(fs, name), 0o1777);
  }
  await linkInto(fs, { "var/run": "/run", "var/lock": "/run/lock", "etc/mtab": "/proc/self/mounts", ...Object.fromEntries(sharedEtc.map((n) => [`etc/${n}`, `/.etc/${n}`])) });

  const vcap = vm.single ? 0 : 1000;
  await file("etc/hostname", `${vm.hostname}\n`);
  await file("etc/hosts", `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${vm.ip} ${vm.hostname}\n`);
  await file("etc/resolv.conf", vm.nameservers.map((n) => `nameserver ${n}\n`).join(""));
  await file("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nprotocols: files\nservices: files\n");
  // with one user id vcap is root by name, so that chown and setpriv work; as-vcap makes a namespace where it is 1000
  const alone = vm.single ? "vcap:x:1000:1000:vcap:/home/vcap:/bin/bash\n" : "";
  await file("etc/passwd", `root:x:0:0:root:/root:/bin/bash\nvcap:x:${vcap}:${vcap}:vcap:/home/vcap:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n${alone}`);
  await file("etc/group", `root:x:0:\ntty:x:5:\nvcap:x:${vcap}:\nnogroup:x:65534:\n${vm.single ? "vcap:x:1000:\n" : ""}`);
  await file("etc/shadow", "root:*:19000:0:99999:7:::\nvcap:*:19000:0:99999:7:::\n", 0o640);
  await file("etc/profile", "export PATH=/var/vcap/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPS1='\\u@\\h:\\w\\$ '\n");
  await file("etc/environment", "");

  await file("var/vcap/bosh/etc/operating_system", vm.stemcell.os);
  await file("var/vcap/bosh/etc/stemcell_version", vm.stemcell.version);
  await file("var/vcap/bosh/user_data.json", JSON.stringify(vm.settings), 0o600);
  await file("var/vcap/bosh/agent.json", agentConfig, 0o644);
  await file("var/vcap/bosh/bin/init", vmInit, 0o755);
  await file("var/vcap/bosh/bin/bosh-agent", agentProgram(vm.nodeFlags), 0o755);
  await file("var/vcap/bosh/bin/as-vcap", vm.single ? asVcapAlone : asVcap, 0o755);
  await file("var/vcap/bosh/bin/node", "", 0o755);
  await file("var/vcap/bosh/bin/agent.cjs", "", 0o644);
}

async function linkInto(fs: string, links: Record<string, string>): Promise<void> {
  for (const [name, target] of Object.entries(links)) await symlink(target, path.join(fs, name));
}

const agentConfig = `${JSON.stringify(
  {
    Platform: { Linux: { SkipDiskSetup: true, DevicePathResolutionType: "virtio" } },
    Infrastructure: { Settings: { Sources: [{ Type: "File", SettingsPath: "/var/vcap/bosh/user_data.json" }] } },
  },
  undefined,
  1,
)}\n`;

const agentProgram = (flags: string[]): string => `#!/bin/sh
export UV_THREADPOOL_SIZE=2
exec /var/vcap/bosh/bin/node ${flags.join(" ")} /var/vcap/bosh/bin/agent.cjs -b /var/vcap -C /var/vcap/bosh/agent.json "$@"
`;

/** Runs a program as the user vcap; where the VM has one user id only, in a user namespace that calls it vcap's. */
const asVcap = `#!/bin/sh
exec setpriv --reuid 1000 --regid 1000 --clear-groups -- "$@"
`;
const asVcapAlone = `#!/bin/sh
exec unshare --user --map-user=1000 --map-group=1000 -- "$@"
`;
