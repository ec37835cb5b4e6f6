import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Load } from "../support/load.ts";

let seen = 0;
let connections = 0;
const service = http.createServer((request, response) => {
  seen++;
  if (request.url === "/steady") return void response.end("fine");
  if (seen % 10 === 0) return void request.socket.destroy();
  if (seen % 10 === 5) response.statusCode = 503;
  response.end(seen % 10 === 7 ? "odd" : "fine");
});
const url = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}`;

before(async () => {
  service.on("connection", () => connections++);
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
});
after(() => service.close());

test("a load sends at its rate over kept and fresh connections", async () => {
  const load = new Load({ url: `${url()}/steady`, rate: 200 });
  await sleep(500);
  const report = await load.stop();
  assert.deepEqual(report.failures, []);
  assert.ok(report.sent > 60 && report.sent <= 110, `${report.sent} sent`);
  assert.ok(connections > report.sent / 2 && connections < report.sent / 2 + 22, `${connections} connections for ${report.sent} requests`);
});

test("a load counts every bad status, broken connection and wrong answer", async () => {
  seen = 0;
  const load = new Load({ url: url(), rate: 200, check: (body) => assert.equal(body, "fine") });
  await sleep(500);
  const report = await load.stop();
  const expected = [...Array(report.sent).keys()].filter((n) => [0, 5, 7].includes((n + 1) % 10)).length;
  assert.equal(report.failed, expected, report.failures.join("\n"));
  for (const reason of [/503/, /hang up|ECONNRESET/, /odd/]) assert.ok(report.failures.some((line) => reason.test(line)));
});
