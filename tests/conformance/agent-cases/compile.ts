import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { RunningAgent } from "../../support/agent-process.ts";
import { sha, tarOf } from "../../support/agent-archives.ts";

export function compileCases(agent: () => RunningAgent): void {
  const source = async (id: string, files: Record<string, string>, options?: { gzip?: boolean }) => {
    const tgz = await tarOf(files, options);
    await agent().client().putBlob(id, tgz);
    return { blobstore_id: id, sha1: sha("sha1", tgz) };
  };

  test("compiles a package with a dependency and removes every package before and after", async () => {
    const client = agent().client();
    const dep = await source("dep", { "./bin/tool": "#!/bin/sh\necho tool\n" });
    const packaging = `set -e
sh "$(dirname "$BOSH_INSTALL_TARGET")/dep/bin/tool" > "$BOSH_INSTALL_TARGET/made"
cat src/input >> "$BOSH_INSTALL_TARGET/made"
echo "$BOSH_PACKAGE_NAME $BOSH_PACKAGE_VERSION $(basename "$(pwd)") \${BOSH_INSTALL_TARGET##*/packages/}" >> "$BOSH_INSTALL_TARGET/made"
ls "$(dirname "$BOSH_INSTALL_TARGET")" >> "$BOSH_INSTALL_TARGET/made"
`;
    const result = await client.compilePackage({
      source: await source("src", { packaging, "src/input": "input\n" }),
      name: "app",
      version: "v1",
      dependencies: { dep: { name: "dep", version: "d1", ...dep } },
    });
    const tgz = await client.readBlob(result.blobstore_id);
    assert.equal(sha("sha1", tgz), result.sha1);
    assert.match(gunzipSync(tgz).toString("latin1").replaceAll("\0", ""), /tool\ninput\napp v1 app app\napp\ndep\n/);
    assert.deepEqual(readdirSync(agent().at("packages")), []);
    assert.deepEqual(readdirSync(agent().at("data", "compile")), []);
  });

  test("without a packaging script the package is empty; a plain tar gives a plain tar", async () => {
    const client = agent().client();
    const plain = await source("plain", { "some/file": "x" }, { gzip: false });
    const result = await client.compilePackage({ source: plain, name: "empty", version: "v1", dependencies: {} });
    const tar = await client.readBlob(result.blobstore_id);
    assert.equal(tar.subarray(257, 262).toString("latin1"), "ustar");
  });

  test("a failure carries exit code and output", async () => {
    const broken = await source("broken", { packaging: "set -e\necho fine\necho oops >&2\nexit 9\n" });
    const call = agent().client().compilePackage({ source: broken, name: "app", version: "v1", dependencies: {} });
    await assert.rejects(call, /test\/0.*Compiling package app: Running packaging script: .*Command exited with 9; .*oops/s);
  });

  test("a wrong digest is refused", async () => {
    const { blobstore_id } = await source("src2", { packaging: "" });
    const call = agent().client().compilePackage({ source: { blobstore_id, sha1: sha("sha1", "x") }, name: "app", version: "1", dependencies: {} });
    await assert.rejects(call, /Compiling package app: Fetching package app/);
  });
}
