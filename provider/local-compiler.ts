import { Readable } from "node:stream";
import { CompilerPool, type CompilerPoolOptions } from "./compilation.ts";
import { compileOn } from "./package-compiler.ts";
import type { PackageCompiler } from "./release/index.ts";
import { compilationSubnet } from "./resources/local-network.ts";

const ENVIRONMENT = "compilation";

export interface LocalCompiler extends PackageCompiler {
  /** Removes the VMs and their network. */
  close(): Promise<void>;
}

/** Compiles packages on VMs of this machine, in a local environment that exists only for that. */
export async function localCompiler(options: CompilerPoolOptions & { compilers: number; say(text: string): void }): Promise<LocalCompiler> {
  const iaas = options.local(ENVIRONMENT);
  await iaas.ensureNetwork({ name: "default", subnets: [compilationSubnet] });
  const pool = new CompilerPool(options, ENVIRONMENT, options.compilers);
  return {
    async compile(request, signal = new AbortController().signal) {
      const dependencies = request.dependencies.map((d) => ({ name: d.name, version: d.version, file: d.compiled.path, digest: d.compiled.digest }));
      const made = await pool.use({ status: options.say, signal }, (compiler) => compileOn(compiler.agent, { name: request.name, version: request.version, source: request.source, dependencies }));
      return { content: Readable.from([made.content]), digest: made.digest };
    },
    async close() {
      await pool.close();
      await iaas.destroy();
    },
  };
}
