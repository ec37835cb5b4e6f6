import { spawn } from "node:child_process";
import { once } from "node:events";
import type { LocalIaas } from "../../../provider/local/index.ts";
import { librariesIn } from "./debian-sshd.ts";

const PLACE = "/var/vcap/sshd";
/** What sshd says of each session. */
const LOG = "/var/log/sshd.log";

// As on a stemcell: only users that the agent makes come in, with keys, and they may become root.
const SET_UP = `set -e
mkdir -p ${PLACE} /etc/ssh /run/sshd /run/tools
tar -xf - -C ${PLACE}
mount -t tmpfs -o mode=0755 tools /run/tools
cp /usr/bin/setpriv /run/tools/setpriv
chmod 4755 /run/tools/setpriv
cat >/run/tools/sudo <<'END'
#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec /run/tools/setpriv --reuid 0 --regid 0 --clear-groups -- "$@"
END
chmod 755 /run/tools/sudo
echo 'sshd:x:101:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
echo 'bosh_sshers:x:2000:' >>/etc/group
ssh-keygen -q -t rsa -b 2048 -N '' -f /etc/ssh/ssh_host_rsa_key
cat >/etc/ssh/sshd_config <<'END'
HostKey /etc/ssh/ssh_host_rsa_key
AllowGroups bosh_sshers
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
UsePAM no
SetEnv PATH=/run/tools:/usr/local/bin:/usr/bin:/bin
END
: >${LOG}`;

// The embedded agent keeps keys and makes no users: they are made, and go, before sshd looks.
const CONNECTED = `exec 9>/run/sshd/lock
flock 9
chmod 0755 /var/vcap/bosh_ssh
for user in $(sed -n 's/^\\(bosh_[^:]*\\):.*/\\1/p' /etc/passwd); do
  [ -d "/var/vcap/bosh_ssh/$user" ] || sed -i "/^$user:/d" /etc/passwd /etc/shadow
done
for keys in /var/vcap/bosh_ssh/*/.ssh/authorized_keys; do
  [ -f "$keys" ] || continue
  home=\${keys%/.ssh/authorized_keys}
  user=\${home##*/}
  if ! grep -q "^$user:" /etc/passwd; then
    uid=$(awk -F: 'BEGIN { last = 2000 } $3 > last && $3 < 60000 { last = $3 } END { print last + 1 }' /etc/passwd)
    echo "$user:*:19000:0:99999:7:::" >>/etc/shadow
    echo "$user:x:$uid:2000::$home:/bin/bash" >>/etc/passwd
  fi
  chown -R "$user:bosh_sshers" "$home"
done
flock -u 9
exec 9>&-
export LD_LIBRARY_PATH=${librariesIn(PLACE)}
exec ${PLACE}/usr/sbin/sshd -i -E ${LOG}`;

const LISTEN = `require("net").createServer({ pauseOnConnect: true }, (socket) => {
  socket.on("error", () => {});
  require("child_process").spawn("/bin/sh", ["-c", process.argv[1]], { stdio: [socket, socket, "inherit"] });
  socket.destroy();
}).listen(22, "0.0.0.0", () => console.log("listens"));`;

/** Starts a real sshd in a VM, where a stemcell has one. It ends with the VM. */
export async function startSshd(iaas: LocalIaas, vm: string, folder: string): Promise<void> {
  const setUp = await iaas.exec(vm, ["sh", "-c", SET_UP], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  setUp.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const archive = spawn("tar", ["-cf", "-", "-C", folder, "usr"], { stdio: ["ignore", "pipe", "inherit"] });
  archive.stdout.pipe(setUp.stdin!).on("error", () => undefined);
  const [code] = (await once(setUp, "close")) as [number | null];
  if (code !== 0) throw new Error(`no sshd in ${vm}: ${said}`);
  const listener = await iaas.exec(vm, ["/var/vcap/bosh/bin/node", "--max-old-space-size=32", "-e", LISTEN, CONNECTED], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([once(listener.stdout!, "data"), once(listener, "close").then(() => Promise.reject(new Error(`no sshd in ${vm}`)))]);
  listener.unref();
}

export interface SshLogin {
  user: string;
  /** Of the key: `SHA256:...`. */
  fingerprint: string;
}

/** Who came into a VM, from what its sshd has written down. */
export function loginsIn(log: string): SshLogin[] {
  return [...log.matchAll(/Accepted publickey for (\S+) from .* (SHA256:\S+)/g)].map(([, user = "", fingerprint = ""]) => ({ user, fingerprint }));
}

export const readSshdLog = ["cat", LOG];
