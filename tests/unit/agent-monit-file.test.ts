import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMonitFile, splitCommand } from "../../agent/supervisor/monit-file.ts";
import { dependentsOf, inStartOrder } from "../../agent/supervisor/order.ts";
import type { Service } from "../../agent/supervisor/service.ts";

function parse(text: string) {
  const ignored: string[] = [];
  return { services: parseMonitFile(text, (statement) => ignored.push(statement)), ignored };
}

test("reads what BOSH releases write", () => {
  const { services, ignored } = parse(`
# a comment with "quotes"
check process gorouter
  with pidfile /var/vcap/sys/run/bpm/gorouter/gorouter.pid
  start program "/var/vcap/jobs/bpm/bin/bpm start gorouter" with timeout 60 seconds
  stop program "/var/vcap/jobs/bpm/bin/bpm stop gorouter"
  group vcap

check process metrics with pidfile "/var/vcap/sys/run/m.pid"
  start program = "/bin/sh -c 'exec metrics --name \\"a b\\"'" as uid vcap and gid vcap
  stop program = "/bin/kill $(cat x)" with timeout 120 seconds
  if totalmem > 80% for 3 cycles then alert
  if failed host 127.0.0.1 port 80 then restart
  depends on gorouter, nats
  mode manual
  group vcap
`);
  assert.deepEqual(services[0], {
    name: "gorouter",
    pidfile: "/var/vcap/sys/run/bpm/gorouter/gorouter.pid",
    start: { command: ["/var/vcap/jobs/bpm/bin/bpm", "start", "gorouter"], uid: undefined, gid: undefined, timeoutSeconds: 60 },
    stop: { command: ["/var/vcap/jobs/bpm/bin/bpm", "stop", "gorouter"], uid: undefined, gid: undefined, timeoutSeconds: 30 },
    groups: ["vcap"],
    dependsOn: [],
    manual: false,
  });
  assert.deepEqual(services[1]?.start, { command: ["/bin/sh", "-c", 'exec metrics --name "a b"'], uid: "vcap", gid: "vcap", timeoutSeconds: 30 });
  assert.equal(services[1]?.stop?.timeoutSeconds, 120);
  assert.deepEqual(services[1]?.dependsOn, ["gorouter", "nats"]);
  assert.equal(services[1]?.manual, true);
  assert.deepEqual(services[1]?.groups, ["vcap"]);
  assert.deepEqual(ignored, ["if totalmem > 80% for 3 cycles then alert", "if failed host 127.0.0.1 port 80 then restart"]);
});

test("one line, upper case, other checks, and a process without pidfile", () => {
  const { services, ignored } = parse(
    `CHECK PROCESS a WITH PIDFILE /a.pid START PROGRAM "/a start" STOP PROGRAM "/a stop" GROUP vcap\n` +
      `check file log with path /x\n  if size > 1 MB then alert\ncheck process b matching "x"\n  start program "/b"\n`,
  );
  assert.deepEqual(services.map((s) => [s.name, s.pidfile, s.groups]), [["a", "/a.pid", ["vcap"]]]);
  assert.deepEqual(ignored, ["check file log with path /x", "if size > 1 MB then alert", "matching x", "check process b: has no pidfile"]);
});

test("an empty file and garbage give no service", () => {
  for (const text of ["", "\n# nothing\n", "check process", '"unfinished', "start program"]) assert.deepEqual(parse(text).services, [], text);
});

test("splits command lines as a shell would, without its expansions", () => {
  assert.deepEqual(splitCommand(`/bin/a  b 'c d' "e \\"f\\"" g\\ h ''`), ["/bin/a", "b", "c d", 'e "f"', "g h", ""]);
  assert.deepEqual(splitCommand(""), []);
});

test("dependencies start first, circles are cut, dependents are found over several steps", () => {
  const make = (name: string, dependsOn: string[]) => [name, { spec: { name, dependsOn } } as unknown as Service] as const;
  const all = new Map([make("web", ["db", "absent"]), make("db", ["disk"]), make("disk", []), make("x", ["y"]), make("y", ["x"])]);
  const names = (services: Service[]) => services.map((s) => s.spec.name);
  assert.deepEqual(names(inStartOrder([...all.values()], all)), ["disk", "db", "web", "y", "x"]);
  assert.deepEqual(names(dependentsOf(all.get("disk")!, all)), ["db", "web"]);
  assert.deepEqual(names(dependentsOf(all.get("x")!, all)), ["y"]);
});
