import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openSession } from "../../cli/environment/session.ts";
import { exportStack, instancesOf } from "../../cli/environment/state.ts";
import { currentIdMaps } from "../../provider/local/id-maps.ts";
import { BehindJumpbox } from "../support/openstack/behind-jumpbox.ts";
import type { Thing } from "../support/openstack/fake/store.ts";
import { findSshd } from "../support/stand-in/debian-sshd.ts";

const noTools = ["ssh", "nsenter", "ip", "tar"].filter((tool) => spawnSync(tool, ["-V"]).error !== undefined);
const sshd = currentIdMaps().single ? undefined : findSshd({ install: true });
const skip = sshd === undefined ? "sshd needs several user ids in a VM, which a plain user can't give" : noTools.length > 0 ? `no ${noTools.join(", ")} here` : sshd.missing;

describe("a jumpbox that the environment makes on OpenStack", { skip }, () => {
  let cloud: BehindJumpbox;
  let store: BehindJumpbox["cloud"]["store"];
  const groups = (note: string) => [
    { name: "db", instances: 1, azs: ["z1"], disk: 1024, properties: { note } },
    { name: "web", instances: 2, azs: ["z2", "z3"], properties: { note } },
  ];
  const jumpbox = (): Thing => {
    const found = cloud.jumpboxes();
    assert.equal(found.length, 1, found.map((server) => server["name"] as string).join());
    return found[0]!;
  };
  const others = () => store.servers.all().filter((server) => String(server["name"]).startsWith("dep-"));
  const idsOf = (servers: Thing[]) => servers.map(({ id }) => id).sort();
  const allRun = async () => assert.deepEqual((await cloud.instances()).map((row) => [row.instance, row.state]), [["db/0", "running"], ["web/0", "running"], ["web/1", "running"]]);
  const addressOf = (server: Thing) => store.ports.all().find((port) => port["device_id"] === server.id)!["fixed_ips"][0].ip_address as string;
  const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
    for (const end = Date.now() + 60_000; !(await holds()); await pause(100)) assert.ok(Date.now() < end, what);
  };

  before(async () => {
    cloud = new BehindJumpbox("jumpbox", sshd!.folder!);
    store = cloud.cloud.store;
    await cloud.start();
  });
  after(() => cloud?.close());

  test("the first update makes it, and every agent answers the deployer through it alone", async () => {
    cloud.deploy(groups("first"));
    await cloud.succeed("up", "--skip-preview");
    await allRun();
    const [floating] = store.floatingIps.all();
    assert.deepEqual([floating!["floating_ip_address"], floating!["fixed_ip_address"]], ["203.0.113.100", addressOf(jumpbox())]);
    for (const server of others()) {
      assert.equal((await cloud.out(`ip route get ${addressOf(server)}`)).code, 2, "there is no route from the deployer");
      assert.match((await cloud.out(`exec 3<>/dev/tcp/${addressOf(server)}/6868`)).text, /Network is unreachable/);
    }
    assert.match((await cloud.out("exec 3<>/dev/tcp/203.0.113.100/22; head -c 11 <&3")).text, /^SSH-2.0-Ope/);
    assert.match((await cloud.out("exec 3<>/dev/tcp/203.0.113.100/8080")).text, /Connection refused/);
    const open = store.rules.all().filter((rule) => rule["direction"] === "ingress" && rule["remote_ip_prefix"] === "203.0.113.7/32").map((rule) => rule["port_range_min"] as number);
    assert.deepEqual(open.sort((a, b) => a - b), [22, 6868]);
    assert.equal(store.servers.all().length, 4);
  });

  test("a change in place goes through it, and leaves it as it is", async () => {
    const before = store.servers.all().map(({ id }) => id);
    cloud.deploy(groups("second"));
    await cloud.succeed("up", "--skip-preview");
    assert.deepEqual(store.servers.all().map(({ id }) => id), before);
    assert.match(await cloud.succeed("ssh", "web/1", "--", "sudo", "-n", "--", "cat", "/var/vcap/jobs/sleeper/config/note"), /second/);
  });

  test("ssh, scp and logs go through it, each as a user of its own", async () => {
    assert.match(await cloud.succeed("ssh", "web/0", "--", "id", "-un"), /^bosh_[0-9a-f]{16}$/m);
    assert.equal((await cloud.run("ssh", "web/0", "--", "sh", "-c", "exit 7")).code, 7);
    assert.match(await cloud.succeed("ssh", "web", "--", "echo", "two words"), /web\/0 \| two words\n[\s\S]*web\/1 \| two words|web\/1 \| two words\n[\s\S]*web\/0 \| two words/);
    const here = path.join(cloud.platform.folder, "carried");
    writeFileSync(here, "to and fro\n");
    await cloud.succeed("scp", here, "db/0:/var/vcap/store/carried");
    await cloud.succeed("scp", "db/0:/var/vcap/store/carried", `${here}.back`);
    assert.equal(readFileSync(`${here}.back`, "utf8"), "to and fro\n");
    assert.match(await cloud.succeed("logs", "web/0"), /awake for/);
    const following = cloud.platform.start(["logs", "-f", "web/0"], { env: cloud.env });
    await until("the log is followed", () => following.text().includes("awake for"));
    following.child.kill("SIGINT");
    await following.done;
  });

  test("no user and no key outlives its session", async () => {
    const web = others().find((server) => String(server["name"]).startsWith("dep-web"))!;
    for (const server of [jumpbox(), ...others()]) await until("an SSH user stays", async () => (await cloud.usersOf(server)).length === 0);
    for (const server of [jumpbox(), web]) {
      const logins = await cloud.logins(server);
      assert.ok(logins.length >= 2);
      assert.equal(new Set(logins.map((login) => login.user)).size, logins.length);
      assert.equal(new Set(logins.map((login) => login.fingerprint)).size, logins.length, "no key is used twice");
    }
    assert.deepEqual(readdirSync(cloud.tmp).filter((name) => name.startsWith("repave-ssh-")), []);
    assert.ok(!/OPENSSH PRIVATE KEY/.test(cloud.stateText()));
  });

  test("its agent's credentials are rotated in place with those of all others", async () => {
    const [old, servers] = [await wayIn(), store.servers.all().map(({ id }) => id)];
    await cloud.succeed("rotate", "agent_ca");
    const fresh = await wayIn();
    assert.deepEqual([fresh.ip, fresh.agentId], [old.ip, old.agentId]);
    assert.notEqual(fresh.password, old.password);
    assert.deepEqual(store.servers.all().map(({ id }) => id), servers);
    await allRun();
  });

  test("a repave makes another one first, says why, and keeps the old one until all others are done", async () => {
    const [old, before] = [jumpbox(), idsOf(others())];
    assert.match(await cloud.succeed("repave", "--older-than", "1d"), /none of them is older than 1d/);
    assert.match(await cloud.succeed("repave", "--preview"), /jumpbox: another one is made first, then the old one goes last: made \S+, before /);
    store.events.length = 0;
    await cloud.succeed("repave");
    const fresh = jumpbox();
    assert.deepEqual([store.events[0], store.events.at(-1)], [`begin ${fresh["name"]}`, `end ${old["name"]}`]);
    assert.notEqual(fresh["user_data"], old["user_data"]);
    assert.deepEqual(idsOf(others()).filter((id) => before.includes(id)), []);
    assert.equal(store.floatingIps.all().length, 1);
    await allRun();
  });

  test("an update that fails half-way reaches every VM the way it is known, and goes on with one jumpbox", async () => {
    const old = jumpbox();
    const running = cloud.platform.start(["repave"], { env: cloud.env });
    await until("there is another jumpbox", () => cloud.jumpboxes().length === 2);
    cloud.cloud.faults.push({ method: "POST", path: /\/servers$/, times: 100, does: { status: 500, message: "no hypervisor today" } });
    const { code, text } = await running.done;
    assert.notEqual(code, 0);
    assert.match(text, /no hypervisor today/);
    const [first, second] = cloud.jumpboxes();
    assert.equal(first!.id, old.id, "those that were not renewed still know it");
    const rows = await cloud.instances();
    assert.ok(rows.filter((row) => row.state === "running").length >= 1, JSON.stringify(rows));
    cloud.cloud.faults.length = 0;
    assert.match(await cloud.succeed("repave"), /going on with the repave of/);
    assert.equal(jumpbox().id, second!.id, "it is not renewed twice");
    await allRun();
  });

  test("it is repaved alone", async () => {
    const [old, before] = [jumpbox(), idsOf(others())];
    await cloud.succeed("repave", "jumpbox");
    const fresh = jumpbox();
    assert.notEqual(fresh.id, old.id);
    assert.deepEqual(idsOf(others()), before);
    await allRun();
    await cloud.succeed("up", "--skip-preview", "--expect-no-changes");
  });

  test("one that somebody has ended is made again", async () => {
    const old = jumpbox();
    await cloud.deleteServer(old.id);
    await cloud.succeed("up");
    assert.notEqual(jumpbox().id, old.id);
    await allRun();
  });

  test("removal goes through it too, and leaves nothing", async () => {
    await cloud.succeed("down", "--yes");
    assert.deepEqual(store.left(), []);
    assert.deepEqual(await cloud.guests.left(), []);
  });

  /** The way to the VMs that the state has. */
  async function wayIn() {
    const session = openSession(cloud.platform.environment, { cwd: cloud.platform.folder, env: { ...process.env, ...cloud.env, REPAVE_HOME: cloud.platform.home } });
    const ways = instancesOf(await exportStack(session, { secrets: true })).map(({ access }) => access.via);
    const [way] = ways;
    assert.ok(way?.kind === "jumpbox");
    assert.deepEqual(ways, ways.map(() => way));
    return way;
  }
});
