import { existsSync, mkdirSync, openSync, closeSync } from "node:fs";
import path from "node:path";
import type { PackageRef } from "../../director/protocol/index.ts";
import type { BlobStore } from "../blob-store.ts";
import { remove } from "../files.ts";
import type { Layout } from "../layout.ts";
import { runCommand } from "../run-command.ts";
import type { Applier } from "./applier.ts";
import { isPlainTar, pack, unpack } from "./archive.ts";
import { readTail } from "./tail.ts";

const TAIL_BYTES = 10 * 1024;

export interface CompileRequest {
  source: { blobstoreId: string; digest: string };
  name: string;
  version: string;
  deps: PackageRef[];
}

/** Compiles one package. Every package of the VM is removed before and after, so it must never run beside jobs. */
export async function compile(
  request: CompileRequest,
  { layout, blobs, applier }: { layout: Layout; blobs: BlobStore; applier: Applier },
): Promise<{ id: string; sha1: string }> {
  applier.removeAllPackages();
  for (const dep of request.deps) await applier.installPackage(dep);
  const bundle = applier.packages.at(request.name, request.version);
  const compileDir = path.join(layout.compile, request.name);
  const result = path.join(layout.ownTmp, `compiled-${request.name}.tgz`);
  try {
    const { blobstoreId, digest } = request.source;
    const source = await blobs.fetch(blobstoreId, digest).catch((error: unknown) => {
      throw new Error(`Fetching package ${request.name}: Fetching package blob ${blobstoreId}: ${error instanceof Error ? error.message : String(error)}`);
    });
    remove(compileDir);
    mkdirSync(compileDir, { recursive: true, mode: 0o755 });
    await unpack(source, compileDir);
    applier.packages.makeEmpty(bundle);
    applier.packages.enable(bundle, layout.packages);
    if (existsSync(path.join(compileDir, "packaging"))) {
      await runPackaging(request, compileDir, layout);
    }
    await pack(bundle.path, result, { compress: !isPlainTar(source) });
    const blob = await blobs.adopt(result);
    applier.packages.uninstall(bundle, layout.packages);
    applier.removeAllPackages();
    return blob;
  } finally {
    remove(compileDir);
    remove(result);
  }
}

async function runPackaging(request: CompileRequest, compileDir: string, layout: Layout): Promise<void> {
  const logs = path.join(layout.logs, "compilation");
  remove(logs);
  mkdirSync(logs, { recursive: true, mode: 0o750 });
  const files = { stdout: path.join(logs, "packaging.stdout.log"), stderr: path.join(logs, "packaging.stderr.log") };
  const output = { stdout: openSync(files.stdout, "w", 0o640), stderr: openSync(files.stderr, "w", 0o640) };
  try {
    const { exitCode } = await runCommand("bash", ["-x", "packaging"], {
      cwd: compileDir,
      output,
      env: {
        ...process.env,
        PATH: `${path.join(layout.bosh, "bin")}:${process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin"}`,
        BOSH_COMPILE_TARGET: compileDir,
        BOSH_INSTALL_TARGET: path.join(layout.packages, request.name),
        BOSH_PACKAGE_NAME: request.name,
        BOSH_PACKAGE_VERSION: request.version,
      },
    });
    if (exitCode === 0) return;
    const [out, err] = [readTail(files.stdout, TAIL_BYTES), readTail(files.stderr, TAIL_BYTES)];
    throw new Error(
      `Running packaging script: Running packaging script: Command exited with ${exitCode}; ` +
        `${out.cut ? "Truncated stdout" : "Stdout"}: ${out.text}, ${err.cut ? "Truncated stderr" : "Stderr"}: ${err.text}`,
    );
  } finally {
    closeSync(output.stdout);
    closeSync(output.stderr);
  }
}
