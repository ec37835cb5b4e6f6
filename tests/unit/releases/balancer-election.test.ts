import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gratuitousArp } from "../../../releases/balancer/src/vrrp/arp.ts";
import { Election, type State } from "../../../releases/balancer/src/vrrp/election.ts";
import { readAdvert, writeAdvert } from "../../../releases/balancer/src/vrrp/packet.ts";

const INTERVAL = 1000;

/** Instances on one network, which can be cut, with a clock of its own. */
class Network {
  now = 0;
  readonly members: { election: Election; address: string; cut: boolean; has: boolean; takes: number }[] = [];

  constructor(count: number) {
    for (let i = 0; i < count; i++) {
      const address = `10.0.0.${i + 2}`;
      const member = { address, cut: false, has: false, takes: 0 } as Network["members"][number];
      const election: Election = new Election({ address, priority: 254 - i, intervalMs: INTERVAL }, (act) => {
        if (act === "take") [member.has, member.takes] = [true, member.takes + 1];
        else if (act === "give up") member.has = false;
        else if (act !== "announce") this.#deliver(member, act.say);
      });
      member.election = election;
      this.members.push(member);
    }
  }

  #deliver(from: Network["members"][number], priority: number): void {
    if (from.cut) return;
    for (const to of this.members) if (to !== from && !to.cut) queueMicrotask(() => to.election.heard({ from: from.address, priority, intervalMs: INTERVAL }, this.now));
  }

  async pass(ms: number): Promise<void> {
    for (const until = this.now + ms; this.now < until; ) {
      this.now += 10;
      for (const { election } of this.members) election.tick(this.now);
      await Promise.resolve();
    }
  }

  get states(): State[] {
    return this.members.map(({ election }) => election.state);
  }

  get owners(): number[] {
    return this.members.flatMap((member, i) => (member.has ? [i] : []));
  }
}

async function settled(count: number): Promise<Network> {
  const network = new Network(count);
  for (const { election } of network.members) election.join(network.now);
  await network.pass(5 * INTERVAL);
  return network;
}

test("of several that begin together one takes the addresses, and the others have heard of it", async () => {
  const network = await settled(3);
  assert.deepEqual([network.states, network.owners], [["master", "backup", "backup"], [0]]);
});

test("who has heard nobody is not yet said to be a backup", () => {
  const network = new Network(1);
  assert.deepEqual(network.states, ["absent"]);
  network.members[0]!.election.join(0);
  assert.deepEqual(network.states, ["listening"]);
});

test("a master that is silent is followed after a little more than three intervals, one that says so at once", async () => {
  const network = await settled(3);
  network.members[0]!.cut = true;
  // The last one came up to an interval ago.
  await network.pass(1.9 * INTERVAL);
  assert.deepEqual(network.states.slice(1), ["backup", "backup"]);
  await network.pass(1.3 * INTERVAL);
  assert.deepEqual(network.states.slice(1), ["master", "backup"]);

  const other = await settled(3);
  other.members[0]!.election.leave();
  await other.pass(50);
  assert.deepEqual([other.states, other.owners], [["absent", "master", "backup"], [1]]);
});

test("who comes back displaces nobody, whatever its priority", async () => {
  const network = await settled(2);
  network.members[0]!.election.leave();
  await network.pass(INTERVAL);
  network.members[0]!.election.join(network.now);
  await network.pass(10 * INTERVAL);
  assert.deepEqual([network.states, network.owners], [["backup", "master"], [1]]);
});

test("after a network was cut one of two masters gives way", async () => {
  const network = await settled(2);
  network.members[0]!.cut = true;
  await network.pass(5 * INTERVAL);
  assert.deepEqual(network.owners, [0, 1]);
  network.members[0]!.cut = false;
  await network.pass(2 * INTERVAL);
  assert.deepEqual([network.states, network.owners], [["master", "backup"], [0]]);
});

test("whatever instances come, go and are cut off, in the end exactly one has the addresses", async () => {
  const step = fc.record({ who: fc.nat(3), what: fc.constantFrom("cut", "mend", "leave", "join"), ms: fc.integer({ min: 0, max: 6000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const network = await settled(4);
      for (const { who, what, ms } of steps) {
        const member = network.members[who]!;
        if (what === "cut" || what === "mend") member.cut = what === "cut";
        else if (what === "leave") member.election.leave();
        else member.election.join(network.now);
        await network.pass(ms);
      }
      for (const member of network.members) {
        member.cut = false;
        member.election.join(network.now);
      }
      await network.pass(6 * INTERVAL);
      assert.equal(network.owners.length, 1);
      assert.deepEqual(network.states.toSorted(), ["backup", "backup", "backup", "master"]);
    }),
    { numRuns: 60 },
  );
});

const ends = { from: "10.9.0.31", to: "10.9.0.32" };
const advert = { routerId: 51, priority: 254, intervalMs: 1000, addresses: ["10.9.0.100"] };

/** As a raw socket gives it. */
function datagram(packet: Buffer, { ttl = 255, from = ends.from, to = ends.to } = {}): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header[8] = ttl;
  header[9] = 112;
  Buffer.from(from.split(".").map(Number)).copy(header, 12);
  Buffer.from(to.split(".").map(Number)).copy(header, 16);
  return Buffer.concat([header, packet]);
}

test("an advert is VRRP version 3, byte for byte", () => {
  // Checksum by hand: ~(0a09+001f + 0a09+0020 + 0070 + 000c + 3133 + fe01 + 0064 + 0a09+0064).
  assert.equal(writeAdvert(advert, ends).toString("hex"), "3133fe010064b12c0a090064");
  assert.deepEqual(readAdvert(datagram(writeAdvert(advert, ends))), { ...advert, ...ends });
});

test("only whole adverts of neighbours are heard", () => {
  const packet = writeAdvert(advert, ends);
  assert.equal(readAdvert(datagram(packet, { ttl: 254 })), undefined);
  assert.equal(readAdvert(datagram(packet, { from: "10.9.0.33" })), undefined);
  for (let cut = 0; cut < 32; cut++) assert.equal(readAdvert(datagram(packet).subarray(0, cut)), undefined);
  for (let at = 0; at < packet.length; at++) {
    const wrong = Buffer.from(packet);
    wrong[at]! ^= 0x10;
    assert.equal(readAdvert(datagram(wrong)), undefined);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readAdvert(Buffer.from(bytes))));
});

test("a gratuitous ARP request tells everybody the address's new place", () => {
  assert.equal(gratuitousArp("02:00:0a:09:00:1f", "10.9.0.100").toString("hex"), ["ffffffffffff", "02000a09001f", "0806", "0001080006040001", "02000a09001f", "0a090064", "000000000000", "0a090064"].join(""));
});
