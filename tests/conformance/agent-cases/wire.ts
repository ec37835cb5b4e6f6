import assert from "node:assert/strict";
import tls from "node:tls";
import { test } from "node:test";
import type { RunningAgent } from "../../support/agent-process.ts";
import { request, rpc } from "../../support/agent-wire.ts";

export function wireCases(agent: () => RunningAgent): void {
  const ping = JSON.stringify({ protocol: 3, method: "ping", arguments: [], reply_to: "any" });

  test("answers ping as text", async () => {
    const { status, headers, body } = await request(agent(), { body: ping });
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(body, '{"value":"pong"}');
  });

  test("refuses other methods and paths with 404, unknown paths without asking for a password", async () => {
    assert.equal((await request(agent(), { method: "GET" })).status, 404);
    assert.equal((await request(agent(), { method: "PUT", body: ping })).status, 404);
    assert.equal((await request(agent(), { method: "GET", path: "/nothing", auth: null })).status, 404);
  });

  test("asks for the password on known routes", async () => {
    for (const auth of [null, "mbus:wrong", "other:p@ss/word 1", `mbus:${encodeURIComponent(agent().password)}`]) {
      for (const path of ["/agent", "/blobs/aa/x"]) {
        const { status, headers, body } = await request(agent(), { path, body: ping, auth });
        assert.equal(status, 401);
        assert.equal(headers["www-authenticate"], 'Basic realm=""');
        assert.equal(body, "");
      }
    }
  });

  test("answers 500 without body to what is no request", async () => {
    for (const body of ["", "no json", '{"protocol":"x","method":"ping"}', "[1]"]) {
      const answer = await request(agent(), { body });
      assert.deepEqual([answer.status, answer.body], [500, ""], JSON.stringify(body));
    }
  });

  test("reads envelope keys in any case, and takes absent arguments as none", async () => {
    const { body } = await request(agent(), { body: '{"Protocol":3,"METHOD":"ping","Arguments":null}' });
    assert.equal(body, '{"value":"pong"}');
    assert.equal((await request(agent(), { body: '{"method":"ping"}' })).body, '{"value":"pong"}');
  });

  test("ignores surplus arguments and counts missing ones", async () => {
    assert.deepEqual(await rpc(agent(), "ping", ["a", "b"]), { value: "pong" });
    const { exception } = await rpc(agent(), "remove_file");
    assert.match(exception!.message, /^Action Failed remove_file: .*Not enough arguments, expected 1, got 0$/);
  });

  test("knows no other messages", async () => {
    assert.deepEqual(await rpc(agent(), "run_command", ["id"]), { exception: { message: "unknown message run_command" } });
    assert.deepEqual(await rpc(agent(), "info"), { value: { api_version: 1 } });
  });

  test("speaks TLS 1.2 and 1.3, nothing older, and shows the pair of its settings", async () => {
    const connect = (version: tls.SecureVersion) =>
      new Promise<string>((resolve, reject) => {
        const socket = tls.connect(
          { host: "127.0.0.1", port: agent().port, ca: agent().authority.ca, servername: agent().agentId, minVersion: version, maxVersion: version },
          () => {
            resolve(socket.getPeerCertificate().subjectaltname ?? "");
            socket.destroy();
          },
        );
        socket.once("error", reject);
      });
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) assert.equal(await connect(version), `DNS:${agent().agentId}`);
    await assert.rejects(connect("TLSv1.1"));
  });

  test("get_state of a fresh VM has every key with its zero value", async () => {
    const { value } = await rpc(agent(), "get_state");
    assert.deepEqual(
      { ...(value as object), job_state: "any" },
      {
        properties: { logging: { max_log_file_size: "" } },
        job: { name: null, release: "", template: "", version: "", templates: null },
        packages: {},
        configuration_hash: "",
        networks: {},
        resource_pool: {},
        deployment: "",
        name: "",
        index: null,
        id: "",
        az: "",
        persistent_disk: 0,
        rendered_templates_archive: null,
        agent_id: agent().agentId,
        vm: { name: "vm-test" },
        job_state: "any",
      },
    );
  });

  test("get_state with full adds vitals whose numbers are strings", async () => {
    const { value } = await rpc(agent(), "get_state", ["full"]);
    const { vitals } = value as { vitals: { mem: { kb: string; percent: string }; load: string[]; cpu: { user: string }; disk: { system: object } } };
    assert.match(vitals.mem.kb, /^\d+$/);
    assert.match(vitals.mem.percent, /^\d+$/);
    assert.equal(vitals.load.length, 3);
    assert.match(vitals.cpu.user, /^\d+\.\d$/);
    assert.ok("system" in vitals.disk);
  });
}
