import assert from "node:assert/strict";
import { type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Lab, type LabInstance, labUnavailable } from "./lab.ts";
import { certificate, platform } from "./platform.ts";
import { closeRenderer } from "./render.ts";

const skip = labUnavailable();
const url = "http://10.9.0.21:8081";
// Undefined while it could not be set up.
let lab: Lab;
let router: LabInstance;
let speaker: ChildProcess;
let answers: AsyncIterator<string>;
const backends = new Map<string, ChildProcess>();

async function backend(name: string, port: number, ...tls: string[]): Promise<void> {
  const child = lab.script("echo.mjs", String(port), name, ...tls);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  backends.set(name, child);
}

async function say(subject: string, message: object = {}): Promise<string> {
  speaker.stdin?.write(`${subject} ${JSON.stringify(message)}\n`);
  const answer = (await answers.next()).value as string;
  await pause(150);
  return answer;
}

interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: { name: string; cuts: number; size: number; method: string; headers: Record<string, string> };
}

async function get(host: string, target = "/", ...options: string[]): Promise<Reply> {
  const raw = await lab.curl("-i", "-H", `Host: ${host}`, ...options, `${url}${target}`);
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const text = rest.join("\r\n\r\n");
  const lines = head.split("\r\n");
  const headers = Object.fromEntries(lines.slice(1).map((l) => [l.slice(0, l.indexOf(":")).toLowerCase(), l.slice(l.indexOf(":") + 2)]));
  return { status: Number(lines[0]?.split(" ")[1]), headers, text, json: text.startsWith("{") ? (JSON.parse(text) as Reply["json"]) : ({} as Reply["json"]) };
}

function endpoint(name: string, port: number, uris: string[]): object {
  return { host: "10.9.0.1", port, uris, app: "app-guid", private_instance_id: `id-${name}`, private_instance_index: String(port % 10), tags: { process_id: "proc" } };
}

before(async () => {
  if (skip) return;
  lab = await Lab.open(["nats", "router"]);
  const nats = certificate("nats.service.internal");
  const backendTls = certificate("instance-guid");
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(lab.dir, name), text);
    return path.join(lab.dir, name);
  };
  const context = platform({
    nats: { release: "nats", job: "nats", ips: ["10.9.0.11"], properties: { nats: { password: "p", tls: nats } } },
    router: {
      release: "router",
      job: "router",
      ips: ["10.9.0.21"],
      properties: {
        router: {
          port: 8081,
          max_routes: 8,
          load_balancer_healthy_threshold: 1,
          route_stale_threshold_in_seconds: 120,
          prune_interval_in_seconds: 2,
          failed_endpoint_ineligible_in_seconds: 3,
          endpoint_dial_timeout_in_seconds: 1,
          status: { password: "look" },
          backends: { ca: backendTls.ca },
        },
      },
    },
  });
  await (await lab.instance(context("nats", 0))).start();
  router = await lab.instance(context("router", 0));
  await router.start();
  speaker = lab.script("say.mjs", "10.9.0.11:4222", "p", file("nats-ca.pem", nats.ca), "nats.service.internal");
  answers = readline.createInterface({ input: speaker.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  await answers.next();
  await backend("a", 9001);
  await backend("b", 9002);
  await backend("secure", 9003, file("leaf.pem", backendTls.certificate), file("leaf.key", backendTls.private_key));
  const stranger = certificate("instance-guid");
  await backend("stranger", 9004, file("other.pem", stranger.certificate), file("other.key", stranger.private_key));
});

after(async () => {
  if (skip || lab === undefined) return;
  if (process.env["REPAVE_LAB_LOGS"]) console.log(router?.logs());
  await lab.close();
  await closeRenderer();
});

test("router.greet tells interval and threshold", { skip }, async () => {
  const { id, ...rest } = JSON.parse(await say("router.greet")) as Record<string, unknown>;
  assert.equal(typeof id, "string");
  assert.deepEqual(rest, { hosts: ["10.9.0.21"], minimumRegisterIntervalInSeconds: 20, pruneThresholdInSeconds: 120 });
});

test("an app gets the platform's headers, and its own view of a client's lies is kept clean", { skip }, async () => {
  await say("router.register", endpoint("a", 9001, ["App.Test"]));
  const { status, headers, json } = await get("app.test:8081", "/x?y=1", "-H", "X-CF-InstanceIndex: 99", "-H", "X-Forwarded-For: 1.2.3.4");
  assert.equal(status, 200);
  assert.equal(json.headers["x-cf-applicationid"], "app-guid");
  assert.equal(json.headers["x-cf-instanceid"], "id-a");
  assert.equal(json.headers["x-cf-instanceindex"], "1");
  assert.equal(json.headers["x-forwarded-for"], "1.2.3.4, 10.9.0.1");
  assert.equal(json.headers["x-forwarded-proto"], "http");
  assert.match(json.headers["x-request-start"] ?? "", /^\d{13}$/);
  assert.equal(json.headers["x-vcap-request-id"], headers["x-vcap-request-id"]);
});

test("the longest path wins, then wildcards, one label at a time", { skip }, async () => {
  await say("router.register", endpoint("b", 9002, ["app.test/deep"]));
  assert.equal((await get("app.test", "/deep")).json.name, "b");
  assert.equal((await get("app.test", "/deep/er?q")).json.name, "b");
  assert.equal((await get("app.test", "/deeper")).json.name, "a");
  await say("router.register", endpoint("b", 9002, ["*.wild.test"]));
  assert.equal((await get("x.wild.test")).json.name, "b");
  assert.equal((await get("x.y.wild.test")).json.name, "b");
  assert.equal((await get("wild.test")).status, 404);
});

test("errors carry their reason", { skip }, async () => {
  const unknown = await get("nope.test");
  assert.deepEqual([unknown.status, unknown.headers["x-cf-routererror"], unknown.headers["cache-control"], unknown.text], [404, "unknown_route", "no-cache, no-store", "404 Not Found: Requested route ('nope.test') does not exist.\n"]);
  const bad = await get("app.test", "/", "-H", "X-CF-App-Instance: nonsense");
  assert.deepEqual([bad.status, bad.headers["x-cf-routererror"]], [400, "invalid_cf_app_instance_header"]);
  const absent = await get("app.test", "/", "-H", "X-CF-App-Instance: app-guid:7");
  assert.deepEqual([absent.status, absent.headers["x-cf-routererror"]], [400, "unknown_route"]);
  assert.match(absent.text, /instance \('7'\) with guid \('app-guid'\) does not exist for route \('app\.test'\)/);

  await say("router.unregister", endpoint("b", 9002, ["*.wild.test"]));
  const empty = await get("x.wild.test");
  // Between two prunes the route is known but empty; afterwards it is gone.
  assert.ok((empty.status === 503 && empty.headers["x-cf-routererror"] === "no_endpoints") || empty.status === 404, String(empty.status));
  await pause(2500);
  assert.equal((await get("x.wild.test")).status, 404);
});

test("a request can ask for one instance", { skip }, async () => {
  await say("router.register", endpoint("a", 9001, ["pair.test"]));
  await say("router.register", endpoint("b", 9002, ["pair.test"]));
  for (let i = 0; i < 4; i++) {
    const reply = await get("pair.test", "/", "-H", "X-CF-App-Instance: app-guid:2");
    assert.equal(reply.json.name, "b");
    assert.equal(reply.json.headers["x-cf-app-instance"], undefined);
  }
  assert.equal((await get("pair.test", "/", "-H", "X-CF-Process-Instance: proc:1")).json.name, "a");
});

test("a session stays with the instance that began it, for as long as the app's own cookie says", { skip }, async () => {
  await say("router.register", endpoint("a", 9001, ["pair.test/shop"]));
  await say("router.register", endpoint("b", 9002, ["pair.test/shop"]));
  const given = async (...cookies: string[]): Promise<string[]> => {
    const raw = await lab.curl("-i", "-H", "Host: pair.test", "-H", "X-CF-App-Instance: app-guid:2", "-H", `X-Set-Cookie: ${cookies.join("|")}`, `${url}/shop/cart`);
    return [...raw.matchAll(/^set-cookie: (.*)\r$/gim)].map((m) => m[1] ?? "").filter((c) => c.startsWith("__VCAP_ID__"));
  };
  assert.deepEqual(await given("other=1", "JSESSIONID=abc"), ["__VCAP_ID__=id-b; Path=/shop; HttpOnly"]);
  const expires = "Expires=Wed, 21 Oct 2037 07:28:00 GMT";
  assert.deepEqual(await given(`JSESSIONID=abc; ${expires}; Secure; SameSite=None; Partitioned`), [`__VCAP_ID__=id-b; Path=/shop; ${expires}; HttpOnly; Secure; SameSite=None; Partitioned`]);
  assert.deepEqual(await given("JSESSIONID=abc; Max-Age=-1"), ["__VCAP_ID__=id-b; Path=/shop; Max-Age=0; HttpOnly"]);
  assert.deepEqual(await given("other=1", "MYJSESSIONID=1"), []);
  assert.deepEqual(await given("JSESSIONID=abc", "__VCAP_ID__=mine"), ["__VCAP_ID__=mine"]);

  const names = async (cookie: string): Promise<Set<string>> => new Set(await Promise.all([1, 2, 3, 4].map(async () => (await get("pair.test", "/shop", "-b", cookie)).json.name)));
  assert.deepEqual(await names("JSESSIONID=abc; __VCAP_ID__=id-b"), new Set(["b"]));
  assert.deepEqual(await names("__VCAP_ID__=id-b"), new Set(["a", "b"]));
  assert.deepEqual((await get("pair.test", "/shop", "-b", "JSESSIONID=abc; __VCAP_ID__=id-b")).headers["set-cookie"], undefined);
  const moved = await get("pair.test", "/shop", "-b", "JSESSIONID=abc; __VCAP_ID__=gone");
  assert.equal(moved.headers["set-cookie"], `__VCAP_ID__=id-${moved.json.name}; Path=/shop; HttpOnly`);
  await say("router.unregister", endpoint("a", 9001, ["pair.test/shop"]));
  await say("router.unregister", endpoint("b", 9002, ["pair.test/shop"]));
});

test("what broke is tried elsewhere only if that does no harm", { skip }, async () => {
  const before = [await get("pair.test", "/", "-H", "X-CF-App-Instance: app-guid:1"), await get("pair.test", "/", "-H", "X-CF-App-Instance: app-guid:2")];
  const cuts = async (): Promise<number> => {
    const now = [await get("pair.test", "/", "-H", "X-CF-App-Instance: app-guid:1"), await get("pair.test", "/", "-H", "X-CF-App-Instance: app-guid:2")];
    return now.reduce((sum, r) => sum + r.json.cuts, 0) - before.reduce((sum, r) => sum + r.json.cuts, 0);
  };
  const post = await get("pair.test", "/cut", "-d", "x=1");
  assert.deepEqual([post.status, post.headers["x-cf-routererror"]], [502, "endpoint_failure (EOF)"]);
  assert.equal(await cuts(), 1);
  const idempotent = await get("pair.test", "/cut");
  assert.equal(idempotent.status, 502);
  assert.equal(await cuts(), 4);
});

test("a dead backend costs no request, not even a POST, and comes back when it lives again", { skip }, async () => {
  await pause(3500);
  backends.get("a")?.kill("SIGKILL");
  await pause(100);
  for (let i = 0; i < 6; i++) assert.equal((await get("pair.test", "/", "-d", "x".repeat(100_000))).json.size, 100_000);
  backends.get("b")?.kill("SIGKILL");
  await pause(100);
  const none = await get("pair.test");
  assert.deepEqual([none.status, none.headers["x-cf-routererror"]], [502, "endpoint_failure (dial)"]);
  await backend("b", 9002);
  // Still held for ineligible, but nothing else is left.
  await pause(700);
  // Whichever of the two is tried first; later rounds may hold both again.
  for (let i = 0; i < 4; i++) assert.equal((await get("pair.test")).json.name, "b");
  await backend("a", 9001);
  await pause(7000);
  const names = new Set([(await get("pair.test")).json.name, (await get("pair.test")).json.name]);
  assert.deepEqual(names, new Set(["a", "b"]));
});

test("TLS endpoints are verified by the name they registered", { skip }, async () => {
  const secure = { host: "10.9.0.1", tls_port: 9003, port: 1, uris: ["secure.test"], private_instance_id: "tls" };
  await say("router.register", { ...secure, server_cert_domain_san: "instance-guid" });
  assert.equal((await get("secure.test")).json.name, "secure");
  await say("router.register", { ...secure, uris: ["wrong.test"], server_cert_domain_san: "another-guid" });
  const wrong = await get("wrong.test");
  assert.equal(wrong.status, 503);
  assert.match(wrong.headers["x-cf-routererror"] ?? "", /^endpoint_failure \(.*certificate/);
  await say("router.register", { ...secure, tls_port: 9004, uris: ["untrusted.test"], server_cert_domain_san: "instance-guid" });
  const untrusted = await get("untrusted.test");
  assert.equal(untrusted.status, 526, JSON.stringify(untrusted.headers));
  await say("router.register", { ...secure, tls_port: 9001, uris: ["plain.test"], server_cert_domain_san: "instance-guid" });
  assert.equal((await get("plain.test")).status, 525);
});

test("a TLS endpoint that failed is dropped at once, until it registers again", { skip }, async () => {
  const wrong = { host: "10.9.0.1", tls_port: 9003, port: 1, uris: ["mixed.test"], server_cert_domain_san: "another-guid", private_instance_id: "w" };
  await say("router.register", wrong);
  assert.equal((await get("mixed.test")).headers["x-cf-routererror"]?.startsWith("endpoint_failure"), true);
  for (const until = Date.now() + 10_000; (await get("mixed.test")).headers["x-cf-routererror"] !== "no_endpoints"; await pause(100)) assert.ok(Date.now() < until, "it stays");
  await say("router.register", { ...wrong, server_cert_domain_san: "instance-guid" });
  assert.equal((await get("mixed.test")).json.name, "secure");
});

test("stale endpoints go, TLS endpoints stay, and a guarded route is never served unguarded", { skip }, async () => {
  await say("router.register", { ...endpoint("a", 9001, ["stale.test"]), stale_threshold_in_seconds: 1 });
  assert.equal((await get("stale.test")).status, 200);
  await pause(4000);
  assert.equal((await get("stale.test")).status, 404);
  assert.equal((await get("secure.test")).status, 200);
  await say("router.register", { ...endpoint("a", 9001, ["guarded.test"]), route_service_url: "https://guard.test" });
  assert.equal((await get("guarded.test")).status, 404);
});

test("routes are shown to who knows the password", { skip }, async () => {
  const look = async (...options: string[]): Promise<string> => (await router.run(["curl", "-s", "-w", "%{http_code}", ...options, "http://127.0.0.1:8082/routes"])).stdout;
  assert.equal(await look(), "401");
  assert.equal(await look("-u", "router-status:wrong"), "401");
  assert.match(await look("-u", "router-status:look"), /"pair\.test":\[\{"address":"10\.9\.0\.1:9001"/);
});

test("each half of the router may restart alone", { skip }, async () => {
  await router.run(["kill", "-KILL", String(router.pid("control"))]);
  assert.equal((await get("pair.test")).status, 200);
  await router.startProcesses();
  await pause(1500);
  assert.equal((await get("pair.test")).status, 200);
  assert.equal(await lab.curl("http://10.9.0.21:8080/health"), "ok\n");

  await router.run(["kill", "-KILL", String(router.pid("router"))]);
  await pause(100);
  await router.startProcesses();
  await pause(2000);
  assert.equal((await get("pair.test")).status, 200);
  assert.equal(await lab.curl("http://10.9.0.21:8080/health"), "ok\n");
});
