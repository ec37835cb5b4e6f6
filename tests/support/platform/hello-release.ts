import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

export const HELLO_PORT = 8080;

/** Writes a release with one job, `hello`: a stateless web service that names its instance, and asks to be left before it stops. */
export function writeHelloRelease(folder: string): void {
  const files: Record<string, string> = {
    "config/final.yml": "---\nname: hello\n",
    "config/blobs.yml": "--- {}\n",
    "jobs/hello/spec": "---\nname: hello\ntemplates: {ctl.erb: bin/ctl, drain.erb: bin/drain, serve.erb: bin/serve.cjs}\npackages: []\nproperties: {}\n",
    "jobs/hello/monit": `check process hello
  with pidfile /var/vcap/sys/run/hello/hello.pid
  start program "/var/vcap/jobs/hello/bin/ctl start"
  stop program "/var/vcap/jobs/hello/bin/ctl stop"
  group vcap
`,
    "jobs/hello/templates/ctl.erb": `#!/bin/sh
run=/var/vcap/sys/run/hello
mkdir -p $run
case $1 in
start) rm -f $run/leaving; (exec ${process.execPath} /var/vcap/jobs/hello/bin/serve.cjs) & echo $! > $run/hello.pid ;;
stop) kill "$(cat $run/hello.pid)"; rm -f $run/hello.pid ;;
esac
`,
    // The load balancer looks five times a second and believes the second bad answer.
    "jobs/hello/templates/drain.erb": "#!/bin/sh\ntouch /var/vcap/sys/run/hello/leaving\necho 3\n",
    "jobs/hello/templates/serve.erb": `const { existsSync } = require("node:fs");
require("node:http").createServer((request, response) => {
  const leaving = existsSync("/var/vcap/sys/run/hello/leaving");
  if (leaving) response.setHeader("Connection", "close");
  response.writeHead(leaving && request.url === "/health" ? 503 : 200).end("<%= spec.name %>/<%= spec.index %> in <%= spec.az %>");
}).listen(${HELLO_PORT});
`,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith("#!")) chmodSync(file, 0o755);
  }
}
