import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import fc from "fast-check";
import type { RunningAgent } from "../../support/agent-process.ts";
import { rpc, run } from "../../support/agent-wire.ts";

const METHODS = [
  ...["prepare", "apply", "start", "drain", "run_script", "run_errand", "compile_package", "upload_blob", "sync_dns", "ssh", "get_state"],
  ...["add_persistent_disk", "remove_persistent_disk", "mount_disk", "unmount_disk", "migrate_disk", "list_disk", "fetch_logs", "get_task", "cancel_task"],
  ...["update_settings", "constructor", "__proto__", "toString"],
];

/** Only the embedded agent: some of this ends the real one's process. */
export function abuseCases(agent: () => RunningAgent): void {
  test("no argument brings the agent down", async () => {
    const { pid } = agent();
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>("", "..", "a/b", "job", "shutdown", "update", "setup", -1, 2 ** 53, [], {}, null));
    const calls = fc.sample(fc.tuple(fc.constantFrom(...METHODS), fc.array(odd, { maxLength: 6 })), { numRuns: 400, seed: 7 });
    for (const [method, args] of calls) {
      const answer = await rpc(agent(), method, args);
      assert.ok("value" in answer || typeof answer.exception?.message === "string", method);
    }
    assert.ok(Array.isArray((await run(agent(), "list_disk")).value));
    assert.equal(agent().pid, pid, "it is the same process still");
  });

  test("names that point elsewhere are refused", async () => {
    const sha1 = "a".repeat(40);
    const jobs = (name: string) => ({ job: { templates: [{ name, version: "1" }] }, rendered_templates_archive: { blobstore_id: "x", sha1 }, configuration_hash: "h" });
    for (const name of ["../up", "/etc", "..", "a/b", ""]) {
      assert.ok((await run(agent(), "apply", [jobs(name)])).exception, `job ${name}`);
      const pkg = { name, version: "1", sha1, blobstore_id: "../../settings-source.json" };
      assert.ok((await run(agent(), "apply", [{ packages: { p: pkg }, configuration_hash: "h" }])).exception, `package ${name}`);
      assert.ok((await run(agent(), "run_script", [`${name}/x`, {}])).exception, `script ${name}`);
      assert.ok((await run(agent(), "mount_disk", [name])).exception, `disk ${name}`);
    }
    assert.ok((await run(agent(), "apply", [{ job: { templates: [{ name: "j", version: "" }] }, rendered_templates_archive: { blobstore_id: "x", sha1 }, configuration_hash: "h" }])).exception);
    assert.ok((await run(agent(), "drain", ["whatever"])).exception);
  });

  test("what is not TLS, and half a request, leave it answering", async () => {
    const plain = net.connect(agent().port, "127.0.0.1");
    plain.on("error", () => undefined).end("GET / HTTP/1.1\r\n\r\n");
    await once(plain, "close");
    const half = tls.connect({ host: "127.0.0.1", port: agent().port, rejectUnauthorized: false });
    await once(half, "secureConnect");
    half.on("error", () => undefined).write("POST /agent HTTP/1.1\r\nContent-Length: 10\r\n\r\n{");
    half.destroy();
    await once(half, "close");
    assert.deepEqual(await rpc(agent(), "ping"), { value: "pong" });
  });
}
