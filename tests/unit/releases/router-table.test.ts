import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots, desiredState, failedEndpoints } from "../../../releases/router/src/control/desired.ts";
import { readRegisterMessage, type RegisterMessage } from "../../../releases/router/src/control/register-message.ts";
import { RouteTable } from "../../../releases/router/src/control/route-table.ts";
import { mapKey, normalUri } from "../../../releases/router/src/control/uri.ts";

const anywhere = { az: "z1", azPreference: "none" } as const;

function message(fields: object): RegisterMessage {
  const read = readRegisterMessage(JSON.stringify({ host: "10.0.0.1", port: 8080, uris: ["a.test"], ...fields }));
  assert.ok(typeof read !== "string", String(read));
  return read;
}

function tableWith(...messages: object[]): RouteTable {
  const table = new RouteTable({ ttl: 120, sharding: "all", segments: [] });
  for (const fields of messages) table.register(message(fields), 0);
  return table;
}

test("routes compare in one form, and what cannot be one is none", () => {
  const forms: [string, string | undefined][] = [
    ["App.Test", "app.test"],
    ["app.test/Path/?q=1", "app.test/path"],
    ["*.Sub.Test", "*.sub.test"],
    ["app.test//", "app.test"],
    ["a b", undefined],
    ["a.test/x;y", undefined],
    ["*.*.test", undefined],
    ["", undefined],
  ];
  for (const [text, form] of forms) assert.equal(normalUri(text), form, text);
  assert.ok(!mapKey("a/foobar").startsWith(mapKey("a/foo")));
});

test("a message that cannot be followed says why", () => {
  const bad: [string, RegExp][] = [
    ["{", /not JSON/],
    ["[]", /no usable uri|not an object/],
    ["null", /not an object/],
    ['{"host":"h","port":1,"uris":[]}', /no usable uri/],
    ['{"port":1,"uris":["a.test"]}', /no usable host/],
    ['{"host":"h;x","port":1,"uris":["a.test"]}', /no usable host/],
    ['{"host":"h","uris":["a.test"]}', /no port/],
    ['{"host":"h","port":70000,"uris":["a.test"]}', /no port/],
    ['{"host":"h","port":1,"uris":["a.test"],"route_service_url":"https://g.test"}', /route services/],
  ];
  for (const [text, why] of bad) {
    const read = readRegisterMessage(text);
    assert.ok(typeof read === "string", text);
    assert.match(read, why, text);
  }
});

test("the TLS port wins, and nanoseconds keep all their digits", () => {
  assert.deepEqual([message({ tls_port: 8443 }).endpoint.port, message({ tls_port: 8443 }).endpoint.tls], [8443, true]);
  assert.equal(message({}).endpoint.tls, false);
  const read = readRegisterMessage('{"host":"h","port":1,"uris":["a.test"],"endpoint_updated_at_ns":1763715600123456789}') as RegisterMessage;
  assert.equal(read.endpoint.updatedAtNs, 1763715600123456789n);
});

test("an older message changes nothing, a repeated one only its age", () => {
  const table = tableWith({ app: "new", endpoint_updated_at_ns: 20 });
  assert.equal(table.register(message({ app: "old", endpoint_updated_at_ns: 10 }), 1), false);
  assert.equal(table.unregister(message({ endpoint_updated_at_ns: 10 })), false);
  assert.equal(table.register(message({ app: "new", endpoint_updated_at_ns: 20 }), 5000), false);
  const [entry] = table.pools.get("a.test")!.values();
  assert.deepEqual([entry?.app, entry?.seenAt], ["new", 5000]);
  assert.equal(table.unregister(message({ endpoint_updated_at_ns: 21 })), true);
});

test("plain endpoints nobody repeats are pruned, and their route one tick later than their last endpoint", () => {
  const table = tableWith({}, { host: "10.0.0.2", stale_threshold_in_seconds: 10 }, { host: "10.0.0.3", tls_port: 443 }, { host: "10.0.0.4", stale_threshold_in_seconds: 500 });
  assert.deepEqual(table.prune(11_000), { routes: 0, endpoints: 1 });
  assert.deepEqual(table.prune(121_000), { routes: 0, endpoints: 2 }, "a longer threshold than the router's is not taken");
  assert.deepEqual([...table.pools.get("a.test")!.keys()], ["10.0.0.3:443"], "TLS endpoints stay");
  table.unregister(message({ host: "10.0.0.3", tls_port: 443 }));
  assert.equal(table.pools.get("a.test")?.size, 0, "known but empty");
  assert.deepEqual(table.prune(122_000), { routes: 1, endpoints: 0 });
  assert.equal(table.pools.has("a.test"), false);
});

test("a segment's routes reach only its routers", () => {
  const seen = (sharding: "all" | "segments" | "shared-and-segments", segment: string): boolean =>
    new RouteTable({ ttl: 120, sharding, segments: ["blue"] }).register(message({ isolation_segment: segment }), 0);
  assert.deepEqual(["", "blue", "red"].map((s) => seen("all", s)), [true, true, true]);
  assert.deepEqual(["", "blue", "red"].map((s) => seen("segments", s)), [false, true, false]);
  assert.deepEqual(["", "blue", "red"].map((s) => seen("shared-and-segments", s)), [true, true, false]);
});

test("a route keeps its backend, and one too many is named", () => {
  const slots = new Slots(2);
  const first = new Map(slots.assign(["a", "b"]));
  slots.assign(["b"]);
  assert.equal(slots.assign(["b", "c"]).get("b"), first.get("b"));
  const table = tableWith({ uris: ["a.test", "b.test", "c.test"] });
  assert.deepEqual(desiredState(table, new Slots(2), new Set(), anywhere).unplaced, ["c.test"]);
});

test("requests go round the eligible endpoints; with none left, round all", () => {
  const table = tableWith({ private_instance_id: "x" }, { host: "10.0.0.2", private_instance_id: "y" });
  const picks = (...down: string[]): string[] => [...desiredState(table, new Slots(1), new Set(down.map((d) => `r0/${d}`)), anywhere).maps.picks.values()];
  assert.deepEqual(picks(), ["x", "y"]);
  assert.deepEqual(picks("x"), ["y"]);
  assert.deepEqual(picks("x", "y"), ["x", "y"]);
});

test("an AZ's router prefers its own AZ while it has an endpoint there", () => {
  const table = tableWith({ private_instance_id: "x", availability_zone: "z1" }, { host: "10.0.0.2", private_instance_id: "y", availability_zone: "z2" });
  const near = { az: "z2", azPreference: "locally-optimistic" } as const;
  assert.deepEqual([...desiredState(table, new Slots(1), new Set(), near).maps.picks.values()], ["y"]);
  assert.deepEqual([...desiredState(table, new Slots(1), new Set(["r0/y"]), near).maps.picks.values()], ["x"]);
});

test("two endpoints that claim one instance id keep names of their own", () => {
  const table = tableWith({ private_instance_id: "same" }, { host: "10.0.0.2", private_instance_id: "same" });
  assert.deepEqual(desiredState(table, new Slots(1), new Set(), anywhere).pools.get("r0")!.map((s) => s.name), ["same", "10.0.0.2:8080"]);
});

test("of the failed endpoints those with TLS are dropped", () => {
  const table = tableWith({ private_instance_id: "plain" }, { host: "10.0.0.2", tls_port: 443, private_instance_id: "tls" }, { host: "10.0.0.3", tls_port: 443, private_instance_id: "fine" });
  const down = new Set(["r0/plain", "r0/tls"]);
  const dropped = table.dropFailed(failedEndpoints(desiredState(table, new Slots(1), down, anywhere), down));
  assert.deepEqual(dropped.map((e) => e.host), ["10.0.0.2"]);
  assert.deepEqual([...table.pools.get("a.test")!.values()].map((e) => e.instanceId), ["plain", "fine"]);
});

test("a route with a path tells it, and each endpoint can be asked for by the name a session has of it", () => {
  const { maps } = desiredState(tableWith({ uris: ["a.test", "a.test/shop"], private_instance_id: "id" }), new Slots(4), new Set(), anywhere);
  const slot = maps.routes.get("a.test/shop/") ?? "";
  assert.deepEqual([...maps.paths], [[slot, "/shop"]]);
  assert.equal(maps.pins.get(`${slot}:sticky:id`), "id");
});
