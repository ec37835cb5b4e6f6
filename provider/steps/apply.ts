import { newBlobId } from "../agent/index.ts";
import { instanceName } from "../resources/instance-name.ts";
import { applySpec, blobId, type Run } from "./run.ts";

/** Installs packages and templates while the old jobs still run. */
export async function prepare(run: Run): Promise<void> {
  run.operation.status(`${run.label} downloading packages`);
  await uploadPackages(run);
  await withTemplates(run, (archive) => run.agent.prepare({ ...applySpec(run), rendered_templates_archive: archive }));
}

/** Makes packages and templates current. */
export async function apply(run: Run): Promise<void> {
  run.operation.status(`${run.label} applying jobs`);
  await withTemplates(run, (archive) => run.agent.apply({ ...applySpec(run), rendered_templates_archive: archive }));
  // Unpacked by now, and nothing else on the VM ever deletes them.
  await run.agent.removeBlobs(run.instance.packages.map((p) => blobId(p.blob)));
}

async function uploadPackages({ agent, instance, operation }: Run): Promise<void> {
  const state = await agent.getState();
  const installed = state.configuration_hash ? state.packages : {};
  for (const p of instance.packages) {
    if (installed[p.name]?.sha1 === p.digest) continue;
    const blob = await operation.services.blobs.get(p.blob);
    if (blob) await agent.putBlob(blobId(p.blob), { file: blob.path });
  }
}

/** The agent deletes the archive after each use, so each use gets its own. It holds secrets: it goes inside the request. */
async function withTemplates({ agent, instance, operation }: Run, use: (archive: { blobstore_id: string; sha1: string }) => Promise<void>): Promise<void> {
  if (instance.jobs.length === 0) return use({ blobstore_id: "", sha1: "" });
  const archive = await operation.services.rendering.archive(instanceName(instance), instance.configurationHash, operation.signal);
  const id = newBlobId();
  await agent.uploadSecretBlob({ id, content: archive.bytes, digest: archive.sha1 });
  await use({ blobstore_id: id, sha1: archive.sha1 });
}
