import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { LocalBlobstore } from "../../../provider/blobstore/local.ts";
import type { Operation } from "../../../provider/resource-kind.ts";
import { stemcellImageKind, type StemcellImageInputs } from "../../../provider/resources/stemcell-image.ts";
import { type RawEntry, rawTgz } from "../../support/tar-builder.ts";

const dir = mkdtempSync(path.join(tmpdir(), "repave-stemcell-"));
after(() => rmSync(dir, { recursive: true }));
const store = new LocalBlobstore(path.join(dir, "cache", "blobs"));
const operation = { services: { blobs: store }, signal: new AbortController().signal, status: () => undefined } as unknown as Operation;
const sha1 = (content: Uint8Array) => createHash("sha1").update(content).digest("hex");

const disk = rawTgz([{ name: "root.img", content: "a bootable disk" }]);
const facts = {
  name: "bosh-openstack-kvm-ubuntu-noble",
  version: "1.484",
  bosh_protocol: 1,
  sha1: sha1(disk),
  operating_system: "ubuntu-noble",
  cloud_properties: { infrastructure: "openstack", hypervisor: "kvm", disk: 5120, disk_format: "qcow2", architecture: "x86_64", auto_disk_config: true },
};

let made = 0;
function tarball(manifest: object = facts, image: Uint8Array = disk, entries?: RawEntry[]): string {
  const file = path.join(dir, `stemcell-${made++}.tgz`);
  writeFileSync(file, rawTgz(entries ?? [{ name: "stemcell.MF", content: JSON.stringify(manifest) }, { name: "packages.txt", content: "" }, { name: "image", content: image }]));
  return file;
}

const inputs = (url: string, more: Partial<StemcellImageInputs> = {}): StemcellImageInputs => stemcellImageKind.schema.parse({ os: "ubuntu-noble", version: "1.484", infrastructure: "openstack", url, ...more });
const create = (url: string, more: Partial<StemcellImageInputs> = {}) => stemcellImageKind.create(inputs(url, more), operation);

test("a heavy stemcell's disk is unpacked once, and goes with the resource", async () => {
  const { state } = await create(tarball());
  assert.equal(readFileSync(state.file, "utf8"), "a bootable disk");
  assert.deepEqual([path.basename(state.file), state.diskFormat, state.cloudProperties["disk"]], ["root.img", "qcow2", 5120]);
  assert.ok(state.file.startsWith(path.join(dir, "cache", "stemcells")));
  assert.equal((await create(tarball())).state.file, state.file);
  const whole = tarball();
  await create(whole, { digest: `sha256:${createHash("sha256").update(readFileSync(whole)).digest("hex")}` });
  await stemcellImageKind.delete!("x", state, operation);
  assert.ok(!existsSync(state.file));
});

test("another place of the tarball changes nothing, another digest does", async () => {
  const { state } = await create(tarball());
  const olds = inputs("a.tgz", { digest: "x" });
  const diff = (news: StemcellImageInputs) => stemcellImageKind.diff(state, news, olds, operation) as { replace: string[] };
  assert.deepEqual(diff(inputs("b.tgz", { digest: "x" })).replace, []);
  assert.deepEqual(diff(inputs("a.tgz", { digest: "y" })).replace, ["digest"]);
});

test("what is not the stemcell that is meant is refused, and nothing of it stays", async () => {
  rmSync(path.join(dir, "cache"), { recursive: true, force: true });
  const folders = rawTgz([{ name: "boot/root.img", content: "x" }]);
  const outside = rawTgz([{ name: "../root.img", content: "x" }]);
  const noDisk = rawTgz([{ name: "other.img", content: "x" }]);
  const bad: [string, () => Promise<unknown>, RegExp][] = [
    ["another OS", () => create(tarball({ ...facts, operating_system: "ubuntu-jammy" })), /it is ubuntu-jammy\/1\.484, not ubuntu-noble\/1\.484/],
    ["another IaaS", () => create(tarball({ ...facts, cloud_properties: { infrastructure: "vsphere" } })), /it is for vsphere, not openstack/],
    ["a light one", () => create(tarball(facts, new Uint8Array())), /light stemcell/],
    ["an image of another digest", () => create(tarball({ ...facts, sha1: sha1(Buffer.from("other")) })), /Image of Stemcell.*(sha1|digest)/i],
    ["an image with folders", () => create(tarball({ ...facts, sha1: sha1(folders) }, folders)), /'boot\/root\.img' lies in a folder/],
    ["an image that leads outside", () => create(tarball({ ...facts, sha1: sha1(outside) }, outside)), /refused/],
    ["an image without its disk", () => create(tarball({ ...facts, sha1: sha1(noDisk) }, noDisk)), /no root\.img/],
    ["no manifest", () => create(tarball(facts, disk, [{ name: "release.MF", content: "" }])), /is no stemcell: it has no stemcell\.MF/],
    ["no image", () => create(tarball(facts, disk, [{ name: "stemcell.MF", content: JSON.stringify(facts) }])), /is no stemcell: it has no image/],
    ["a manifest of another form", () => create(tarball({ name: "x" })), /stemcell\.MF of .*version.*sha1.*operating_system/],
    ["a tarball of another digest", () => create(tarball(), { digest: `sha256:${"0".repeat(64)}` }), /digest|sha256/i],
    ["no file", () => create(path.join(dir, "absent.tgz")), /absent\.tgz/],
  ];
  for (const [what, attempt, message] of bad) await assert.rejects(attempt(), message, what);
  const left = existsSync(path.join(dir, "cache", "stemcells")) ? readdirSync(path.join(dir, "cache", "stemcells")) : [];
  assert.equal(left.length, 1, "the image without its disk is the only one that was unpacked");
});
