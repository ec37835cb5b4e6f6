import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { LocalBlobstore, StoredBlob } from "./local.ts";

/** What tells one compiled package from another. */
export interface CompiledPackageKey {
  /** Package name: for people, and because the compiled files sit below it. */
  name: string;
  fingerprint: string;
  /** See `PackageGraph.dependencyKey`: equal only if all that went into it is equal. */
  dependencyKey: string;
  stemcell: { os: string; version: string };
}

const recordSchema = z.object({ name: z.string(), fingerprint: z.string(), dependencyKey: z.string(), os: z.string(), version: z.string(), digest: z.string(), size: z.number(), agentDigest: z.string() });

/** A compiled package in the store. */
export interface StoredCompiledPackage extends StoredBlob {
  /** The digest string the agent gave for it (SHA-1 or several), verified when it was stored. */
  agentDigest: string;
}

/**
 * Compiled packages on this machine, found again by what they were made of: fingerprint, dependencies and exact stemcell. Compiling again gives other bytes,
 * so what is there is always reused. Lives in a blobstore; several processes may use it.
 */
export class CompiledPackageCache {
  private readonly store: LocalBlobstore;

  constructor(store: LocalBlobstore) {
    this.store = store;
  }

  /** The compiled package, or undefined if it is not there, or its blob was removed or cut off. */
  async find(key: CompiledPackageKey): Promise<StoredCompiledPackage | undefined> {
    const text = await readFile(this.store.notePath(note(key)), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const record = recordSchema.safeParse(json(text));
    const same = record.success && record.data.name === key.name && record.data.fingerprint === key.fingerprint && record.data.dependencyKey === key.dependencyKey;
    if (!same || record.data.os !== key.stemcell.os || record.data.version !== key.stemcell.version) return undefined;
    const blob = await this.store.get(record.data.digest);
    return blob?.size === record.data.size ? { ...blob, agentDigest: record.data.agentDigest } : undefined;
  }

  /**
   * Stores what an agent compiled.
   *
   * @param agentDigest the digest the agent gave with it; other content is refused with `release.digest-mismatch`.
   */
  async add(key: CompiledPackageKey, content: Readable | Uint8Array, agentDigest: string): Promise<StoredCompiledPackage> {
    const blob = await this.store.put(content, { expected: agentDigest, noun: `Compiled package '${key.name}/${key.fingerprint}'` });
    const record: z.output<typeof recordSchema> = { name: key.name, fingerprint: key.fingerprint, dependencyKey: key.dependencyKey, os: key.stemcell.os, version: key.stemcell.version, digest: blob.digest, size: blob.size, agentDigest };
    await this.store.writeNote(note(key), `${JSON.stringify(record)}\n`);
    return { ...blob, agentDigest };
  }

  /** As `find`, but an absent package is the error `release.not-compiled`. */
  async get(key: CompiledPackageKey): Promise<StoredCompiledPackage> {
    const found = await this.find(key);
    if (found) return found;
    const stemcell = `${key.stemcell.os}/${key.stemcell.version}`;
    throw new RepaveError("release.not-compiled", `Package '${key.name}/${key.fingerprint}' is not compiled for stemcell '${stemcell}'`, { details: { package: key.name, fingerprint: key.fingerprint, stemcell } });
  }
}

function note(key: CompiledPackageKey): string {
  const hash = createHash("sha256").update(JSON.stringify([key.name, key.fingerprint, key.dependencyKey, key.stemcell.os, key.stemcell.version])).digest("hex");
  return `compiled/${hash}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
