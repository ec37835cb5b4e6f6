import { createHash } from "node:crypto";
import type { Plain, PlainMap } from "./values.ts";
import { hasUnknown } from "./values.ts";

const PREFIX = "held:sha256:";

/**
 * Keeps write-only inputs in memory between `check` and the operation that needs them: the engine, its
 * state file and its display only ever see a digest.
 */
export class WriteOnlyValues {
  readonly #values = new Map<string, Plain>();

  /** Replaces each named value by its digest. */
  hold(values: PlainMap, names: readonly string[]): PlainMap {
    const held = { ...values };
    for (const name of names) {
      const value = held[name];
      if (value === undefined || value === null || hasUnknown(value) || isHeld(value)) continue;
      held[name] = this.keep(value);
    }
    return held;
  }

  /** The digest that stands for the value from now on. */
  keep(value: Plain): string {
    const digest = PREFIX + createHash("sha256").update(JSON.stringify(value)).digest("hex");
    this.#values.set(digest, value);
    return digest;
  }

  /** Puts the values back; a digest nobody checked in this process stays as it is. */
  release(values: PlainMap, names: readonly string[]): PlainMap {
    const released = { ...values };
    for (const name of names) {
      const value = released[name];
      if (typeof value === "string" && this.#values.has(value)) released[name] = this.#values.get(value) ?? null;
    }
    return released;
  }
}

export function isHeld(value: unknown): value is string {
  return typeof value === "string" && value.startsWith(PREFIX);
}
