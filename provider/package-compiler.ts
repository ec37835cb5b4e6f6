import type { AgentClient } from "./agent/index.ts";
import { newBlobId } from "./agent/index.ts";
import type { PackageRef } from "../director/protocol/index.ts";

export interface PackageToCompile {
  name: string;
  version: string;
  source: { path: string; digest: string };
  /** Direct dependencies, compiled. */
  dependencies: readonly { name: string; version: string; file: string; digest: string }[];
}

/** Compiles one package on a VM without jobs and takes all blobs away again. */
export async function compileOn(agent: AgentClient, wanted: PackageToCompile): Promise<{ content: Buffer; digest: string }> {
  const sent: string[] = [];
  const send = async (file: string): Promise<string> => {
    const id = newBlobId();
    sent.push(id);
    await agent.putBlob(id, { file });
    return id;
  };
  const dependencies: Record<string, PackageRef> = {};
  for (const d of wanted.dependencies) dependencies[d.name] = { name: d.name, version: d.version, sha1: d.digest, blobstore_id: await send(d.file) };
  const source = { blobstore_id: await send(wanted.source.path), sha1: wanted.source.digest };
  const made = await agent.compilePackage({ source, name: wanted.name, version: wanted.version, dependencies });
  const content = await agent.readBlob(made.blobstore_id);
  await agent.removeBlobs([...sent, made.blobstore_id]);
  return { content, digest: made.sha1 };
}
