import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { AgentClient } from "../../provider/agent/index.ts";
import type { ApplySpec } from "../../director/protocol/index.ts";

/** A tar of `files` (path to content), gzip-compressed unless told otherwise. */
export async function tarOf(files: Record<string, string>, options: { gzip?: boolean } = {}): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode: 0o644 }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const plain = Buffer.concat(chunks);
  return options.gzip === false ? plain : gzipSync(plain);
}

export function sha(algorithm: string, content: string | Buffer): string {
  return createHash(algorithm).update(content).digest("hex");
}

export interface TestPackage {
  name: string;
  version?: string;
  files: Record<string, string>;
  /** Of the digest that the spec carries. */
  algorithm?: "sha1" | "sha256";
}

/** Uploads jobs (job to files) and packages, and returns the spec that names them. */
export async function uploadSpec(
  client: AgentClient,
  options: { jobs?: Record<string, Record<string, string>>; packages?: TestPackage[]; id?: string; spec?: Partial<ApplySpec> },
): Promise<ApplySpec> {
  const { jobs = {}, packages = [], id = "templates" } = options;
  const archive = await tarOf(
    Object.fromEntries(Object.entries(jobs).flatMap(([job, files]) => Object.entries(files).map(([file, content]) => [`./${job}/${file}`, content]))),
  );
  await client.putBlob(id, archive);
  const refs: ApplySpec["packages"] = {};
  for (const { name, version = "1", files, algorithm = "sha1" } of packages) {
    const tgz = await tarOf(Object.fromEntries(Object.entries(files).map(([file, content]) => [`./${file}`, content])));
    await client.putBlob(`pkg-${name}`, tgz);
    const digest = sha(algorithm, tgz);
    refs[name] = { name, version, blobstore_id: `pkg-${name}`, sha1: algorithm === "sha1" ? digest : `${algorithm}:${digest}` };
  }
  const names = Object.keys(jobs);
  return {
    deployment: "dep",
    name: "group",
    index: 0,
    id: "instance-id",
    az: "z1",
    job: { name: "group", template: names[0] ?? "", version: "1", templates: names.map((name) => ({ name, version: "1" })) },
    packages: refs,
    networks: { default: { ip: "127.0.0.1", netmask: "255.0.0.0", gateway: "127.0.0.1" } },
    resource_pool: {},
    persistent_disk: 0,
    configuration_hash: sha("sha1", archive),
    rendered_templates_archive: { blobstore_id: id, sha1: sha("sha1", archive) },
    properties: { logging: { max_log_file_size: "" } },
    ...options.spec,
  };
}
