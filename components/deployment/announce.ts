import type { EffectiveManifest, VariableFacts } from "./effective-manifest.ts";

/** What a program asks for, told to the command that runs it. */
export interface AnnouncedManifest {
  /** Of the component. */
  name: string;
  /** What the program says. */
  written: EffectiveManifest;
  /** What an update would deploy: an earlier one after a rollback. */
  effective: EffectiveManifest;
  variables: VariableFacts[];
}

type Listener = (manifest: AnnouncedManifest) => void;

/** Process-wide, not a module's own: command line and program may load two copies of this package. */
const KEY = Symbol.for("repave.manifest-listener");
const shared = globalThis as { [KEY]?: Listener | undefined };

export function announceManifest(manifest: AnnouncedManifest): void {
  shared[KEY]?.(manifest);
}

/** Hears of the manifests of a program that runs in this process while `work` goes on. */
export async function hearManifests<T>(listener: Listener, work: () => Promise<T>): Promise<T> {
  shared[KEY] = listener;
  try {
    return await work();
  } finally {
    shared[KEY] = undefined;
  }
}
