import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalIaas } from "../../provider/local/index.ts";
import type { Operation } from "../../provider/resource-kind.ts";
import { localBackendsKind } from "../../provider/resources/local-backends.ts";
import { localLoadBalancerKind, type LocalLoadBalancerInputs, type LocalLoadBalancerState } from "../../provider/resources/local-load-balancer.ts";

const healthCheck = { port: 80, path: "/health", intervalMs: 200, healthyThreshold: 2, unhealthyThreshold: 2 };
const at = (...ips: string[]) => ips.map((ip) => ({ ip, port: 80 }));
const inputs = (ips: string[], more: Partial<LocalLoadBalancerInputs> = {}): LocalLoadBalancerInputs => ({ environment: "e", balancer: "front", port: 0, backends: at(...ips), healthCheck, ...more });

/** A load balancer that only remembers its backends. */
function scene(...ips: string[]) {
  let backends = at(...ips);
  const iaas = {
    findLoadBalancer: async () => ({ name: "front", port: 4711, backends: backends.map((b) => ({ ...b, health: "healthy", connections: 0 })) }),
    updateLoadBalancer: async (_name: string, config: { backends: typeof backends }) => void (backends = config.backends),
  } as unknown as LocalIaas;
  const operation = { services: { local: () => iaas, now: () => new Date("2026-11-21T00:00:00Z") } } as unknown as Operation;
  return { operation, ips: () => backends.map((b) => b.ip) };
}

const stateOf = (given: LocalLoadBalancerInputs): LocalLoadBalancerState => ({ ...given, listenPort: 4711, url: "http://127.0.0.1:4711", changedAt: "2026-11-01T00:00:00Z" });

test("backends that leave go on serving while their instances move, whatever run added them, and go when all have moved", async () => {
  const { operation, ips } = scene("10.0.0.2", "10.0.0.3");
  const olds = stateOf(inputs(["10.0.0.3"], { overlap: true }));
  const state = await localLoadBalancerKind.update!("id", olds, inputs(["10.0.0.4"], { overlap: true }), operation);
  assert.deepEqual(ips(), ["10.0.0.2", "10.0.0.3", "10.0.0.4"], "those of an update that stopped are there too");
  assert.deepEqual([state.listenPort, state.changedAt], [4711, "2026-11-21T00:00:00.000Z"]);

  const trimmed = { environment: "e", balancer: "front", backends: at("10.0.0.4"), healthCheck, changedAt: state.changedAt };
  await localBackendsKind.update!("id", { ...trimmed, changedAt: olds.changedAt }, trimmed, operation);
  assert.deepEqual(ips(), ["10.0.0.4"]);
});

test("backends are trimmed again whenever the load balancer has changed", async () => {
  const same = { environment: "e", balancer: "front", backends: at("10.0.0.4"), healthCheck, changedAt: "one" };
  const { operation } = scene();
  assert.deepEqual((await localBackendsKind.diff(same, same, same, operation)).changed, []);
  assert.deepEqual((await localBackendsKind.diff(same, { ...same, changedAt: "two" }, same, operation)).changed, ["changedAt"]);
});

test("without overlap a load balancer has at once what it is to have", async () => {
  const { operation, ips } = scene("10.0.0.2");
  await localLoadBalancerKind.update!("id", stateOf(inputs(["10.0.0.2"])), inputs(["10.0.0.4"]), operation);
  assert.deepEqual(ips(), ["10.0.0.4"]);
});
