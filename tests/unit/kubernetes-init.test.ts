import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { initScript } from "../../components/iaas/kubernetes/init-script.ts";
import { localTest } from "../support/local-environment.ts";

/** A root of its own with this machine's programs, where init, ip and iptables only say how they were called, and /etc's files are mounts. */
const enter = `set -e
cd "$ROOT"
for at in usr/bin usr/lib usr/lib64 usr/libexec; do if [ -d /$at ]; then mkdir -p $at; mount --bind /$at $at; fi; done
for at in bin lib lib64; do if [ -L /$at ]; then ln -s usr/$at $at; elif [ -d /$at ]; then mkdir $at; mount --bind /$at $at; fi; done
ln -s usr/sbin sbin
mkdir dev proc; : > dev/null; mount --bind /dev/null dev/null; mount --rbind /proc proc
for name in resolv.conf hosts hostname; do mount --bind runtime/$name etc/$name; done
exec chroot . /bin/sh -c "$SCRIPT"
`;

localTest("a container of a stemcell starts as a VM: /etc is its own, nothing sets the clock, and init gets a clean environment", async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), "repave-init-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const files: Record<string, string> = {
    "runtime/resolv.conf": "nameserver 10.96.0.10\nsearch svc.example.com\n",
    "runtime/hosts": "127.0.0.1 localhost\n",
    "runtime/hostname": "cf-router-1\n",
    "etc/resolv.conf": "",
    "etc/hosts": "",
    "etc/hostname": "",
    "var/vcap/bosh/bin/sync-time": "#!/bin/sh\necho sets the clock\n",
    "usr/sbin/ip": '#!/bin/sh\necho "ip $*" >> /calls\n',
    "usr/sbin/iptables": '#!/bin/sh\necho "iptables $*" >> /calls\n',
    "usr/sbin/runsvdir-start": '#!/bin/sh\necho "init $$ $(env | cut -d= -f1 | sort | tr "\\n" " ")" >> /calls\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
    if (text.startsWith("#!")) chmodSync(path.join(root, name), 0o755);
  }
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ROOT: root, SCRIPT: initScript, REPAVE_STATIC_IP: "10.96.16.7", REPAVE_POD_IP: "172.20.1.5", KUBERNETES_SECRET: "token" };
  const { status, stderr } = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "--net", "--", "/bin/sh", "-c", enter], { encoding: "utf8", env });
  assert.equal(status, 0, stderr);
  const inside = (name: string) => readFileSync(path.join(root, name), "utf8");
  assert.equal(inside("etc/resolv.conf"), files["runtime/resolv.conf"], "what the container runtime said, in a file of its own");
  assert.equal(inside("etc/hostname"), "cf-router-1\n");
  assert.doesNotMatch(inside("var/vcap/bosh/bin/sync-time"), /clock/);
  const [address, translation, init, ...more] = inside("calls").trim().split("\n");
  assert.equal(address, "ip addr add 10.96.16.7/32 dev lo");
  assert.equal(translation, "iptables -t nat -A PREROUTING -d 172.20.1.5 -j DNAT --to-destination 10.96.16.7");
  const [, pid, ...names] = init!.trim().split(" ");
  assert.match(pid!, /^\d+$/);
  // A shell sets the others for itself.
  assert.deepEqual(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)), ["PATH"]);
  assert.deepEqual(more, []);
  rmSync(path.join(root, "calls"));
});
