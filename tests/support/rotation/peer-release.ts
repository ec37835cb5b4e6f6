import { readFileSync, writeFileSync, mkdirSync, chmodSync } from "node:fs";
import path from "node:path";

/**
 * Adds the job `peer` to a release folder: each instance serves TLS with its certificate and, all the time, connects to every
 * instance, itself too, checking certificates both ways against its CA. What it sees goes to `peer.log`.
 */
export function addPeerJob(release: string): void {
  const files: Record<string, string> = {
    "jobs/peer/spec": `---
name: peer
templates:
  ctl.erb: bin/ctl
  peer.mjs.erb: bin/peer.mjs
  ca.erb: config/ca.pem
  certificate.erb: config/certificate.pem
  private_key.erb: config/private_key.pem
packages: []
provides:
- {name: peers, type: peer}
consumes:
- {name: peers, type: peer}
properties:
  tls.ca: {}
  tls.certificate: {}
  tls.private_key: {}
`,
    "jobs/peer/monit": `check process peer
  with pidfile /var/vcap/sys/run/peer/peer.pid
  start program "/var/vcap/jobs/peer/bin/ctl start"
  stop program "/var/vcap/jobs/peer/bin/ctl stop"
  group vcap
`,
    "jobs/peer/templates/ctl.erb": `#!/bin/sh
mkdir -p /var/vcap/sys/run/peer /var/vcap/sys/log/peer
case $1 in
start) (exec ${process.execPath} /var/vcap/jobs/peer/bin/peer.mjs) >> /var/vcap/sys/log/peer/peer.out.log 2>&1 & echo $! > /var/vcap/sys/run/peer/peer.pid ;;
stop) kill "$(cat /var/vcap/sys/run/peer/peer.pid)"; rm -f /var/vcap/sys/run/peer/peer.pid ;;
esac
`,
    "jobs/peer/templates/peer.mjs.erb": `const peers = <%= JSON.generate(link("peers").instances.map { |i| i.address }) %>;
const own = "<%= spec.ip %>";
${readFileSync(path.join(__dirname, "peer.mjs"), "utf8")}`,
    "jobs/peer/templates/ca.erb": '<%= p("tls.ca") %>\n',
    "jobs/peer/templates/certificate.erb": '<%= p("tls.certificate") %>\n',
    "jobs/peer/templates/private_key.erb": '<%= p("tls.private_key") %>\n',
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(release, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith("#!")) chmodSync(file, 0o755);
  }
}
