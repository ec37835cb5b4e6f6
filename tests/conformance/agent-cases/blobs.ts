import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { finished } from "node:stream/promises";
import { extract } from "tar-stream";
import { gunzipSync } from "node:zlib";
import type { RunningAgent } from "../../support/agent-process.ts";
import { sha } from "../../support/agent-archives.ts";
import { request, rpc, run } from "../../support/agent-wire.ts";

export function blobCases(agent: () => RunningAgent): void {
  test("blobs are put, overwritten, read, and removed by remove_file", async () => {
    const put = (body: string | Buffer) => request(agent(), { method: "PUT", path: "/blobs/ab/some-blob", body });
    const bytes = Buffer.alloc(300_000, 7);
    assert.deepEqual([(await put("first")).status, (await put("second")).body], [201, ""]);
    assert.equal((await request(agent(), { method: "GET", path: "/blobs/some-blob" })).body, "second");
    assert.equal((await put(bytes)).status, 201);
    assert.equal((await request(agent(), { method: "GET", path: "/blobs/other/dirs/some-blob" })).body.length, bytes.length);
    const file = agent().at("data", "blobs", "some-blob");
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(statSync(agent().at("data", "blobs")).mode & 0o777, 0o700);
    assert.deepEqual(await rpc(agent(), "remove_file", [file]), { value: file });
    assert.equal((await request(agent(), { method: "GET", path: "/blobs/some-blob" })).status, 404);
    // The real agent answers 200 and nothing for its blobs folder itself.
    const names = agent().program.supervises ? ["/blobs/", "/blobs/aa/%2e%2e", "/blobs/%00"] : [];
    for (const path of names) assert.equal((await request(agent(), { method: "GET", path })).status, 404);
    for (const method of ["DELETE", "POST"]) assert.equal((await request(agent(), { method, path: "/blobs/some-blob" })).status, 404);
  });

  test("upload_blob checks its digest and is not readable over the message bus", async () => {
    const content = "secret content";
    const payload = Buffer.from(content).toString("base64");
    const upload = (checksum: string) => run(agent(), "upload_blob", [{ blob_id: "hidden", checksum, payload: `${payload.slice(0, 4)}\n${payload.slice(4)}` }]);
    assert.deepEqual(await upload(sha("sha1", content)), { value: "hidden" });
    assert.deepEqual(await upload(`${sha("sha1", "other")};sha256:${sha("sha256", content)}`), { value: "hidden" });
    assert.match((await upload(sha("sha1", "other"))).exception!.message, /Checksum mismatch/);
    assert.equal((await request(agent(), { method: "GET", path: "/blobs/hidden" })).status, 404);
    assert.equal(agent().read("data", "sensitive_blobs", "hidden"), content);
  });

  test("fetch_logs packs what the filters choose", async () => {
    mkdirSync(agent().at("sys", "log", "web", "deep"), { recursive: true });
    writeFileSync(agent().at("sys", "log", "web", "web.log"), "hello\n");
    writeFileSync(agent().at("sys", "log", "web", "deep", "x.err"), "deep\n");
    const files = async (types: string, filters: string[]) => {
      const { value } = await run(agent(), "fetch_logs", [types, filters]);
      const { blobstore_id, sha1 } = value as { blobstore_id: string; sha1: string };
      const tgz = await agent().client().readBlob(blobstore_id);
      assert.match(sha1, new RegExp(sha("sha1", tgz)));
      return (await entries(tgz)).filter((name) => name.includes("web") || types !== "job");
    };
    assert.deepEqual(await files("job", []), ["web/deep/x.err", "web/web.log"]);
    assert.deepEqual(await files("job", ["web/*.log"]), ["web/web.log"]);
    assert.deepEqual(await files("job", ["**/*.err"]), ["web/deep/x.err"]);
    assert.match((await run(agent(), "fetch_logs", ["bad", []])).exception!.message, /Invalid log type/);
  });

  test("sync_dns takes newer records only, and only if digest and version are right", async () => {
    const client = agent().client();
    const records = (version: number) => JSON.stringify({ version, records: [["10.0.0.4", "web-0.example.bosh"]], record_keys: [], record_infos: [], aliases: {} });
    const sync = async (blobVersion: number, version: number, digest?: string) => {
      await client.putBlob("dns", Buffer.from(records(blobVersion)));
      return rpc(agent(), "sync_dns", ["dns", digest ?? `sha256:${sha("sha256", records(blobVersion))}`, version]);
    };
    assert.match((await sync(3, 4)).exception!.message, /version from unpacked dns blob does not match/);
    assert.match((await sync(3, 3, sha("sha1", "x"))).exception!.message, /^Action Failed sync_dns: getting dns from blobstore/);
    assert.deepEqual(await sync(3, 3), { value: "synced" });
    assert.equal(agent().read("instance", "dns", "records.json"), records(3));
    assert.match(agent().read("bosh", "etc_hosts"), /^10\.0\.0\.4 web-0\.example\.bosh$/m);
    // The real agent's stand-alone mode leaves the VM's own names out.
    if (agent().program.supervises) assert.match(agent().read("bosh", "etc_hosts"), new RegExp(`127\\.0\\.0\\.1 localhost.* ${agent().agentId}`));
    assert.deepEqual(await rpc(agent(), "sync_dns", ["absent", "x", 3]), { value: "synced" });
    assert.deepEqual(await rpc(agent(), "sync_dns", ["absent", sha("sha1", "x"), 2]), { value: "synced" });
    assert.equal(existsSync(agent().at("instance", "dns", "records.json")), true);
  });

  test("ssh set-up and clean-up succeed, other commands don't; delete_arp_entries answers", async () => {
    const { value } = await rpc(agent(), "ssh", ["setup", { user: "bosh_abc", public_key: "ssh-rsa AAAA test" }]);
    const { command, status, ip } = value as Record<string, string>;
    assert.deepEqual({ command, status, ip }, { command: "setup", status: "success", ip: "127.0.0.1" });
    const cleaned = await rpc(agent(), "ssh", ["cleanup", { user_regex: "^bosh_abc" }]);
    const { command: word, status: result } = cleaned.value as Record<string, string>;
    assert.deepEqual([word, result], ["cleanup", "success"]);
    assert.match((await rpc(agent(), "ssh", ["other", {}])).exception!.message, /Unknown command for SSH method/);
    assert.deepEqual(await rpc(agent(), "delete_arp_entries", [{ ips: ["127.0.0.9"] }]), { value: {} });
  });
}

async function entries(tgz: Buffer): Promise<string[]> {
  const names: string[] = [];
  const unpack = extract();
  unpack.on("entry", (header, stream, next) => {
    if (header.type === "file") names.push(header.name.replace(/^\.\//, ""));
    stream.on("end", next);
    stream.resume();
  });
  unpack.end(gunzipSync(tgz));
  await finished(unpack);
  return names.sort();
}
