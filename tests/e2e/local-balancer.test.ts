import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalIaas } from "../../provider/local/index.ts";
import { eventually, leftovers, localTest, threeAzs, withEnvironment } from "../support/local-environment.ts";

const backendProgram = readFileSync(path.join(__dirname, "../support/local-backend.cjs"), "utf8");
const healthCheck = { port: 8080, path: "/health", intervalMs: 100, healthyThreshold: 1, unhealthyThreshold: 2 };

async function startBackend(iaas: LocalIaas, n: number): Promise<{ ip: string; cid: string; signal: (name: string) => Promise<void> }> {
  const ip = `10.0.${n}.10`;
  const { cid } = await iaas.createVm({ slot: `b${n}`, az: `z${n}`, ip, settings: { agent_id: `b${n}` } });
  const run = async (argv: string[], input = ""): Promise<void> => {
    const child = await iaas.exec(cid, argv);
    child.stdin!.end(input);
    await new Promise((resolve) => child.once("close", resolve));
  };
  await run(["sh", "-c", "cat >/tmp/backend.cjs; node /tmp/backend.cjs $0 8080 </dev/null >/dev/null 2>&1 & echo $! >/tmp/pid", `b${n}`], backendProgram);
  return { ip, cid, signal: (name) => run(["sh", "-c", `kill -${name} $(cat /tmp/pid); ${name === "KILL" ? "while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.02; done" : ""}`]) };
}

/** One request on a connection of its own. `/slow` says at once who answers it. */
function request(port: number, url = "/", begun?: (backend: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port, path: url, agent: false, timeout: 5000 }, (response) => {
        begun?.(String(response.headers["x-backend"]));
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve(text));
      })
      .on("timeout", function (this: http.ClientRequest) {
        this.destroy(new Error("no answer"));
      })
      .on("error", reject);
  });
}

localTest("no request fails while a backend drains and goes, and while one is killed between requests", async (t) => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const [b1, b2, b3] = await Promise.all([1, 2, 3].map((n) => startBackend(iaas, n)));
    const backends = [b1!, b2!, b3!].map(({ ip }) => ({ ip, port: 8080 }));
    const made = await iaas.createLoadBalancer({ name: "web", listen: { address: "127.0.0.1", port: 0 }, backends, healthCheck });
    const health = async (): Promise<string[]> => (await iaas.findLoadBalancer("web"))!.backends.map((b) => b.health);
    await eventually("all healthy", async () => (await health()).every((h) => h === "healthy"));
    assert.deepEqual(await leftovers(iaas), []);

    const seen = new Map<string, number>();
    const failures: unknown[] = [];
    let going = true;
    t.after(() => (going = false));
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (going) {
          await request(made.port).then((name) => seen.set(name, (seen.get(name) ?? 0) + 1), (error: unknown) => failures.push(error));
          await sleep(10);
        }
      }),
    );
    await sleep(500);
    assert.deepEqual([...seen.keys()].sort(), ["b1", "b2", "b3"]);

    // a drain: the check fails first, requests that are open end well, then the backend stops
    const begun: string[] = [];
    const open = Promise.all(Array.from({ length: 6 }, () => request(made.port, "/slow", (backend) => begun.push(backend))));
    await eventually("b1 has one of them", async () => begun.includes("b1"));
    await b1!.signal("USR2");
    await eventually("b1 is out", async () => (await health())[0] === "unhealthy");
    await sleep(50);
    const atDrain = seen.get("b1")!;
    assert.ok((await open).includes("b1"), "an open request on the draining backend was lost");
    assert.equal(seen.get("b1"), atDrain);
    await b1!.signal("KILL");
    await sleep(200);

    // a backend whose process dies refuses connections before any check can tell: the next one takes over
    going = false;
    await load;
    assert.deepEqual(failures, []);
    await b2!.signal("KILL");
    for (let i = 0; i < 10; i++) assert.equal(await request(made.port), "b3");
    await eventually("b2 is out", async () => (await health())[1] === "unhealthy");

    // a whole VM gone: its address answers nothing at all
    await iaas.deleteVm(b3!.cid);
    const back = await startBackend(iaas, 2);
    await eventually("b2 is back", async () => (await health())[1] === "healthy");
    assert.equal(await request(made.port), "b2");
    assert.equal(back.ip, b2!.ip);
  });
});

localTest("backends change without losing open connections", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const [b1, b2] = await Promise.all([1, 2].map((n) => startBackend(iaas, n)));
    const only = (b: { ip: string }): { ip: string; port: number }[] => [{ ip: b.ip, port: 8080 }];
    const { port } = await iaas.createLoadBalancer({ name: "web", listen: { address: "127.0.0.1", port: 0 }, backends: only(b1!), healthCheck });
    await eventually("b1 answers", async () => (await request(port)) === "b1");
    const open = request(port, "/slow");
    await sleep(100);
    await iaas.updateLoadBalancer("web", { backends: only(b2!), healthCheck });
    assert.equal(await request(port), "b2");
    assert.equal(await open, "b1");
    // b1 stays in the list until its last connection has closed on both sides
    await eventually("b1 is forgotten", async () => (await iaas.findLoadBalancer("web"))!.backends.map((b) => b.ip).join() === b2!.ip);
  });
});

localTest("a load balancer outlives its starter, comes back on its port after a kill, and says who has its port", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const spec = { name: "web", listen: { address: "127.0.0.1" as const, port: 0 }, backends: [], healthCheck };
    const { port } = await iaas.createLoadBalancer(spec);
    assert.equal((await iaas.createLoadBalancer(spec)).port, port);
    await assert.rejects(request(port), { code: "ECONNRESET" });
    const trace = (await iaas.scan()).find((t) => t.kind === "process" && t.owner === "balancer web");
    process.kill(Number(trace!.id.split(" ")[0]), "SIGKILL");
    await eventually("it is gone", async () => (await iaas.findLoadBalancer("web")) === undefined);
    assert.equal((await iaas.createLoadBalancer(spec)).port, port);

    const squatter = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve));
    const taken = (squatter.address() as net.AddressInfo).port;
    await assert.rejects(iaas.createLoadBalancer({ ...spec, name: "late", listen: { address: "127.0.0.1", port: taken } }), {
      code: "iaas.local-port-taken",
      message: new RegExp(`Port ${taken} on 127.0.0.1 is taken by process ${process.pid} \\(node\\)`),
    });
    squatter.close();
    await iaas.deleteLoadBalancer("late");
    await iaas.deleteLoadBalancer("web");
    await iaas.deleteLoadBalancer("web");
    await assert.rejects(request(port), { code: "ECONNREFUSED" });
    assert.deepEqual(await leftovers(iaas), []);
  });
});
