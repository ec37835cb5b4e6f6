import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RepaveError, messageOf } from "../../director/core/errors.ts";
import { wrapError } from "../../director/core/wrap-error.ts";
import type { VariableSource } from "../../director/manifest/interpolation/evaluate.ts";
import { nestDotted, parseVariables, type VariableValues } from "../../director/variables/sources.ts";
import { emitYaml } from "../../director/yaml/emit.ts";
import { compareKeys } from "../../director/yaml/key-order.ts";
import type { YamlValue } from "../../director/yaml/value.ts";

/**
 * A vars store file in BOSH's format. Unlike BOSH's it is readable by its owner only, and replaced as a whole, so a crash
 * leaves the old one or the new one.
 */
export class VarsStore implements VariableSource {
  private readonly path: string;
  private readonly values: VariableValues;
  private readonly texts = new Map<string, string>();
  private writing: Promise<void> = Promise.resolve();
  private stale = false;
  private readonly unreadable: RepaveError | undefined;

  private constructor(path: string, values: VariableValues, unreadable?: RepaveError) {
    this.path = path;
    this.values = values;
    this.unreadable = unreadable;
  }

  /** Reads a store; a file that is not there is an empty store. @throws RepaveError `manifest.yaml*` or `credential.store`. */
  static async open(path: string): Promise<VarsStore> {
    let content: Uint8Array;
    try {
      content = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new VarsStore(path, new Map());
      throw new RepaveError("credential.store", `Reading variables file store '${path}': ${messageOf(error)}`);
    }
    try {
      return new VarsStore(path, parseVariables(content, { file: path }));
    } catch (error) {
      throw wrapError(error, `Deserializing variables file store '${path}'`);
    }
  }

  /** As `open`, but what is wrong with the file is thrown by whoever first needs it, and by nobody where flags have all values. */
  static async openWhenNeeded(path: string): Promise<VarsStore> {
    try {
      return await VarsStore.open(path);
    } catch (error) {
      if (error instanceof RepaveError) return new VarsStore(path, new Map(), error);
      throw error;
    }
  }

  find(name: string): YamlValue | undefined {
    return this.readable().get(name);
  }

  names(): Iterable<string> {
    return nestDotted(this.readable()).keys();
  }

  /** Adds a value and starts to write the file; writes that overlap become one. Await `written` for the outcome. */
  set(name: string, value: YamlValue): void {
    this.readable().set(name, value);
    this.texts.delete(name);
    if (this.stale) return;
    this.stale = true;
    this.writing = this.writing.then(() => this.write());
    // the outcome is reported by `written`
    this.writing.catch(() => undefined);
  }

  /** Resolves when everything that was set is on the disk. @throws RepaveError `credential.store`. */
  async written(): Promise<void> {
    await this.writing;
  }

  private readable(): VariableValues {
    if (this.unreadable !== undefined) throw this.unreadable;
    return this.values;
  }

  private async write(): Promise<void> {
    this.stale = false;
    const content = this.content();
    try {
      await replaceFile(this.path, content);
    } catch (error) {
      throw new RepaveError("credential.store", `Writing variables to file store '${this.path}': ${messageOf(error)}`);
    }
  }

  private content(): string {
    const names = [...this.values.keys()].sort(compareKeys);
    return names.map((name) => this.entry(name)).join("");
  }

  private entry(name: string): string {
    let text = this.texts.get(name);
    if (text === undefined) this.texts.set(name, (text = emitYaml(new Map([[name, this.values.get(name) as YamlValue]]))));
    return text;
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // behind a link the file is replaced, not the link
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
