import { createHash, createHmac, randomBytes } from "node:crypto";
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { writeJson } from "../../director/templates/json.ts";
import type { InstanceInput, JobInput } from "../../director/templates/renderer.ts";
import { toTemplateValue, type TemplateValue } from "../../director/templates/values.ts";
import { rendererVersion } from "./ruby-image.ts";

/** What the cache keeps of a render: digests, no content. */
export interface RenderDigests {
  configurationHash: string;
  templateHashes: Record<string, string>;
}

const entrySchema = z.object({ configurationHash: z.string(), templateHashes: z.record(z.string(), z.string()) });
const mostEntries = 20_000;

/**
 * Remembers, in a private folder, which digests an input rendered to, so that a run without changes need not start Ruby.
 * It keeps no secret: names are keyed hashes of the input (the key lies in the folder), contents are digests.
 */
export class DigestCache {
  private readonly dir: string;
  private key: Promise<Buffer> | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The digests of an input rendered before with the same Ruby and the same context code, or undefined. */
  async get(input: InstanceInput): Promise<RenderDigests | undefined> {
    const text = await readFile(await this.file(input), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return entrySchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async put(input: InstanceInput, { configurationHash, templateHashes }: RenderDigests): Promise<void> {
    const file = await this.file(input);
    const staged = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    await writeFile(staged, JSON.stringify({ configurationHash, templateHashes }), { mode: 0o600 });
    await rename(staged, file);
  }

  /** Drops the entries that were written first, where there are more than enough. */
  async prune(most = mostEntries): Promise<void> {
    const names = (await readdir(this.dir).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name));
    if (names.length <= most) return;
    const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(path.join(this.dir, name))).mtimeMs })));
    aged.sort((a, b) => a.at - b.at);
    await Promise.all(aged.slice(0, names.length - most).map(({ name }) => rm(path.join(this.dir, name), { force: true })));
  }

  private async file(input: InstanceInput): Promise<string> {
    const [key, version] = await Promise.all([(this.key ??= this.readKey()), rendererVersion()]);
    return path.join(this.dir, createHmac("sha256", key).update(version).update(inputDigest(input)).digest("hex"));
  }

  private async readKey(): Promise<Buffer> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    await chmod(this.dir, 0o700);
    const file = path.join(this.dir, "key");
    const staged = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    await writeFile(staged, randomBytes(32), { mode: 0o600 });
    // The first of several processes wins, and nobody sees half a key.
    await link(staged, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await rm(staged, { force: true });
    return readFile(file);
  }
}

/** A digest over everything that decides the rendered bytes. */
function inputDigest(input: InstanceInput): Buffer {
  const hash = createHash("sha256");
  const add = (part: string | Uint8Array) => {
    const bytes = Buffer.from(part as string);
    hash.update(`${bytes.length}:`).update(bytes);
  };
  const addValue = (value: unknown) => add(writeJson(toTemplateValue(value)));
  addValue(input.context);
  addValue(input.dns);
  for (const job of input.jobs) addJob(job, add, addValue);
  return hash.digest();
}

function addJob(job: JobInput, add: (part: string | Uint8Array) => void, addValue: (value: unknown) => void): void {
  add(job.name);
  addValue([job.release, job.manifestProperties, job.links, job.provides]);
  addValue(job.properties.map(({ name, definition }): TemplateValue => [name, definition]));
  add(job.propertiesSchema ?? "");
  add(job.monit);
  for (const { src, dest, content } of job.templates) {
    add(src);
    add(dest);
    add(content);
  }
}
