import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Writes a release folder with one job, `sleeper`: a shell loop that answers nothing, needs no package, and can be told to fail. */
export function writeSleeperRelease(folder: string): void {
  const files: Record<string, string> = {
    "config/final.yml": "---\nname: sleeper\n",
    "config/blobs.yml": "--- {}\n",
    "jobs/sleeper/spec": `---
name: sleeper
templates:
  ctl.erb: bin/ctl
  pre-start.erb: bin/pre-start
  drain.erb: bin/drain
  note.erb: config/note
  accepted.erb: config/accepted
packages: []
provides:
- {name: sleeper, type: sleeper}
properties:
  note: {default: first}
  password: {default: none}
  accepted: {default: []}
  fail_on: {description: Index of the instance whose pre-start fails, default: -1}
  prestart_seconds: {default: 0}
  lives_seconds: {description: How long its process lives, default: 100000}
`,
    "jobs/sleeper/monit": `check process sleeper
  with pidfile /var/vcap/sys/run/sleeper/sleeper.pid
  start program "/var/vcap/jobs/sleeper/bin/ctl start"
  stop program "/var/vcap/jobs/sleeper/bin/ctl stop"
  group vcap
`,
    "jobs/sleeper/templates/ctl.erb": `#!/bin/sh
run=/var/vcap/sys/run/sleeper
log=/var/vcap/sys/log/sleeper
mkdir -p $run $log
case $1 in
start) (echo "awake for <%= p("lives_seconds") %> s" >> $log/sleeper.log; exec sleep <%= p("lives_seconds") %>) & echo $! > $run/sleeper.pid ;;
stop) kill "$(cat $run/sleeper.pid)"; rm -f $run/sleeper.pid ;;
esac
`,
    "jobs/sleeper/templates/pre-start.erb": `#!/bin/sh
sleep <%= p("prestart_seconds") %>
[ -d /var/vcap/store ] && echo "<%= spec.id %>" >> /var/vcap/store/starts
<% if p("fail_on").to_i == spec.index %>
echo "cannot open the frobnicator" >&2
exit 1
<% end %>
`,
    "jobs/sleeper/templates/drain.erb": "#!/bin/sh\necho 0\n",
    "jobs/sleeper/templates/accepted.erb": '<%= p("accepted").join(" ") %>\n',
    "jobs/sleeper/templates/note.erb": '<%= p("note") %> <%= p("password") %>\n',
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith("#!")) chmodSync(file, 0o755);
  }
}
